#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_sysctl_info
short_description: Read the sysctls that govern BPF
version_added: 0.1.0
description:
  - Tells for each of the eight sysctls about BPF what it is now, what the kernel makes of it, what the next boot will
    set it to, and which files say so.
  - Persistent values are merged as C(systemd-sysctl) and as C(sysctl --system) of procps merge them. Both read the
    directories of C(sysctl.d(5)) in the same order, and procps reads C(/etc/sysctl.conf) after them.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
options:
  names:
    description:
      - Only these settings.
    type: list
    elements: str
    choices: &names
      - kernel.bpf_stats_enabled
      - kernel.kptr_restrict
      - kernel.perf_event_paranoid
      - kernel.unprivileged_bpf_disabled
      - net.core.bpf_jit_enable
      - net.core.bpf_jit_harden
      - net.core.bpf_jit_kallsyms
      - net.core.bpf_jit_limit
    default: *names
notes:
  - The files of C(net.core.bpf_jit_harden), C(net.core.bpf_jit_kallsyms) and C(net.core.bpf_jit_limit) can be read by
    root alone. For others their values are V(null) with a reason.
  - The files below C(net.core) are in the initial network namespace only. From another one the module reads them in a
    child process that enters the namespace of process 1. Where it may not, their values are V(null) with a reason.
seealso:
  - module: ebpf.fleet.bpf_sysctl
  - module: ebpf.fleet.bpf_facts
"""

EXAMPLES = r"""
- name: Read all settings
  ebpf.fleet.bpf_sysctl_info:
  register: bpf

- name: Name the settings that a boot would change
  ansible.builtin.debug:
    msg: >-
      {% for item in bpf.sysctls if item.persistent not in [none, item.running] %}
      {{ item.name }} from {{ item.running }} to {{ item.persistent }}
      {% endfor %}

- name: Stop where unprivileged users may load programs
  ebpf.fleet.bpf_sysctl_info:
    names: [kernel.unprivileged_bpf_disabled]
  register: unprivileged
  failed_when: unprivileged.sysctls[0].running == 0
"""

RETURN = r"""
sysctls:
  description: One record a setting, sorted by name.
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
      sample: 1
    effective:
      description:
        - What the kernel acts on. C(net.core.bpf_jit_kallsyms) is without effect while C(net.core.bpf_jit_harden) is
          not V(0).
      type: int
      sample: 1
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
      contains:
        file:
          description: Path of the file.
          type: str
          sample: /etc/sysctl.d/90-hardening.conf
        line:
          description: Number of the line.
          type: int
          sample: 4
        value:
          description: The number as the kernel would read it, else the text of the line.
          type: raw
          sample: 2
        active_systemd:
          description: Whether this line decides for C(systemd-sysctl).
          type: bool
          sample: true
        active_procps:
          description: Whether this line decides for C(sysctl --system).
          type: bool
          sample: true
    conflicts:
      description: Files that assign another value than the one that counts.
      type: list
      elements: str
      sample: [/usr/lib/sysctl.d/50-default.conf]
    reboot_required:
      description: Whether only a reboot can bring the running value to the persistent one.
      type: bool
      sample: false
    locked:
      description: Whether the kernel takes no other value until the next boot.
      type: bool
      sample: false
    unavailable:
      description: Why keys are V(null) that could not be told.
      returned: when something is missing
      type: dict
      sample: {running: EACCES, effective: EACCES}
applied_by:
  description: Which program applies the persistent settings at boot, C(systemd) or C(procps).
  returned: success
  type: str
  sample: systemd
"""

from ..module_utils._module.sysctl_list import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
