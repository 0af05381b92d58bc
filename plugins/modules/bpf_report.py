#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is implemented as an action plugin; it runs on the controller only.
from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_report
short_description: Begin an audit run, and make its reports
version_added: 0.1.0
description:
  - Works on the controller only. Begins a run of M(ebpf.fleet.bpf_audit) (checks the rules, makes the run
    directory), and afterwards makes the reports of it.
  - A report covers every host of the inventory that O(pattern) and C(--limit) leave. A host without a usable record
    is reported as unreachable, failed or missing, never left out.
  - Prints a summary to the terminal, and writes C(report.html) (one page without script or any external request)
    and C(report.json) into the run directory. The same records make the same files.
  - It is the one place of an audit that fails, by O(fail_on) and O(fail_on_missing), and only after the reports are
    written.
  - Hosts whose record was judged by other rules are judged again from their record, so rules can be changed without
    asking the hosts.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
requirements:
  - jmespath (on the controller)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.attributes.action_plugin
attributes:
  check_mode:
    support: full
    details:
      - Writes no report, and says whether one would change. O(step=begin) makes a temporary run directory, which
        goes when Ansible ends, so that a whole audit works in check mode and leaves nothing.
  diff_mode:
    support: none
options:
  step:
    description:
      - V(begin) before the hosts are collected, V(report) afterwards.
    type: str
    choices: [begin, report]
    default: report
  base_dir:
    description:
      - Folder for run directories. O(step=begin) without O(run_dir) makes a new one in it, named by the time in UTC.
    type: path
    default: bpf-audit
  run_dir:
    description:
      - Folder of one run. Wanted for O(step=report). With O(step=begin) it is made if it is missing, and if not,
        the run goes on with the records that are there.
    type: path
  pattern:
    description:
      - Host pattern of the play that collected, for the list of hosts that must be in the report. As C(hosts) of a play
        it is a pattern or a list of them.
    type: list
    elements: str
    default: [all]
  rules:
    description:
      - Rule packs besides the built-in one, as in M(ebpf.fleet.bpf_audit).
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
  formats:
    description:
      - Files to write.
    type: list
    elements: str
    choices: [html, json]
    default: [html, json]
  fail_on:
    description:
      - Fail if there is a finding of this severity or a worse one, or if a rule of such a severity could not be
        evaluated on a host, which the summary on the terminal names. Rules that are unknown for what the host could
        not tell fail nothing.
    type: str
    choices: [never, info, low, medium, high, critical]
    default: never
  fail_on_missing:
    description:
      - Fail if a host could not be audited.
    type: bool
    default: true
seealso:
  - module: ebpf.fleet.bpf_audit
"""

EXAMPLES = r"""
- name: Check the rules and make a run directory
  ebpf.fleet.bpf_report:
    step: begin
    base_dir: /tmp/bpf-audit
  delegate_to: localhost
  run_once: true
  register: run

- name: Look at every host
  ebpf.fleet.bpf_audit:
    run_dir: "{{ run.run_dir }}"

- name: Report, and fail if anything of severity high was found
  ebpf.fleet.bpf_report:
    run_dir: "{{ run.run_dir }}"
    fail_on: high
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
run_dir:
  description: Absolute path of the run directory.
  returned: success
  type: str
  sample: /srv/audit/20261122T150000Z
rules:
  description: Number of rules that were loaded.
  returned: O(step=begin)
  type: int
  sample: 30
reports:
  description: Path of each report, V(null) for one that check mode kept from being written.
  returned: O(step=report)
  type: dict
  sample: {html: /srv/audit/20261122T150000Z/report.html, json: /srv/audit/20261122T150000Z/report.json}
summary:
  description:
    - Number of hosts, of findings a severity, and of verdicts.
    - C(collected) is when, in seconds since the epoch.
  returned: O(step=report)
  type: dict
  sample:
    hosts: {expected: 3, audited: 2, without_root: 0, failed: 0, unreachable: 1, missing: 0}
    findings: {critical: 0, high: 1, medium: 3, low: 2, info: 4}
    verdicts: {pass: 44, fail: 10, unknown: 4, not_applicable: 2}
    collected: {first: 1795359600, last: 1795359604}
not_audited:
  description:
    - The first 100 hosts that could not be audited, and why.
    - C(outcome) is V(failed), V(unreachable) or V(missing).
  returned: O(step=report)
  type: list
  elements: dict
  sample: [{host: web3, outcome: unreachable, error: "Failed to connect to the host via ssh"}]
"""
