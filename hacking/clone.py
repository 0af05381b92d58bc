# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a newcomer does: clone into a folder with a space in its name, ``make audit``, ``make test``.

usage: python hacking/clone.py [SERIES]      SERIES: the ansible-core series, as in ANSIBLE_CORE
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile

from stage import ROOT


def main(series: str) -> int:
    with tempfile.TemporaryDirectory(prefix="ebpf-fleet-") as folder:
        clone = pathlib.Path(folder) / "a folder with spaces" / "ebpf fleet"
        git = ["git", "-c", "safe.directory=*", "clone", "-q", "--no-hardlinks", str(ROOT), str(clone)]
        subprocess.run(git, check=True, stdin=subprocess.DEVNULL)
        # the virtual environment goes into the cache, since the clone's path has spaces
        env = dict(os.environ, ANSIBLE_CORE=series, XDG_CACHE_HOME=f"{folder}/cache", PYTHON="", VENV="")
        env.pop("MAKEFLAGS", None)
        failed = []
        for target in ("audit", "test"):
            print(f"==> make {target} in '{clone}', ansible-core {series or 'default'}", flush=True)
            done = subprocess.run(["make", target], cwd=clone, env=env, stdin=subprocess.DEVNULL, check=False)
            if done.returncode:
                failed.append(target)
    if failed:
        print(f"fresh clone, ansible-core {series or 'default'}: make {' and make '.join(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or [""]))
