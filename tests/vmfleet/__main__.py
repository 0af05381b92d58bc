# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the tool: python3 tests/vmfleet"""

from __future__ import annotations

import pathlib
import sys

# the folder above, so that this one is a package whatever the current folder is
sys.path[0] = str(pathlib.Path(__file__).resolve().parent.parent)

from vmfleet import cli

sys.exit(cli.main(sys.argv[1:]))
