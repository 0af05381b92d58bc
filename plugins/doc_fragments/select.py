# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Which objects are meant; the options of plugins/module_utils/_module/select.py."""

    DOCUMENTATION = r"""
options:
  id:
    description:
      - Only the object with this id.
      - Ids are given out by the running kernel and mean nothing after a reboot.
    type: int
  type:
    description:
      - Only objects of this type, as the kernel and C(bpftool) name it.
    type: str
  required:
    description:
      - Fail where nothing matches, instead of returning an empty list.
    type: bool
    default: false
notes:
  - All selectors that are given must agree. Without one every object of the host is listed.
  - Listing needs C(CAP_SYS_ADMIN), so normally C(become). A pin is opened with the permissions of its file alone.
  - A key whose value the kernel did not tell is V(null), and C(unavailable) in the same record says why. What does not
    apply to an object is V(null) without a reason.
  - Objects that vanish while they are read are left out and never fail the task.
"""

    NAME = r"""
options:
  name:
    description:
      - Only objects with this name, exactly. For programs the full name counts as well as the kernel's, which ends
        after 15 characters.
    type: str
"""

    PINNED = r"""
options:
  pinned:
    description:
      - Only the object that is pinned at this path.
    type: path
"""

    TAG = r"""
options:
  tag:
    description:
      - Only programs with this tag (16 hexadecimal digits).
      - The kernel hashes the instructions with SHA-1 before Linux 6.18 and with SHA-256 from then on, so a tag does not
        compare across that line.
    type: str
"""
