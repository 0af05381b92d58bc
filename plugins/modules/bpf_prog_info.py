#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_prog_info
short_description: List the BPF programs of a host
version_added: 0.1.0
description:
  - Lists the BPF programs that are loaded, as C(bpftool prog show) does and with the same keys, and tells what
    C(bpftool) leaves out.
  - Asks the kernel itself. Nothing but Python is needed on the target.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.select
  - ebpf.fleet.select.name
  - ebpf.fleet.select.pinned
  - ebpf.fleet.select.tag
options:
  include:
    description:
      - Columns that cost more than one look at the program. Not asked for, they are not in the result.
      - V(pinned) walks every BPF file system, V(pids) walks the descriptors of every process, V(metadata) reads the
        C(bpf_metadata_) variables from the frozen data of each program.
    type: list
    elements: str
    choices: [pinned, pids, metadata]
    default: []
seealso:
  - module: ebpf.fleet.bpf_map_info
  - module: ebpf.fleet.bpf_link_info
  - module: ebpf.fleet.bpf_facts
"""

EXAMPLES = r"""
- name: List all programs
  ebpf.fleet.bpf_prog_info:
  register: bpf

- name: Show who holds the XDP programs and where they are pinned
  ebpf.fleet.bpf_prog_info:
    type: xdp
    include: [pids, pinned]

- name: Stop where the program of a pin is not there
  ebpf.fleet.bpf_prog_info:
    pinned: /sys/fs/bpf/example/filter
    required: true
"""

RETURN = r"""
programs:
  description: One record a program, in ascending order of ids.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id of the program until the next reboot.
      type: int
      sample: 406
    type:
      description: Type of the program; a number as a string where it is newer than this collection.
      type: str
      sample: sched_cls
    name:
      description: Name given by the loader. The kernel keeps 15 characters.
      type: str
      sample: cil_from_netdev
    full_name:
      description: The name from BTF where C(name) may be cut.
      type: str
      sample: cil_from_netdevice
    tag:
      description: Hash of the instructions.
      type: str
      sample: e0362f5bd9163a0a
    gpl_compatible:
      description: Whether the licence allows GPL-only helpers.
      type: bool
      sample: true
    run_time_ns:
      description: Time spent in the program while statistics were on (Linux 5.1).
      type: int
      sample: 0
    run_cnt:
      description: Runs of the program while statistics were on (Linux 5.1).
      type: int
      sample: 0
    recursion_misses:
      description: Runs left out because the program was running already (Linux 5.12).
      type: int
      sample: 0
    dev:
      description: The network device a program is bound to.
      type: dict
      sample: null
    loaded_at:
      description: When it was loaded in seconds since the epoch.
      type: int
      sample: 1763820000
    uid:
      description: User who loaded it.
      type: int
      sample: 0
    orphaned:
      description: Whether the device that it was bound to is gone.
      type: bool
      sample: false
    bytes_xlated:
      description: Size after the verifier.
      type: int
      sample: 11144
    jited:
      description: Whether it was compiled to machine code.
      type: bool
      sample: true
    bytes_jited:
      description: Size of the machine code.
      type: int
      sample: 7721
    bytes_memlock:
      description: Memory charged for it. Exact from about Linux 6.4 and an estimate before.
      type: int
      sample: 12288
    map_ids:
      description: Ids of the maps that it uses.
      type: list
      elements: int
      sample: [18, 20]
    btf_id:
      description: Id of its BTF (Linux 5.0).
      type: int
      sample: 60
    verified_insns:
      description: Instructions the verifier walked (Linux 5.16).
      type: int
      sample: 1520
    attach_btf_obj_id:
      description: BTF object of the kernel function it was loaded for (Linux 6.0).
      type: int
      sample: 1
    attach_btf_id:
      description: BTF type of the kernel function it was loaded for (Linux 6.0).
      type: int
      sample: 35420
    prog_tags:
      description: Tags of all its functions (Linux 5.0). With several functions the first differs from C(tag).
      type: list
      elements: str
      sample: [e0362f5bd9163a0a]
    pinned:
      description: Paths it is pinned at.
      returned: O(include) has V(pinned)
      type: list
      elements: str
      sample: [/sys/fs/bpf/example/filter]
    pids:
      description: Processes that hold it by a descriptor.
      returned: O(include) has V(pids)
      type: list
      elements: dict
      sample: [{comm: cilium-agent, pid: 812}]
    metadata:
      description: The C(bpf_metadata_) variables without that prefix.
      returned: O(include) has V(metadata)
      type: dict
      sample: {version: 1.2.0}
    unavailable:
      description: Why keys are V(null) that the kernel did not tell.
      returned: when something is missing
      type: dict
      sample: {recursion_misses: unsupported}
near_matches:
  description: Up to five programs that come close to the selectors when nothing matched.
  returned: success
  type: list
  elements: dict
  sample: []
"""

from ..module_utils._module.listing import run_listing
from ..module_utils._module.programs import INCLUDE, read
from ..module_utils._module.select import TAG_OPTION


def main() -> None:
    run_listing("programs", read, INCLUDE, ("id", "name", "pinned", "type", "required"), TAG_OPTION)


if __name__ == "__main__":
    main()
