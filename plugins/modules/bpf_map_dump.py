#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_map_dump
short_description: Write the contents of a BPF map to a file
version_added: 0.1.0
description:
  - Writes all entries of one BPF map to a file on the target, as JSON Lines. A line is one entry, with the keys that
    M(ebpf.fleet.bpf_map_entry_info) returns.
  - Maps of any size are written with little memory, and in batches where the kernel has them.
  - The map is opened for reading only.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ansible.builtin.files
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.map_content
attributes:
  check_mode:
    support: full
    details:
      - Reads the map to tell whether the file would change, and writes nothing.
  diff_mode:
    support: full
    details:
      - Shows the digests of the file.
options:
  dest:
    description:
      - The file to write on the target. Its directory has to be there.
      - The file is replaced in one step, and only if its content is another. A new one has mode C(0600) unless O(mode)
        says otherwise, since maps may hold anything.
    type: path
    required: true
  gzip:
    description:
      - Whether to compress the file. Equal contents make equal files.
    type: bool
    default: false
notes:
  - Entries are in the order of the kernel. A hash that was filled anew has another one, and so another digest.
seealso:
  - module: ebpf.fleet.bpf_map_entry_info
  - module: ebpf.fleet.bpf_map_info
"""

EXAMPLES = r"""
- name: Keep the contents of a map
  ebpf.fleet.bpf_map_dump:
    pinned: /sys/fs/bpf/example/table
    dest: /var/tmp/table.jsonl
  register: dump

- name: Keep them as bytes and compressed
  ebpf.fleet.bpf_map_dump:
    pinned: /sys/fs/bpf/example/table
    key_format: hex
    value_format: hex
    dest: /var/tmp/table.jsonl.gz
    gzip: true
"""

RETURN = r"""
dest:
  description: The file.
  returned: success
  type: str
  sample: /var/tmp/table.jsonl
count:
  description: How many entries it has.
  returned: success
  type: int
  sample: 100000
size:
  description: Size of the file in bytes.
  returned: success
  type: int
  sample: 4100000
sha256:
  description: SHA-256 of the file. In check mode that of the file as it would be.
  returned: success
  type: str
  sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
complete:
  description:
    - Whether these are all entries, as far as others that write meanwhile allow.
    - It is V(false) for a C(queue) or C(stack) that is not empty, since only the next value can be looked at.
  returned: success
  type: bool
  sample: true
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
      sample: 100000
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

from ..module_utils._module.map_dump import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
