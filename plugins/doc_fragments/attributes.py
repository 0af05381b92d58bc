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
    description: What a task does under C(--check), when it should tell what would change and change nothing.
  diff_mode:
    description: What a task shows under C(--diff) of how it found things and how it left them.
  platform:
    description: Where the module runs, that is, what the target has to be.
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
      - It only reads, with C(--check) and without.
  diff_mode:
    support: N/A
    details:
      - It only reads, so there is no before and after.
"""

    FACTS_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - It only reads, with C(--check) and without.
  diff_mode:
    support: N/A
    details:
      - It only reads, so there is no before and after.
  facts:
    description: The result holds C(ansible_facts), which later tasks and plays find among the facts of the host.
    support: full
"""

    BPF_GROUP = r"""
options: {}
attributes:
  action_group:
    description: Options that C(module_defaults) gives to C(group/ebpf.fleet.bpf) reach this module too.
    support: full
    membership:
      - ebpf.fleet.bpf
"""

    # For modules whose work is done, or partly done, by an action plugin on the controller.
    ACTION_PLUGIN = r"""
options: {}
attributes:
  action:
    description: Whether the work, or a part of it, is done on the controller by an action plugin of the same name.
    support: full
  async:
    description: Whether a task may go on in the background, with the keyword C(async).
    support: none
  bypass_host_loop:
    description:
      - Whether one run of the task serves all hosts of the play, whatever C(serial) and C(throttle) say.
    support: none
"""
