# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """One map, and the forms of its keys and values; the options of plugins/module_utils/_module/map_reading.py."""

    DOCUMENTATION = r"""
options:
  id:
    description:
      - The map with this id. Ids are given out by the running kernel and mean nothing after a reboot.
    type: int
  name:
    description:
      - The map with this name, exactly. The task fails if there are several.
    type: str
  pinned:
    description:
      - The map that is pinned at this path.
    type: path
  key_format:
    description:
      - The form of keys.
      - V(auto) is V(btf) where the map has BTF, else V(hex).
      - V(btf) is numbers, text, lists and dicts as the BTF type of the key says.
      - V(hex) is C(0a 66 00 00).
      - V(u8) to V(s64) are integers in O(byte_order), a list of them where several fit. Text with a decimal or C(0x)
        number is taken too.
      - V(string) is text up to the first NUL, with C(\xNN) for what does not print.
      - V(ipv4) and V(ipv6) are addresses, V(mac) is C(0a:66:00:00:00:01).
      - V(cidr) is C(192.0.2.0/24), for keys of an LPM trie.
      - Forms that are text take nothing but text. Quote what YAML would take for a number.
    type: str
    choices: [auto, btf, hex, base64, u8, u16, u32, u64, s8, s16, s32, s64, string, ipv4, ipv6, mac, cidr]
    default: auto
  value_format:
    description:
      - The form of values, as O(key_format).
      - V(auto) is also what the kernel itself keeps in some types, C({id}) in C(prog_array) and maps of maps,
        C({ifindex, prog_id}) in C(devmap), C({qsize, prog_id}) in C(cpumap), C({cookie}) of sockets, and addresses in
        C(stack_trace).
    type: str
    choices: [auto, btf, hex, base64, u8, u16, u32, u64, s8, s16, s32, s64, string, ipv4, ipv6, mac, cidr]
    default: auto
  byte_order:
    description:
      - The byte order of the forms V(u16) to V(s64). V(big) is that of the network.
    type: str
    choices: [native, little, big]
    default: native
notes:
  - Exactly one of O(id), O(name) and O(pinned) names the map.
  - O(id) and O(name) need C(CAP_SYS_ADMIN), so normally C(become). A pin is opened with the permissions of its file
    alone.
  - What is read is no snapshot. An entry that is moved while others write may be missing, none is told twice.
"""
