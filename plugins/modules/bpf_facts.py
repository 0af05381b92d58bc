#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_facts
short_description: Gather facts about BPF on a host
version_added: 0.1.0
description:
  - Tells in one round trip which BPF programs, maps, links, BTF objects and pins a host has, how its BPF settings
    stand, and whether its kernel charges BPF memory to C(RLIMIT_MEMLOCK).
  - Records are compact. Keys that are V(null) or empty are left out, so that a host with hundreds of objects stays
    below 100 kB. The C(_info) modules return whole records.
  - Never fails because of what a host does not tell. What is missing is V(null), and C(unavailable) says why.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.facts_module
  - ebpf.fleet.attributes.bpf_group
options:
  gather_subset:
    description:
      - What to gather. V(all) is everything, V(min) is V(kernel) and V(sysctls), and C(!) in front takes something
        away.
      - What is named is gathered whatever is taken away, so that V(!all,!min,programs) and V(programs) are the same.
      - A list of exclusions alone starts from everything.
      - Other than in M(ansible.builtin.setup), V(min) is gathered only where it is asked for. V(programs) alone is
        without it, and V(!all) alone is nothing.
      - V(memlock) walks the descriptors of every process.
    type: list
    elements: str
    choices:
      - all
      - min
      - programs
      - maps
      - links
      - btf
      - pins
      - sysctls
      - memlock
      - kernel
      - "!all"
      - "!min"
      - "!programs"
      - "!maps"
      - "!links"
      - "!btf"
      - "!pins"
      - "!sysctls"
      - "!memlock"
      - "!kernel"
    default: [all]
notes:
  - Add it to every C(gather_facts) by the variable C(ansible_facts_modules), with V(smart) before it to keep the facts
    of M(ansible.builtin.setup). Options are then given by C(module_defaults).
  - Without C(CAP_SYS_ADMIN) the kernel lists no objects. Sysctls that everybody may read are told all the same.
seealso:
  - module: ebpf.fleet.bpf_prog_info
  - module: ebpf.fleet.bpf_map_info
  - module: ebpf.fleet.bpf_audit
"""

EXAMPLES = r"""
- name: Gather everything
  ebpf.fleet.bpf_facts:

- name: Gather only settings and programs
  ebpf.fleet.bpf_facts:
    gather_subset: [min, programs]

- name: Group hosts by whether unprivileged users may load programs
  ansible.builtin.group_by:
    key: "unprivileged_bpf_{{ (ansible_facts['bpf']['sysctls'] | selectattr('name', 'equalto',
      'kernel.unprivileged_bpf_disabled') | first)['running'] }}"
"""

RETURN = r"""
ansible_facts:
  description: The facts, under one key.
  returned: always
  type: dict
  contains:
    bpf:
      description: Everything that was gathered. A subset that was not asked for is not there.
      returned: always
      type: dict
      contains:
        schema:
          description: Version of this form.
          type: int
          sample: 1
        kernel:
          description: Names and boot of the running kernel.
          type: dict
          sample: {release: 6.12.48, machine: x86_64, boot_time: 1763810000, vmlinux_btf: true}
        programs:
          description: Programs in short form.
          type: list
          elements: dict
          sample:
            - {id: 406, type: sched_cls, name: cil_from_netdev, tag: e0362f5bd9163a0a, uid: 0, jited: true,
               bytes_xlated: 11144, bytes_jited: 7721, map_ids: [18, 20], loaded_at: 1763820000}
        maps:
          description: Maps in short form.
          type: list
          elements: dict
          sample: [{id: 18, type: lru_hash, name: cilium_ct4_glob, bytes_key: 14, bytes_value: 56, max_entries: 65535,
                    bytes_memlock: 13111296}]
        links:
          description:
            - Links with the keys that their type has, without C(addr), C(cookie), C(funcs), C(missed), C(prog_type),
              C(target_btf_id) and C(target_obj_id).
          type: list
          elements: dict
          sample: [{id: 12, type: tcx, prog_id: 406, ifindex: 2, attach_type: tcx_ingress}]
        btfs:
          description: BTF objects (subset V(btf)).
          type: list
          elements: dict
          sample: [{id: 1, name: vmlinux, size: 5791343}]
        pins:
          description: Pins of the mount namespace of the task.
          type: list
          elements: dict
          sample: [{path: /sys/fs/bpf/example, kind: prog, id: 406, type: sched_cls, mode: "0600", uid: 0}]
        sysctls:
          description:
            - The eight settings that govern BPF, each with the C(running) value, the C(effective) one (what the kernel
              acts on) and the C(persistent) one (what the files in C(sysctl.d) say, as the tool of this host's boot
              merges them).
            - C(persistent_systemd) and C(persistent_procps) are the answers of either tool, C(sources) every line that
              names the setting, C(conflicts) the files that disagree.
          type: list
          elements: dict
          sample: [{name: net.core.bpf_jit_harden, running: 0, effective: 0, persistent: 2, persistent_systemd: 2,
                    persistent_procps: 2, sources: [{file: /etc/sysctl.d/60-bpf.conf, line: 1, value: 2}],
                    conflicts: [], reboot_required: false}]
        memlock:
          description:
            - C(charged) is whether the kernel charges BPF memory to C(RLIMIT_MEMLOCK), told from its types and symbols
              (C(evidence)), or V(null) where they do not tell.
            - C(limits) are the limits of the processes that hold BPF objects, in bytes or V(unlimited).
          type: dict
          sample: {charged: false, evidence: "", limits: [{scope: process, pid: 812, comm: tetragon, soft: 8388608,
                    hard: 8388608}]}
        unavailable:
          description: Why something is V(null) or left out, by noun or by noun and key.
          type: dict
          sample: {programs.recursion_misses: unsupported}
"""

from ..module_utils._module.facts import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
