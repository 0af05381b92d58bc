#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is implemented as an action plugin; the modules that it runs on the target have code of their own.
from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_snapshot
short_description: Take the BPF programs of a host with all that belongs to them
version_added: 0.1.0
description:
  - Writes a folder on the controller with the code of programs after the verifier, as machine code and as a graph, the
    types from BTF, the maps, the links and what they are attached to, and the sysctls about BPF. C(index.html) leads to
    all of it, and says what is missing and why.
  - It is made to be handed to somebody else. Addresses of the kernel are masked in every file.
  - Runs other modules of this collection on the target, one for each kind of thing and not one for each program. Types
    and contents of maps are read object by object.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
requirements:
  - capstone (on the controller) for machine code as text
  - graphviz (on the controller) for pictures
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.attributes.action_plugin
  - ebpf.fleet.select
  - ebpf.fleet.select.name
  - ebpf.fleet.select.pinned
  - ebpf.fleet.select.tag
attributes:
  check_mode:
    support: full
    details:
      - Collects everything and writes nothing.
  diff_mode:
    support: none
options:
  dest:
    description:
      - Folder on the controller. A snapshot is a new folder, named by the time in UTC, in that of its host.
      - Missing folders are made with mode 0700, files with mode 0600.
    type: path
    default: bpf-snapshot
  redact:
    description:
      - V(addresses) masks constants in the address range of the kernel, addresses of machine code, distances of calls,
        and in machine code every number that an address could be made of. Machine code that cannot be disassembled is
        left out.
      - Addresses of s390x and of machines of 32 bits look like any other number, and are not found in data.
    type: str
    choices: [addresses, nothing]
    default: addresses
  map_entries:
    description:
      - At most so many entries of each map. Without it no contents are taken, since they may be personal data.
      - Contents are not made anonymous, only addresses in them are masked.
    type: int
    default: 0
seealso:
  - module: ebpf.fleet.bpf_prog_code_info
  - module: ebpf.fleet.bpf_btf_info
  - module: ebpf.fleet.bpf_map_entry_info
"""

EXAMPLES = r"""
- name: Take everything for a bug report
  ebpf.fleet.bpf_snapshot:
    dest: /tmp/bpf-snapshot

- name: Take one program with up to 100 entries of each of its maps
  ebpf.fleet.bpf_snapshot:
    dest: /tmp/bpf-snapshot
    name: filter
    map_entries: 100
"""

RETURN = r"""
path:
  description: Folder of the snapshot, V(null) in check mode.
  returned: success
  type: str
  sample: /srv/bpf-snapshot/web1/20261122T150000Z
files:
  description: Its files.
  returned: success
  type: list
  elements: str
  sample: [index.html, links.json, maps.json, programs/4-filter/xlated.txt, sysctls.json]
missing:
  description: What is not in it, and why. Also in C(index.html).
  returned: success
  type: list
  elements: str
  sample: []
counts:
  description: Number of objects.
  returned: success
  type: dict
  sample: {programs: 12, maps: 20, links: 4}
"""
