#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_memlock
short_description: Set RLIMIT_MEMLOCK of processes, systemd units and logins
version_added: 0.1.0
description:
  - Sets how much memory may be locked. Kernels before Linux 5.11 charge BPF programs and maps to this limit and refuse
    them with C(EPERM) when it is used up, to root as well. Whether a host has such a kernel is told by
    M(ebpf.fleet.bpf_memlock_info).
  - There are four places. O(scope=process) changes processes that run, until they end. O(scope=unit) and
    O(scope=manager) change what systemd gives to services when it starts them. O(scope=user) changes what PAM gives to
    logins.
  - Only what the task names changes. With O(soft) alone the hard limit stays as it is, and the other way round.
  - Files are replaced in one step. What others have written into them stays.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.bpf_group
attributes:
  check_mode:
    support: full
    details:
      - Asks systemd and reads files and limits, and sets none.
  diff_mode:
    support: full
  idempotent:
    description: Whether the same task, run again, finds nothing to change.
    support: full
    details:
      - O(scope=process) finds something to change again when a process has been started anew, or has changed its own
        limit.
options:
  scope:
    description:
      - What the limit is set for.
      - V(process) is the process with O(pid), or every process that agrees with O(process_name), O(cgroup) and
        O(unit_name), as far as they are given. The limit changes at once, memory that is locked already stays locked.
      - V(unit) is a drop-in file for the unit O(unit), V(manager) one for all units without a setting of their own.
        Services that run keep the limit they have until they are started again.
      - V(user) is a line for O(user) in C(limits.d). It counts for logins from then on, and not for services of
        systemd.
    type: str
    choices: [process, unit, manager, user]
    required: true
  pid:
    description:
      - The process with this id.
    type: int
  process_name:
    description:
      - Processes with this command name. A shell pattern.
      - Names are compared in full, also those of more than 15 characters, of which the kernel keeps the first.
      - Threads of the kernel and the processes of the task itself are left out.
    type: str
  cgroup:
    description:
      - Processes in this cgroup, C(/system.slice/*) for example. A shell pattern, in which C(*) stands for slashes too.
    type: str
  unit_name:
    description:
      - Processes of this systemd unit, as far as that is told by their cgroup. A shell pattern.
    type: str
  unit:
    description:
      - A service, socket, mount or swap of systemd. Without an ending it is a service.
      - A template (C(name@.service)) stands for all its instances.
    type: str
  user:
    description:
      - The name of a user, V(@) and the name of a group, or V(*) for everybody without a line of their own.
      - C(pam_limits) does not apply lines of groups and of V(*) to V(root), which needs a line of its own.
    type: str
  soft:
    description:
      - The limit that counts. A process may raise it up to O(hard) by itself.
      - Bytes, a number with C(K), C(M), C(G) or C(T) (base 1024, C(MiB) is the same as C(M)), or V(unlimited).
      - PAM counts in KiB, so with O(scope=user) it has to be a multiple of 1024 bytes.
      - One of O(soft) and O(hard) is needed with O(state=present).
    type: str
  hard:
    description:
      - How far O(soft) may be raised. Written as O(soft) is.
      - To raise that of a process needs C(CAP_SYS_RESOURCE).
    type: str
  policy:
    description:
      - V(exact) sets the limit to what is given, up or down.
      - V(at_least) leaves a limit that allows as much or more. With O(scope=unit), O(scope=manager) and O(scope=user)
        it writes nothing where other files give enough.
    type: str
    choices: [exact, at_least]
    default: exact
  state:
    description:
      - V(absent) removes the setting from O(file), and the file where nothing else is in it. Limits of running
        processes stay as they are.
      - V(absent) is an error with O(scope=process), since a process always has a limit.
    type: str
    choices: [present, absent]
    default: present
  file:
    description:
      - The file to write. The folder has to be one that is read, C(UNIT.d) for a unit for example.
      - By default C(/etc/systemd/system/UNIT.d/50-ebpf-fleet.conf), C(/etc/systemd/system.conf.d/50-ebpf-fleet.conf) or
        C(/etc/security/limits.d/50-ebpf-fleet.conf).
    type: path
  restart:
    description:
      - With O(scope=unit), restart the unit if it runs and its main process has another limit.
      - A service that changes its own limit after its start is not restarted for that.
    type: bool
    default: false
  required:
    description:
      - With O(scope=process), fail where no process agrees with the patterns, instead of doing nothing.
    type: bool
    default: false
seealso:
  - module: ebpf.fleet.bpf_memlock_info
notes:
  - Another file that sets the same limit later wins. The task then warns and names it in RV(overridden_by).
"""

EXAMPLES = r"""
- name: Let an agent lock as much as it needs, from its next start on
  ebpf.fleet.bpf_memlock:
    scope: unit
    unit: falco.service
    soft: unlimited
    hard: unlimited
  register: limit

- name: Give it to all services of an agent now, and restart what runs with less
  ebpf.fleet.bpf_memlock:
    scope: unit
    unit: collector@.service
    soft: 512M
    hard: 1G
    restart: true

- name: Raise the limit of processes that run, and lower that of none
  ebpf.fleet.bpf_memlock:
    scope: process
    process_name: cilium-*
    soft: 1G
    hard: 1G
    policy: at_least

- name: Let developers load programs
  ebpf.fleet.bpf_memlock:
    scope: user
    user: "@bpf"
    soft: 64M
    hard: 256M

- name: Go back to the default of the distribution
  ebpf.fleet.bpf_memlock:
    scope: manager
    state: absent
"""

RETURN = r"""
limits:
  description:
    - The limits as M(ebpf.fleet.bpf_memlock_info) lists them after the change, or in check mode as they would be,
      without C(headroom). For settings it is the limit that counts, whichever file it comes from.
    - Empty where no process agrees with the patterns, and where no line for O(user) is left.
  returned: success
  type: list
  elements: dict
  contains:
    scope:
      description: What the limit is set for.
      type: str
      sample: unit
    pid:
      description: The process.
      type: int
      sample: null
    comm:
      description: Its command name.
      type: str
      sample: null
    unit:
      description: The systemd unit, with V(scope=process) the one that the process belongs to.
      type: str
      sample: falco.service
    user:
      description: The user or group, with V(scope=process) the real user of the process.
      type: str
      sample: null
    soft:
      description: Bytes or V(unlimited). V(null) where it is not set.
      type: raw
      sample: unlimited
    hard:
      description: Bytes or V(unlimited). V(null) where it is not set.
      type: raw
      sample: unlimited
    file:
      description: The file that the limit comes from. V(null) for processes and for defaults.
      type: str
      sample: /etc/systemd/system/falco.service.d/50-ebpf-fleet.conf
    unavailable:
      description: Why keys are V(null) that nobody told.
      returned: when something is missing
      type: dict
      sample: {unit: EACCES}
restart_required:
  description:
    - Whether the limit counts only after a restart. With O(scope=unit) the main process runs with another limit that it
      was given before. With O(scope=manager) the default was changed, and running services keep theirs.
  returned: success
  type: bool
  sample: true
overridden_by:
  description: The file that sets the same limit after ours and wins. V(null) for none.
  returned: O(scope) is not V(process)
  type: str
  sample: null
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: prlimit of process 1, errno: 1, name: EPERM, hint: "The process lacks CAP_SYS_RESOURCE ..."}
"""

from ..module_utils._module.memlock import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
