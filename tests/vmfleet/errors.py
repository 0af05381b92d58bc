# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong, told in one sentence."""

from __future__ import annotations


class FleetError(Exception):
    """One sentence for the user: what failed, why, and the way out where there is one."""
