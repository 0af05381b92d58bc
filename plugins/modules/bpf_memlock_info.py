#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_memlock_info
short_description: List RLIMIT_MEMLOCK of processes, systemd units and logins
version_added: 0.1.0
description:
  - Tells whether the kernel of a host charges BPF programs and maps to RLIMIT_MEMLOCK, as all did before Linux 5.11,
    and lists the limits of the processes that hold such objects.
  - With filters or O(scope) it lists the limits of other processes too, and what systemd and PAM give to what they
    start.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
options:
  scope:
    description:
      - What to list. By default that which the filters are about, without any the processes that hold BPF objects.
      - V(process) without a filter is the processes that hold BPF objects, V(unit) the units these belong to, V(user)
        all that PAM has lines for.
      - V(manager) is the default of systemd for units without a setting of their own.
    type: list
    elements: str
    choices: [process, unit, manager, user]
  pid:
    description:
      - Processes with these ids.
    type: list
    elements: int
  process_name:
    description:
      - Processes with this command name. A shell pattern, compared as M(ebpf.fleet.bpf_memlock) does.
    type: str
  cgroup:
    description:
      - Processes in this cgroup. A shell pattern, in which C(*) stands for slashes too.
    type: str
  unit_name:
    description:
      - Processes of this systemd unit. A shell pattern.
    type: str
  unit:
    description:
      - Units of systemd. Without an ending it is a service.
      - For a template (C(name@.service)) it is what the files of its own give, V(null) where they give nothing.
    type: list
    elements: str
  user:
    description:
      - Names as they stand in the lines of PAM, of users, V(@) with groups, or V(*).
    type: list
    elements: str
  probe:
    description:
      - Find out by a trial whether the kernel charges. A child with a limit of 0 makes a map that nobody else sees.
      - Never done in check mode.
    type: bool
    default: false
  required:
    description:
      - Fail where nothing matches, instead of returning an empty list.
    type: bool
    default: false
seealso:
  - module: ebpf.fleet.bpf_memlock
  - module: ebpf.fleet.bpf_facts
notes:
  - Reading needs no rights, except for finding the processes of other users that hold BPF objects, and the objects
    themselves for RV(limits[].headroom).
  - Processes and units that are not there are left out, and never fail the task.
"""

EXAMPLES = r"""
- name: See whether the limit matters on a host, and for whom
  ebpf.fleet.bpf_memlock_info:
  register: memlock

- name: Name the processes that are about to run out of it
  ansible.builtin.debug:
    msg: "{{ item.comm }} has {{ item.headroom.estimate }} bytes left"
  loop: "{{ memlock.limits | selectattr('headroom') | rejectattr('headroom.estimate', 'eq', 'unlimited') }}"
  loop_control:
    label: "{{ item.pid }}"
  when: item.headroom.estimate | int < 1048576

- name: Find out by a trial
  ebpf.fleet.bpf_memlock_info:
    probe: true

- name: Look at everything that is set for an agent
  ebpf.fleet.bpf_memlock_info:
    unit: falco.service
    unit_name: falco.service
    scope: [process, unit, manager]
"""

RETURN = r"""
charged:
  description: Whether this kernel charges BPF to the limit. V(null) where that cannot be told.
  returned: success
  type: bool
  sample: false
evidence:
  description: How that is known.
  returned: success
  type: str
  sample: the kernel's BTF has bpf_map_kmalloc_node and not bpf_map_memory
probed:
  description: What the trial said. V(null) where there was none.
  returned: O(probe) is true
  type: bool
  sample: false
limits:
  description: One record a limit, in the order process, unit, manager, user, and then by pid or name.
  returned: success
  type: list
  elements: dict
  contains:
    scope:
      description: What the limit is set for.
      type: str
      sample: process
    pid:
      description: The process.
      type: int
      sample: 812
    comm:
      description: Its command name.
      type: str
      sample: cilium-agent
    unit:
      description: The systemd unit, with V(scope=process) the one that the process belongs to.
      type: str
      sample: cilium.service
    user:
      description: The user or group, with V(scope=process) the real user of the process, whom the kernel charges.
      type: str
      sample: root
    soft:
      description:
        - Bytes or V(unlimited). For units and the manager what systemd gives to what it starts from now on.
        - V(null) where it is not set.
      type: raw
      sample: 65536
    hard:
      description: Bytes or V(unlimited), as for RV(limits[].soft).
      type: raw
      sample: unlimited
    file:
      description: The file that the limit comes from. V(null) for processes and for defaults.
      type: str
      sample: null
    headroom:
      description:
        - How much of the limit is left, as far as that can be told from outside. V(null) where the kernel charges
          nothing, and for limits that are not of a process.
      type: dict
      contains:
        estimate:
          description:
            - Bytes or V(unlimited). RV(limits[].soft) less RV(limits[].headroom.charged).
            - An estimate. The kernel counts per user and does not tell how much, nor whom it charged for a map. Other
              things than BPF are charged to the same user.
          type: raw
          sample: 40960
        charged:
          description:
            - The size of all programs that this user loaded, and of the maps they use. A map without a program counts
              for the user of the processes that hold it.
          type: int
          sample: 24576
        unattributed:
          description: The size of the maps of this host that belong to nobody that can be told, in no estimate.
          type: int
          sample: 0
    unavailable:
      description: Why keys are V(null) that the kernel did not tell.
      returned: when something is missing
      type: dict
      sample: {headroom: this kernel charges nothing}
unavailable:
  description:
    - Why something could not be looked at, by scope. A host without systemd or PAM has no limits of these kinds.
    - The key C(limits) tells that not all processes could be looked into, C(probed) why there was no trial.
  returned: when something is missing
  type: dict
  sample: {probed: check mode}
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: open /proc, errno: 2, name: ENOENT, hint: ""}
"""

from ..module_utils._module.memlock_info import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
