#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_btf_info
short_description: List the BTF objects of a host, or show the types in one
version_added: 0.1.0
description:
  - Lists the BPF Type Format objects of the kernel, its modules and the loaded programs, as C(bpftool btf show) does
    and with the same keys.
  - The kernel can list them since Linux 5.4.
  - Shows the types in one of them, or in a file, as C or in the words of C(bpftool btf dump).
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
options:
  id:
    description:
      - Only the object with this id.
    type: int
  name:
    description:
      - Only the object with this name, V(vmlinux) or that of a module. BTF of programs has none.
    type: str
  program:
    description:
      - Only the BTF that this program was loaded with.
    type: dict
    suboptions:
      id:
        description:
          - Id of the program.
        type: int
      name:
        description:
          - Name of the program, that of the kernel or the whole one.
        type: str
      tag:
        description:
          - Tag of the program.
        type: str
      pinned:
        description:
          - Path of a pin of the program.
        type: path
  map:
    description:
      - Only the BTF that describes keys and values of this map.
    type: dict
    suboptions:
      id:
        description:
          - Id of the map.
        type: int
      name:
        description:
          - Name of the map.
        type: str
      pinned:
        description:
          - Path of a pin of the map.
        type: path
  file:
    description:
      - A file on the target in the place of the objects of the kernel. Raw BTF, or an ELF file with a C(.BTF) section,
        such as an object file of clang, a kernel with debug information, or a module.
    type: path
  base:
    description:
      - The file with the BTF that the split BTF in O(file) goes on from. Files in C(/sys/kernel/btf) are based on
        C(/sys/kernel/btf/vmlinux) without being told so; modules of Linux 6.11 and later bring their base.
    type: path
  dump:
    description:
      - Show the types of the one BTF object that was selected.
      - V(c) is a header that declares all of them, for C(clang -target bpf), with the layout that they have in the
        kernel. It can be used in the place of the C(vmlinux.h) that bpftool writes.
      - V(raw) is the JSON of C(bpftool -j btf dump).
    type: str
    choices: [raw, c]
  types:
    description:
      - Only these types and what their values are made of. Types are named as in C(struct sock), or by the name alone.
      - In the dump V(raw), what they only point to is left out.
    type: list
    elements: str
  compress:
    description:
      - Return the dump as gzip in Base64. The types of a kernel are 3 MB of C and 18 MB of JSON.
      - Without it, a dump of more than 8 MiB is an error.
    type: bool
    default: false
  required:
    description:
      - Fail where nothing matches, instead of returning an empty list.
    type: bool
    default: false
  include:
    description:
      - Columns that cost more than one look. V(pids) walks the descriptors of every process.
    type: list
    elements: str
    choices: [pids]
    default: []
seealso:
  - module: ebpf.fleet.bpf_prog_info
  - module: ebpf.fleet.bpf_map_info
"""

EXAMPLES = r"""
- name: List all BTF objects with the programs and maps that use them
  ebpf.fleet.bpf_btf_info:
  register: bpf

- name: Make sure that the kernel brings its own BTF
  ebpf.fleet.bpf_btf_info:
    name: vmlinux
    required: true

- name: Show one struct of the kernel and what it needs
  ebpf.fleet.bpf_btf_info:
    name: vmlinux
    dump: c
    types: [struct bpf_map_info]
  register: header

- name: Show the types of a program
  ebpf.fleet.bpf_btf_info:
    program:
      name: balancer
    dump: raw

- name: Show the types of an object file
  ebpf.fleet.bpf_btf_info:
    file: /usr/lib/bpf/balancer.bpf.o
    dump: c
"""

RETURN = r"""
btfs:
  description: One record a BTF object, in ascending order of ids.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id of the object until the next reboot.
      type: int
      sample: 60
    size:
      description: Size of the BTF in bytes.
      type: int
      sample: 12243
    kernel:
      description: Whether it belongs to the kernel or a module (Linux 5.11).
      type: bool
      sample: false
    name:
      description: C(vmlinux) or the module. Empty for programs (Linux 5.11).
      type: str
      sample: vmlinux
    prog_ids:
      description: Programs that use it.
      type: list
      elements: int
      sample: [72]
    map_ids:
      description: Maps that use it.
      type: list
      elements: int
      sample: [126, 130]
    pids:
      description:
        - Processes that hold it by a descriptor.
        - V(null) where none is seen and not all processes can be, as in a container with its own PID namespace.
      returned: O(include) has V(pids)
      type: list
      elements: dict
      sample: [{comm: cilium-agent, pid: 812}]
    file:
      description: The file that was read. All that only the kernel could tell is V(null) then.
      returned: O(file) is given
      type: str
      sample: /usr/lib/bpf/balancer.bpf.o
    dump:
      description: The types as text, or as gzip in Base64 with O(compress).
      returned: O(dump) is given
      type: str
      sample: '{"types":[{"id":1,"kind":"PTR","name":"(anon)","type_id":0}]}'
    unavailable:
      description: Why keys are V(null) that the kernel did not tell.
      returned: when something is missing
      type: dict
      sample: {name: unsupported}
near_matches:
  description: Up to five objects that come close to the selectors when nothing matched.
  returned: success
  type: list
  elements: dict
  sample: []
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: BPF_BTF_GET_NEXT_ID, errno: 1, name: EPERM, hint: "The process lacks CAP_SYS_ADMIN: run with become."}
"""

from ..module_utils._module.btf_dump import OPTIONS, RULES, read
from ..module_utils._module.btfs import INCLUDE
from ..module_utils._module.listing import run_listing


def main() -> None:
    run_listing("btfs", read, INCLUDE, ("id", "name", "required"), OPTIONS, RULES)


if __name__ == "__main__":
    main()
