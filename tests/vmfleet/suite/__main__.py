# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the suite: python3 tests/vmfleet/suite"""

from __future__ import annotations

import pathlib
import sys

# the folder of the package, so that the suite finds the tool beside it
sys.path[0] = str(pathlib.Path(__file__).resolve().parent.parent.parent)

from vmfleet.suite import cli

sys.exit(cli.main(sys.argv[1:]))
