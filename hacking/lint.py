# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every static check, in a staged copy; goes on after a failure and ends with what failed.

usage: hacking/in-venv test,lint python hacking/lint.py [CHECK...]
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from stage import ROOT, stage

TARGET_CODE = ["plugins/modules", "plugins/module_utils"]
# these run on the oldest target Python too
TARGET_TESTS = ["tests/unit/plugins/module_utils"]
SHELL = ["hacking/find-python", "hacking/in-venv", "hacking/oracles", ".ci/run"]
COLLECTION = "ansible_collections/ebpf/fleet"

# name -> command, run at the top of the copy; "{tree}" is the folder that holds ansible_collections
CHECKS: dict[str, list[str]] = {
    "ruff": ["ruff", "check", "--no-cache", "."],
    "ruff-format": ["ruff", "format", "--no-cache", "--diff", "--quiet", "."],
    "vermin": ["vermin", "--quiet", "--no-tips", "--violations", "-t=3.8-", *TARGET_CODE, *TARGET_TESTS],
    "shellcheck": ["shellcheck", *SHELL],
    "yamllint": ["yamllint", "--strict", "."],
    "shell-syntax": ["sh", "-n", *SHELL],
    "reuse": ["reuse", "lint", "--quiet"],
    "antsibull-changelog": ["antsibull-changelog", "lint"],
    "antsibull-docs": [
        "antsibull-docs",
        "lint-collection-docs",
        "--plugin-docs",
        "--validate-collection-refs=all",
        ".",
    ],
    "mypy": ["mypy", "--config-file", f"{COLLECTION}/pyproject.toml", f"{COLLECTION}/plugins"],
    "mypy-vmfleet": [
        "mypy",
        "--config-file",
        f"{COLLECTION}/pyproject.toml",
        "--exclude=__main__",
        f"{COLLECTION}/tests/vmfleet",
    ],
    "mypy-hacking": [
        "mypy",
        "--no-namespace-packages",
        "--no-explicit-package-bases",
        "--ignore-missing-imports",
        "hacking",
    ],
    "ansible-lint": ["ansible-lint", "--offline", "--strict", "--profile", "production", "--nocolor"],
}
IN_TREE = {"mypy", "mypy-vmfleet"}


def have(name: str) -> bool:
    """shellcheck is no Python package: it is there where the distribution's is installed."""
    if name != "shellcheck" or shutil.which(name):
        return True
    print("lint shellcheck: skipped: shellcheck is not installed")
    return False


def run(name: str, tree: pathlib.Path, copy: pathlib.Path) -> bool:
    env = dict(
        os.environ,
        ANSIBLE_COLLECTIONS_PATH=str(tree),
        MYPYPATH=str(tree),
        MYPY_CACHE_DIR=str(ROOT / ".mypy_cache" / name),
    )
    start = time.monotonic()
    where = tree if name in IN_TREE else copy
    done = subprocess.run(
        CHECKS[name],
        cwd=where,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    word = "ok" if done.returncode == 0 else f"FAILED ({done.returncode})"
    print(f"lint {name}: {word} ({time.monotonic() - start:.0f} s)", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0


def main(names: list[str]) -> int:
    unknown = set(names) - set(CHECKS)
    if unknown:
        print(f"unknown: {' '.join(sorted(unknown))}; there are: {' '.join(CHECKS)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="ebpf-fleet-") as folder:
        tree = pathlib.Path(folder)
        copy = stage(tree)
        failed = [name for name in names or CHECKS if have(name) and not run(name, tree, copy)]
    if failed:
        print(f"lint failed: {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
