#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_link_info
short_description: List the BPF links of a host
version_added: 0.1.0
description:
  - Lists the BPF links, each of which ties a program to a hook, as C(bpftool link show) does and with the same keys.
  - A program can also be attached without a link, which this module does not show.
  - The kernel can list links since Linux 5.8.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.select
  - ebpf.fleet.select.pinned
options:
  include:
    description:
      - Columns that cost more than one look at the link. Not asked for, they are not in the result.
      - V(pinned) walks every BPF file system, V(pids) walks the descriptors of every process.
    type: list
    elements: str
    choices: [pinned, pids]
    default: []
seealso:
  - module: ebpf.fleet.bpf_prog_info
  - module: ebpf.fleet.bpf_pin_info
"""

EXAMPLES = r"""
- name: List all links
  ebpf.fleet.bpf_link_info:
  register: bpf

- name: List the links on network devices with the processes that hold them
  ebpf.fleet.bpf_link_info:
    type: tcx
    include: [pids]
"""

RETURN = r"""
links:
  description:
    - One record a link, in ascending order of ids.
    - Every record has all keys. Those that the type of the link does not have are V(null).
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id of the link until the next reboot.
      type: int
      sample: 12
    type:
      description: Type of the link; a number as a string where it is newer than this collection.
      type: str
      sample: tracing
    prog_id:
      description: The program that it attaches.
      type: int
      sample: 406
    prog_type:
      description: Type of that program. Told of C(tracing) links, whose type alone says little.
      type: str
      sample: tracing
    attach_type:
      description: The kind of hook.
      type: str
      sample: trace_fentry
    target_obj_id:
      description: BTF object or program that the target function belongs to.
      type: int
      sample: 1
    target_btf_id:
      description: BTF type of the target function.
      type: int
      sample: 35420
    cookie:
      description: Number that the program can ask for.
      type: int
      sample: 0
    tp_name:
      description: Raw tracepoint.
      type: str
      sample: sched_switch
    cgroup_id:
      description: The cgroup. 0 when it was removed.
      type: int
      sample: 4211
    netns_ino:
      description: The network namespace. 0 when it is gone.
      type: int
      sample: 4026531840
    ifindex:
      description: The network device in a namespace that the kernel does not name. 0 when it is gone.
      type: int
      sample: 2
    devname:
      description: Name of that device where it can be told.
      type: str
      sample: eth0
    target_name:
      description: What an iterator walks.
      type: str
      sample: bpf_map_elem
    map_id:
      description: The map of an iterator or C(struct_ops) or socket map.
      type: int
      sample: 18
    order:
      description: Order of a cgroup iterator.
      type: str
      sample: self_only
    tid:
      description: Thread of a task iterator.
      type: int
      sample: 0
    pid:
      description: Process of a task iterator or of user space probes.
      type: int
      sample: 0
    pf:
      description: Protocol family of a netfilter hook.
      type: str
      sample: ipv4
    hook:
      description: Netfilter hook.
      type: str
      sample: prerouting
    prio:
      description: Priority at a netfilter hook.
      type: int
      sample: -128
    flags:
      description: Flags of a netfilter or multi-probe link.
      type: int
      sample: 0
    retprobe:
      description: Whether it runs when the function returns.
      type: bool
      sample: false
    func_cnt:
      description: Number of probed functions.
      type: int
      sample: 1
    missed:
      description: Runs that were lost.
      type: int
      sample: 0
    funcs:
      description: The probed functions.
      type: list
      elements: dict
      sample: []
    addr:
      description: Address of a probed kernel function.
      type: int
      sample: null
    func:
      description: Name of a probed kernel function.
      type: str
      sample: do_sys_open
    offset:
      description: Offset in the probed function or file.
      type: int
      sample: 0
    file:
      description: File of a user space probe.
      type: str
      sample: /usr/bin/bash
    ref_ctr_offset:
      description: Offset of the reference counter of a user space probe.
      type: int
      sample: 0
    tracepoint:
      description: Tracepoint of a perf event.
      type: str
      sample: sched_switch
    event_type:
      description: Kind of perf event.
      type: str
      sample: software
    event_config:
      description: The perf event.
      type: str
      sample: cpu-clock
    path:
      description: File of user space probes.
      type: str
      sample: /usr/lib/libc.so.6
    perf_type:
      description: What a perf event link is attached to.
      type: str
      sample: kprobe
    pinned:
      description: Paths it is pinned at.
      returned: O(include) has V(pinned)
      type: list
      elements: str
      sample: [/sys/fs/bpf/example/link]
    pids:
      description:
        - Processes that hold it by a descriptor.
        - V(null) where none is seen and not all processes can be, as in a container with its own PID namespace.
      returned: O(include) has V(pids)
      type: list
      elements: dict
      sample: [{comm: tetragon, pid: 812}]
    unavailable:
      description: Why keys are V(null) that the kernel did not tell.
      returned: when something is missing
      type: dict
      sample: {missed: unsupported}
near_matches:
  description: Up to five links that come close to the selectors when nothing matched.
  returned: success
  type: list
  elements: dict
  sample: []
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: BPF_LINK_GET_NEXT_ID, errno: 1, name: EPERM, hint: "The process lacks CAP_SYS_ADMIN: run with become."}
"""

from ..module_utils._module.links import INCLUDE, read
from ..module_utils._module.listing import run_listing


def main() -> None:
    run_listing("links", read, INCLUDE, ("id", "pinned", "type", "required"))


if __name__ == "__main__":
    main()
