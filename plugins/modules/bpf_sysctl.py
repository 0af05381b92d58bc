#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_sysctl
short_description: Set the sysctls that govern BPF
version_added: 0.1.0
description:
  - Sets sysctls about BPF in the running kernel and in a file that is read at boot, several in one task.
  - Knows what general tools for sysctls don't, such as values that cannot be taken back until the next boot, values
    that a kernel build refuses, settings that are without effect beside others, and other files that say something
    else.
  - Everything is checked before the first write. The running kernel comes first, the file after it.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.bpf_group
attributes:
  check_mode:
    support: full
    details:
      - Whether the kernel takes a value is known for certain only once it was written. RV(sysctls[].valid) tells.
  diff_mode:
    support: full
    details:
      - Shows the running, effective and persistent value of each setting and the text of the files that change.
options:
  settings:
    description:
      - Names and values.
      - >-
        The names are C(kernel.bpf_stats_enabled), C(kernel.kptr_restrict), C(kernel.perf_event_paranoid),
        C(kernel.unprivileged_bpf_disabled), C(net.core.bpf_jit_enable), C(net.core.bpf_jit_harden),
        C(net.core.bpf_jit_kallsyms) and C(net.core.bpf_jit_limit). Any other name is an error.
      - Values are integers, or strings with a decimal or C(0x) number.
      - With O(state=absent) a value may be V(null).
    type: dict
    required: true
  state:
    description:
      - With V(present) the settings get their values.
      - >-
        With V(absent) the lines about them are taken out of O(file), which is removed if nothing is left in it. The
        running value stays, unless the setting has a value in O(settings), which it is then given.
    type: str
    choices: [present, absent]
    default: present
  runtime:
    description:
      - Whether to set the running kernel.
    type: bool
    default: true
  persist:
    description:
      - Whether to keep the values in O(file) for the next boots.
    type: bool
    default: true
  file:
    description:
      - The file for the next boots, C(/etc/sysctl.conf) or a name that ends in C(.conf) in one of the directories of
        C(sysctl.d(5)). Comments and lines about other things stay as they are, and so do mode, owner and SELinux
        context.
      - Files are read in the order of their names, whatever their directories, and the last one that names a setting
        decides. The name of the default comes after those that distributions use, C(99-sysctl.conf) among them. Only
        C(/etc/sysctl.conf) itself comes later, where procps applies the settings.
    type: path
    default: /etc/sysctl.d/99-zz-ebpf-fleet.conf
  conflicts:
    description:
      - What to do about other files that give one of the settings another value. A line with a wildcard gives it none,
        since a line with the name decides wherever the other one stands.
      - V(report) lists them in RV(sysctls[].conflicts), and warns where one of them decides at boot.
      - V(fail) ends the task before anything is written.
      - With O(state=absent) other files are left alone.
      - >-
        V(fix) makes these lines comments that begin with C(# ebpf.fleet:), in files below C(/etc) and C(/run),
        C(/etc/sysctl.conf) included. Files elsewhere came with packages and stay as they are; one that conflicts is
        overridden by a copy of the same name below C(/etc/sysctl.d), with such comments in it.
    type: str
    choices: [report, fail, fix]
    default: report
  strict:
    description:
      - Fail where the running value is locked until the next boot, even if the persistent value can be set.
    type: bool
    default: false
  accept_latch:
    description:
      - Allow C(kernel.unprivileged_bpf_disabled=1), which cannot be taken back until the next boot. V(2) shuts out
        unprivileged users as well and can.
    type: bool
    default: false
  force:
    description:
      - Allow a C(net.core.bpf_jit_limit) that is lower than the present one and below the larger of four times the
        machine code in use and a quarter of the present limit.
    type: bool
    default: false
notes:
  - Both O(runtime) and O(persist) being V(false) is an error.
  - C(kernel.unprivileged_bpf_disabled) that is V(1) stays V(1) until the next boot. Other values are kept for that
    boot and RV(reboot_required) is V(true), unless O(strict) is set.
  - C(net.core.bpf_jit_enable) can be V(1) only where the kernel is built with C(CONFIG_BPF_JIT_ALWAYS_ON).
  - The limit that a kernel starts with is not told by it, so the present one stands for it in the rule about
    O(force). The machine code in use is that of the programs that can be listed, in whole pages. Filters of seccomp
    and sockets count too and are not listed. Where the kernel starts with a limit as large as its address space, as
    on aarch64, any sensible figure needs O(force).
  - The files below C(net.core) are in the initial network namespace only. A task in another one can keep values for the
    next boot with O(runtime=false), not set them.
  - >-
    Values are written in an order that lets nothing be seen or loaded in between that neither the old nor the new
    settings allow. C(net.core.bpf_jit_enable=2) is refused while C(kernel.kptr_restrict=2), so that is lowered before
    and raised after it. C(kernel.unprivileged_bpf_disabled) is last.
seealso:
  - module: ebpf.fleet.bpf_sysctl_info
  - module: ansible.posix.sysctl
"""

EXAMPLES = r"""
- name: Harden the JIT compiler and shut out unprivileged users, now and after reboots
  ebpf.fleet.bpf_sysctl:
    settings:
      kernel.unprivileged_bpf_disabled: 2
      net.core.bpf_jit_harden: 2

- name: Measure run times for a while
  ebpf.fleet.bpf_sysctl:
    settings:
      kernel.bpf_stats_enabled: 1
    persist: false

- name: Forget about it, and switch it off
  ebpf.fleet.bpf_sysctl:
    settings:
      kernel.bpf_stats_enabled: 0
    state: absent

- name: Lock out unprivileged users until the next boot
  ebpf.fleet.bpf_sysctl:
    settings:
      kernel.unprivileged_bpf_disabled: 1
    accept_latch: true

- name: Make sure that no other file says something else
  ebpf.fleet.bpf_sysctl:
    settings:
      kernel.kptr_restrict: 1
    conflicts: fix
"""

RETURN = r"""
sysctls:
  description:
    - One record a setting of the task, sorted by name, as M(ebpf.fleet.bpf_sysctl_info) lists it after the change. In
      check mode as it would be.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the setting.
      type: str
      sample: net.core.bpf_jit_harden
    running:
      description: What its file says now.
      type: int
      sample: 2
    effective:
      description: What the kernel acts on.
      type: int
      sample: 2
    persistent:
      description: What the next boot sets it to. V(null) without a reason where no file sets it.
      type: int
      sample: 2
    persistent_systemd:
      description: What C(systemd-sysctl) would set it to.
      type: int
      sample: 2
    persistent_procps:
      description: What C(sysctl --system) would set it to.
      type: int
      sample: 2
    sources:
      description: Every line that assigns to it, in the order in which they are read.
      type: list
      elements: dict
      sample: [{file: /etc/sysctl.d/99-zz-ebpf-fleet.conf, line: 2, value: 2}]
    conflicts:
      description: Files that assign another value than the one that counts.
      type: list
      elements: str
      sample: []
    reboot_required:
      description: Whether only a reboot can bring the running value to the persistent one.
      type: bool
      sample: false
    locked:
      description: Whether the kernel takes no other value until the next boot.
      type: bool
      sample: false
    valid:
      description:
        - Whether the kernel takes the value. V(true), or the word V(unknown) where that is not certain and was not
          tried, in check mode and with O(runtime=false). V(null) where the task gave no value.
        - The largest C(net.core.bpf_jit_limit) is not told by the kernel, so another one than the present is always
          V(unknown) beforehand.
      type: raw
      sample: true
    unavailable:
      description: Why keys are V(null) that could not be told.
      returned: when something is missing
      type: dict
      sample: {running: EACCES, effective: EACCES}
reboot_required:
  description: Whether any of the settings needs a reboot to become what is persistent.
  returned: success
  type: bool
  sample: false
files:
  description: The files that were changed, made or removed.
  returned: success
  type: list
  elements: str
  sample: [/etc/sysctl.d/99-zz-ebpf-fleet.conf]
written:
  description: What the running kernel had been given before something failed, with the values from before.
  returned: when a write fails after others succeeded
  type: list
  elements: dict
  sample: [{name: kernel.kptr_restrict, value: 1, before: 0}]
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: write /proc/sys/net/core/bpf_jit_enable, errno: 22, name: EINVAL, hint: "The kernel is built with ..."}
"""

from ..module_utils._module.sysctl_change import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
