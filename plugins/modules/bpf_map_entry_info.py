#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_map_entry_info
short_description: Read entries of a BPF map
version_added: 0.1.0
description:
  - Reads entries of one BPF map, as typed values where the map has BTF.
  - Reads all of them up to O(limit), the one of O(key), those that meet O(where), or those behind O(next_after).
  - The map is opened for reading only. What a task gets out of this module a task that writes entries takes as it is.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.map_content
options:
  key:
    description:
      - Only the entry with this key, in the form of O(key_format). It is no error if there is none.
      - In an LPM trie it is the entry of exactly this prefix, not the longest one that covers it.
      - >-
        Local storage cannot be listed, and its key names the object that an entry belongs to: C({pid: 812}) for
        C(task_storage), C({path: /etc/hosts}) for C(inode_storage), C({cgroup: /sys/fs/cgroup/system.slice}) for
        C(cgrp_storage), C({pid: 812, fd: 5}) for C(sk_storage), there without C(fd) for all sockets of the process.
    type: raw
  key_raw:
    description:
      - The same key in hexadecimal, whatever O(key_format) is.
    type: str
  next_after:
    description:
      - Only entries behind this key, in the order of the kernel. RV(next_after) of one task is what the next one takes.
      - A key that is not in a hash any more has no place in it. The task fails then.
    type: raw
  next_after_raw:
    description:
      - The same key in hexadecimal, as RV(next_after_raw) tells it.
    type: str
  value:
    description:
      - Ask a C(bloom_filter) whether it may hold this value, in the form of O(value_format).
    type: raw
  limit:
    description:
      - How many entries to return at most. M(ebpf.fleet.bpf_map_dump) is for large maps.
      - Costs on the controller grow with the number of entries, by about a second for 10,000 of them.
    type: int
    default: 1000
  where:
    description:
      - Conditions that an entry has to meet, all of them. They are judged on the target, and the rest of an entry is
        not decoded for it.
      - An entry of a per-CPU map meets a condition on its value if the value of one CPU does.
    type: list
    elements: dict
    default: []
    suboptions:
      field:
        description:
          - V(key) or V(value) as a whole, or with BTF a field of it such as V(key.saddr) or V(value.ports[0]).
        type: str
        required: true
      op:
        description:
          - How to compare. V(lt), V(le), V(gt) and V(ge) are for numbers, V(in) and V(not_in) for a list of values, and
            V(contains) for text within text and elements within lists.
        type: str
        choices: [eq, ne, lt, le, gt, ge, in, not_in, contains]
        default: eq
      value:
        description:
          - What to compare with, in the form that the result shows. Constants of an enum have their names.
        type: raw
        required: true
  recurse:
    description:
      - Of a map of maps, also read the maps in it, with O(limit) entries in all of them together.
    type: bool
    default: false
seealso:
  - module: ebpf.fleet.bpf_map_dump
  - module: ebpf.fleet.bpf_map_info
"""

EXAMPLES = r"""
- name: Read a map by its pin
  ebpf.fleet.bpf_map_entry_info:
    pinned: /sys/fs/bpf/example/table
  register: table

- name: Look up one entry
  ebpf.fleet.bpf_map_entry_info:
    pinned: /sys/fs/bpf/example/table
    key: 7

- name: Find the entries with a large value
  ebpf.fleet.bpf_map_entry_info:
    pinned: /sys/fs/bpf/example/table
    where:
      - field: value
        op: ge
        value: 1000

- name: Show keys and values as bytes
  ebpf.fleet.bpf_map_entry_info:
    pinned: /sys/fs/bpf/example/table
    key_format: hex
    value_format: hex
"""

RETURN = r"""
map:
  description: The map that was read.
  returned: success
  type: dict
  contains:
    id:
      description: Id of the map until the next reboot.
      type: int
      sample: 18
    type:
      description: Type of the map.
      type: str
      sample: hash
    name:
      description: Name given by the loader.
      type: str
      sample: table
    bytes_key:
      description: Size of a key.
      type: int
      sample: 4
    bytes_value:
      description: Size of a value.
      type: int
      sample: 8
    max_entries:
      description: Entries it has room for.
      type: int
      sample: 1024
entries:
  description: The entries, in the order of the kernel.
  returned: success
  type: list
  elements: dict
  contains:
    key:
      description: The key. It is V(null) in a map without keys.
      type: raw
      sample: {saddr: 167772161, port: 443}
    key_raw:
      description: The bytes of the key, where RV(entries[].key) does not say all of them.
      returned: when the key encodes to other bytes
      type: str
      sample: 01 00 00 00 2a 00 00 00
    value:
      description:
        - >-
          The value. It is C({id: ...}) of the program or map in a map of those.
      returned: except for per-CPU maps
      type: raw
      sample: {packets: 12, bytes: 9000}
    value_raw:
      description: The bytes of the value, where RV(entries[].value) does not say all of them.
      returned: when the value encodes to other bytes
      type: str
      sample: 65 74 68 30 00 ff 00 00
    per_cpu:
      description: One value for each CPU that the machine may ever have, with C(cpu), C(value) and maybe C(value_raw).
      returned: for per-CPU maps
      type: list
      elements: dict
      sample: [{cpu: 0, value: 12}, {cpu: 1, value: 3}]
    inner:
      description: The inner map with its C(entries) and C(complete). It is V(null) if the map is gone.
      returned: with O(recurse) for maps of maps
      type: dict
    member:
      description: Whether the value may be in the bloom filter. V(false) is certain.
      returned: with O(value)
      type: bool
      sample: true
complete:
  description:
    - Whether these are all entries that were asked for, as far as others that write meanwhile allow.
    - It is V(false) for a C(queue) or C(stack) that is not empty, since only the next value can be looked at.
  returned: success
  type: bool
  sample: true
next_after:
  description: The last key of the result, to go on behind. It is V(null) if nothing is left.
  returned: success
  type: raw
  sample: null
next_after_raw:
  description: Its bytes, where RV(next_after) does not say all of them. Take these then.
  returned: when the key encodes to other bytes
  type: str
  sample: 01 00 00 00 2a 00 00 00
near_matches:
  description: Up to five maps that come close to the selectors when nothing matched.
  returned: when the map is not found
  type: list
  elements: dict
  sample: []
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: BPF_MAP_GET_FD_BY_ID, errno: 1, name: EPERM, hint: "The process lacks CAP_SYS_ADMIN: run with become."}
"""

from ..module_utils._module.map_entry_info import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
