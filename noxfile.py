# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions of antsibull-nox for maintainers; `make lint sanity test` needs none of them."""

from __future__ import annotations

import sys

import nox

try:
    import antsibull_nox
except ImportError:
    print("Install antsibull-nox into the environment of nox: pip install nox antsibull-nox", file=sys.stderr)
    sys.exit(1)

antsibull_nox.load_antsibull_nox_toml()

if __name__ == "__main__":
    nox.main()
