# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the HTML documentation into build/docs.

usage: hacking/in-venv lint,docs python hacking/docs.py
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from stage import ROOT, stage


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="ebpf-fleet-") as folder:
        tree = pathlib.Path(folder)
        stage(tree)
        site = tree / "site"
        site.mkdir(mode=0o700)  # antsibull-docs refuses a folder that others can write to
        env = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(tree))
        init = ["antsibull-docs", "sphinx-init", "--use-current", "--squash-hierarchy", "--lenient"]
        subprocess.run([*init, "--dest-dir", str(site), "ebpf.fleet"], env=env, check=True, stdin=subprocess.DEVNULL)
        subprocess.run(["bash", "build.sh"], cwd=site, env=env, check=True, stdin=subprocess.DEVNULL)
        target = ROOT / "build" / "docs"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(site / "build" / "html", target)
    print(f"documentation: {target / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
