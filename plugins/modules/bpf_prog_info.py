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
        C(bpf_metadata_) variables from the frozen data of each program, V(identity) reads its code, its BTF and the
        content of its frozen maps.
    type: list
    elements: str
    choices: [pinned, pids, metadata, identity]
    default: []
seealso:
  - module: ebpf.fleet.bpf_map_info
  - module: ebpf.fleet.bpf_link_info
  - module: ebpf.fleet.bpf_facts
  - ref: ansible_collections.ebpf.fleet.docsite.guide_identity
    description: How the hashes of O(include=identity) are made, and what they do not see.
"""

EXAMPLES = r"""
- name: List all programs
  ebpf.fleet.bpf_prog_info:
  register: bpf

- name: Show who holds the XDP programs and where they are pinned
  ebpf.fleet.bpf_prog_info:
    type: xdp
    include: [pids, pinned]

- name: Tell the same program on other hosts and after a reboot
  ebpf.fleet.bpf_prog_info:
    name: filter
    include: [identity]

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
      description:
        - Processes that hold it by a descriptor.
        - V(null) where none is seen and not all processes can be, as in a container with its own PID namespace.
      returned: O(include) has V(pids)
      type: list
      elements: dict
      sample: [{comm: cilium-agent, pid: 812}]
    metadata:
      description: The C(bpf_metadata_) variables without that prefix.
      returned: O(include) has V(metadata)
      type: dict
      sample: {version: 1.2.0}
    identity:
      description: Hashes by which a program is known again, since ids end with the boot and tags with Linux 6.18.
      returned: O(include) has V(identity)
      type: dict
      contains:
        source_id:
          description: Of the type, the strings and the function prototypes of its BTF. The same for the same object
            file on every kernel; whoever loads a program can forge it.
          type: str
          sample: v1:9f1c6f0f2bb3d1bbcc1f0d1b5c2d5b0b1c1f9a3d2f3e9d8a3c1b7e6f5a4d3c2b
        fingerprint:
          description: Of its instructions without what differs from load to load. Compares within one
            C(kernel_build). It is the first of C(fingerprints).
          type: str
          sample: v1:fcbe91abec5f445a0f9d0c8d7e6b5a4f3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f
        fingerprints:
          description: All forms that this host tells enough for, that with the most in it first. Two programs are the
            same as far as can be told where the first form that both have is equal.
          type: list
          elements: str
          sample: [v1:fcbe91abec5f445a0f9d0c8d7e6b5a4f3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f]
        rodata_sha256:
          description: Of the contents of the frozen maps that it uses, which is where its constants are.
          type: str
          sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        kernel_build:
          description: Of the notes and the version of the running kernel.
          type: str
          sample: 0f343b0931126a20f133d67c2b018a3b5d5c0f7d3b9ef3bb9a2c8e9e7a3f1b2c
        tag_algorithm:
          description: What tags are made with on this host, C(sha1) or C(sha256). Found by making the tag of a program
            again that nothing rewrote.
          type: str
          sample: sha256
        unavailable:
          description: Why keys are V(null).
          returned: when something is missing
          type: dict
          sample: {source_id: no BTF}
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
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: BPF_PROG_GET_NEXT_ID, errno: 1, name: EPERM, hint: "The process lacks CAP_SYS_ADMIN: run with become."}
"""

from ..module_utils._module.listing import run_listing
from ..module_utils._module.prog_info import INCLUDE, read
from ..module_utils._module.select import TAG_OPTION


def main() -> None:
    run_listing("programs", read, INCLUDE, ("id", "name", "pinned", "type", "required"), TAG_OPTION)


if __name__ == "__main__":
    main()
