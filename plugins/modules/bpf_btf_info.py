#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_btf_info
short_description: List the BTF objects of a host
version_added: 0.1.0
description:
  - Lists the BPF Type Format objects of the kernel, its modules and the loaded programs, as C(bpftool btf show) does
    and with the same keys.
  - The kernel can list them since Linux 5.4.
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
      description: Processes that hold it by a descriptor.
      returned: O(include) has V(pids)
      type: list
      elements: dict
      sample: [{comm: cilium-agent, pid: 812}]
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
"""

from ..module_utils._module.btfs import INCLUDE, read
from ..module_utils._module.listing import run_listing


def main() -> None:
    run_listing("btfs", read, INCLUDE, ("id", "name", "required"))


if __name__ == "__main__":
    main()
