# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What a module can do, in Ansible's attribute vocabulary. A module states its own C(support)."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
  diff_mode:
    description: Returns details on what has changed (or would change in C(check_mode)) when in diff mode.
  platform:
    description: The operating system the module runs on.
    platforms: linux
    support: full
    details:
      - Needs Linux 4.18 or newer on the target. No other software than Python is used there.
"""

    # For everything that only reads.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module does not modify the state of the target.
  diff_mode:
    support: N/A
    details:
      - This module does not modify the state of the target.
"""

    FACTS_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module does not modify the state of the target.
  diff_mode:
    support: N/A
    details:
      - This module does not modify the state of the target.
  facts:
    description: Action returns an C(ansible_facts) dictionary that will update existing host facts.
    support: full
"""

    BPF_GROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/ebpf.fleet.bpf) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - ebpf.fleet.bpf
"""

    # For modules whose work is done, or partly done, by an action plugin on the controller.
    ACTION_PLUGIN = r"""
options: {}
attributes:
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on
      the controller.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  bypass_host_loop:
    description:
      - Forces a 'global' task that does not execute per host.
      - It bypasses per host templating and the serial and throttle keywords.
    support: none
"""
