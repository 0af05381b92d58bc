#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_map_info
short_description: List the BPF maps of a host
version_added: 0.1.0
description:
  - Lists the BPF maps that exist, as C(bpftool map show) does and with the same keys, and tells what C(bpftool) leaves
    out.
  - Maps are opened for reading only. Their contents are not touched, and only read for the column V(fill).
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.select
  - ebpf.fleet.select.name
  - ebpf.fleet.select.pinned
options:
  include:
    description:
      - Columns that cost more than one look at the map. Not asked for, they are not in the result.
      - V(pinned) walks every BPF file system, V(pids) walks the descriptors of every process.
      - V(fill) reads the contents of the maps, for up to 50 ms and 16 MiB each.
    type: list
    elements: str
    choices: [pinned, pids, fill]
    default: []
seealso:
  - module: ebpf.fleet.bpf_map
  - module: ebpf.fleet.bpf_prog_info
  - module: ebpf.fleet.bpf_facts
"""

EXAMPLES = r"""
- name: List all maps
  ebpf.fleet.bpf_map_info:
  register: bpf

- name: Tell how many entries the hashes have
  ebpf.fleet.bpf_map_info:
    type: hash
    include: [fill]
  register: bpf

- name: Show the largest maps and who holds them
  ebpf.fleet.bpf_map_info:
    include: [pids, pinned]
  register: bpf

- name: Name the ten maps that take the most memory
  ansible.builtin.debug:
    msg: "{{ (bpf.maps | sort(attribute='bytes_memlock', reverse=true))[:10] | map(attribute='name') | list }}"
"""

RETURN = r"""
maps:
  description: One record a map, in ascending order of ids.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id of the map until the next reboot.
      type: int
      sample: 18
    type:
      description: Type of the map; a number as a string where it is newer than this collection.
      type: str
      sample: lru_hash
    name:
      description: Name given by the loader. The kernel keeps 15 characters.
      type: str
      sample: cilium_ct4_glob
    flags:
      description: Flags it was created with.
      type: int
      sample: 1
    flag_names:
      description: The same flags by name.
      type: list
      elements: str
      sample: [no_prealloc]
    bytes_key:
      description: Size of a key.
      type: int
      sample: 20
    bytes_value:
      description: Size of a value.
      type: int
      sample: 112
    max_entries:
      description: Entries it has room for.
      type: int
      sample: 65535
    bytes_memlock:
      description: Memory charged for it. Exact from about Linux 6.4 and an estimate before.
      type: int
      sample: 13111296
    owner_prog_type:
      description: Type of the programs that a C(prog_array) calls.
      type: str
      sample: sched_cls
    owner_jited:
      description: Whether those programs are compiled to machine code.
      type: bool
      sample: true
    frozen:
      description: Whether user space may not write to it any more (Linux 5.2).
      type: bool
      sample: false
    dev:
      description: The network device a map is bound to.
      type: dict
      sample: null
    btf_id:
      description: Id of its BTF.
      type: int
      sample: 60
    btf_key_type_id:
      description: BTF type of a key.
      type: int
      sample: 12
    btf_value_type_id:
      description: BTF type of a value.
      type: int
      sample: 15
    btf_vmlinux_value_type_id:
      description: BTF type of a C(struct_ops) value in the kernel's own BTF (Linux 5.6).
      type: int
      sample: null
    btf_vmlinux_id:
      description: The kernel BTF object that type belongs to (Linux 6.9).
      type: int
      sample: null
    map_extra:
      description: Number whose meaning depends on the type, such as the hashes of a bloom filter (Linux 5.16).
      type: int
      sample: 0
    pinned:
      description: Paths it is pinned at.
      returned: O(include) has V(pinned)
      type: list
      elements: str
      sample: [/sys/fs/bpf/example/table]
    pids:
      description:
        - Processes that hold it by a descriptor.
        - V(null) where none is seen and not all processes can be, as in a container with its own PID namespace.
      returned: O(include) has V(pids)
      type: list
      elements: dict
      sample: [{comm: cilium-agent, pid: 812}]
    fill:
      description:
        - How many entries it has. Every index of an C(array) is one, always.
        - An LRU map fills up and then gives up its oldest entries. That it is full says nothing about pressure.
        - It is V(null) for types that cannot be counted, with the reason in RV(maps[].unavailable).
      returned: O(include) has V(fill)
      type: dict
      contains:
        count:
          description: Number of entries.
          type: int
          sample: 51200
        method:
          description:
            - V(exact) is a count of all of them.
            - V(sampled) is an estimate for hashes with room for more than 65,536 entries, from random parts of them.
            - V(at_least) is a count that came to the end of its budget.
          type: str
          sample: sampled
        error:
          description:
            - Of an estimate, how far it may be off, 19 times out of 20. It is 0 for a count of all and V(null) for a
              lower bound.
          type: int
          sample: 800
    unavailable:
      description: Why keys are V(null) that the kernel did not tell.
      returned: when something is missing
      type: dict
      sample: {map_extra: unsupported}
near_matches:
  description: Up to five maps that come close to the selectors when nothing matched.
  returned: success
  type: list
  elements: dict
  sample: []
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: BPF_MAP_GET_NEXT_ID, errno: 1, name: EPERM, hint: "The process lacks CAP_SYS_ADMIN: run with become."}
"""

from ..module_utils._module.listing import run_listing
from ..module_utils._module.map_info import INCLUDE, read


def main() -> None:
    run_listing("maps", read, INCLUDE, ("id", "name", "pinned", "type", "required"))


if __name__ == "__main__":
    main()
