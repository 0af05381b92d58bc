# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes guests ready for the suite."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable

from .. import parallel, ssh
from .plan import HERE

PLACE = "/usr/lib/python3/dist-packages"
SCRIPT = """
cat >{place}/vmfleet_zipcache.py <<'END'
{code}END
echo 'import vmfleet_zipcache' >{place}/vmfleet_zipcache.pth
mkdir -p /var/cache/vmfleet-zipimport
python3 -c 'import sys; assert "vmfleet_zipcache" in sys.modules'
"""
AT_ONCE = 4


def script() -> str:
    code = (HERE / "guest" / "vmfleet_zipcache.py").read_text(encoding="utf-8")
    return SCRIPT.format(place=PLACE, code=code)


def prepare(config: pathlib.Path, names: Iterable[str]) -> None:
    text = script()
    parallel.each(lambda name: ssh.run(config, name, text), list(names), AT_ONCE)
