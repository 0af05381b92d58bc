#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_audit
short_description: Collect the BPF state of a host once and judge it by rules
version_added: 0.1.0
description:
  - Reads programs, maps, links, BTF objects, pins, settings and limits of a host in one round trip, judges them on
    the controller by rules, and writes one file for the host into a run directory.
  - A finding never fails the host. M(ebpf.fleet.bpf_report) makes reports of the run directory, and fails if that
    is wanted.
  - A rule that rests on something that the host could not tell has the verdict C(unknown) with the reason, never
    C(pass). So the audit also works without root, and says what it could not see.
  - Broken rules fail before the first connection, with file and line. That goes for syntax, names of facts, and names
    and arguments of functions.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
requirements:
  - jmespath (on the controller)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.attributes.action_plugin
options:
  rules:
    description:
      - Rule packs on the controller, besides the built-in one. A path that is not absolute is looked for where
        Ansible was started, then beside the playbook.
    type: list
    elements: path
    default: []
  builtin_rules:
    description:
      - Whether the rules that come with the collection count.
    type: bool
    default: true
  skip_rules:
    description:
      - Ids of rules that do not count.
    type: list
    elements: str
    default: []
  run_dir:
    description:
      - Folder on the controller that gets the file of this host, C(hosts/<quoted name of the host>.json) with mode
        V(0600). It is made if it is missing.
      - The file is replaced however the audit of the host ends, with the error if it fails.
      - Without it nothing is written, and the result is all there is.
      - In check mode nothing is written either, unless M(ebpf.fleet.bpf_report) began the run in check mode.
    type: path
  profile:
    description:
      - What the settings of the host have to fulfil. A rule about a setting then accepts what the profile wants, and a
        value that is no weakness, but not what the profile wants either, is a finding of its own.
      - The values are those that the role C(ebpf.fleet.bpf_hardening) sets.
    type: str
    choices: [stig, cis, kspp, observability, none]
    default: none
  settings:
    description:
      - Own values of settings, as V(net.core.bpf_jit_harden) and a number; they win over O(profile).
      - With V(null) the setting is judged as if there was no profile.
    type: dict
    default: {}
seealso:
  - module: ebpf.fleet.bpf_report
  - module: ebpf.fleet.bpf_facts
"""

EXAMPLES = r"""
- name: Count what the built-in rules find on a host
  ebpf.fleet.bpf_audit:
  register: audit

- name: Audit the settings by a profile, with one exception
  ebpf.fleet.bpf_audit:
    profile: stig
    settings:
      kernel.unprivileged_bpf_disabled: 2

- name: Audit by a pack of our own besides, and keep the record of the host
  ebpf.fleet.bpf_audit:
    rules:
      - files/our_rules.yml
    skip_rules:
      - EBPF-P005
    run_dir: /tmp/bpf-audit-run
"""

RETURN = r"""
record:
  description: Path of the host's file on the controller, V(null) if none was written.
  returned: success
  type: str
  sample: /srv/audit/20261122T150000Z/hosts/web1.json
counts:
  description: Number of objects of each kind, V(null) where they could not be listed.
  returned: success
  type: dict
  sample: {programs: 93, maps: 214, links: 77, btfs: 61, pins: 40}
findings:
  description: Number of failed rules of each severity.
  returned: success
  type: dict
  sample: {critical: 0, high: 1, medium: 2, low: 1, info: 3}
verdicts:
  description: Number of rules with each verdict.
  returned: success
  type: dict
  sample: {pass: 20, fail: 7, unknown: 2, not_applicable: 1}
unavailable:
  description: What could not be read as a whole, and why.
  returned: success
  type: dict
  sample: {programs: "cannot read programs: CAP_SYS_ADMIN is missing"}
"""

from ..module_utils._module.audit import run_audit_module

# All of them are for the action plugin, which runs the module on the target without any.
OPTIONS = {
    "rules": {"type": "list", "elements": "path", "default": []},
    "builtin_rules": {"type": "bool", "default": True},
    "skip_rules": {"type": "list", "elements": "str", "default": []},
    "run_dir": {"type": "path"},
    "profile": {"type": "str", "choices": ["stig", "cis", "kspp", "observability", "none"], "default": "none"},
    "settings": {"type": "dict", "default": {}},
}


def main() -> None:
    run_audit_module(OPTIONS)


if __name__ == "__main__":
    main()
