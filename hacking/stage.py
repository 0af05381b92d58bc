# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copy the collection into a tree that ansible-test, ansible-lint and mypy accept.

ansible-test wants ``.../ansible_collections/ebpf/fleet``, outside of any other git work tree: inside an ignored folder
of one it finds no files, prints "All targets skipped" and succeeds.

usage: python hacking/stage.py FOLDER      prints the path of the copy
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
UNPACKED_SKIP = {
    ".git",
    ".venv",
    ".nox",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "bpf-audit",
    "build",
}


def listing(root: pathlib.Path) -> list[str]:
    """Paths relative to root of what is tracked, or is new and not ignored."""
    command = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"]
    if (root / ".git").exists():
        out = subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
        return [path for path in out.split("\0") if path]
    # an unpacked archive has no index to ask
    return [
        str(path.relative_to(root))
        for path in root.rglob("*")
        if not path.is_dir() and not UNPACKED_SKIP.intersection(path.relative_to(root).parts)
    ]


def stage(folder: str | pathlib.Path, root: pathlib.Path = ROOT) -> pathlib.Path:
    """Copy root below folder and return the path of the copy."""
    copy = pathlib.Path(folder) / "ansible_collections" / "ebpf" / "fleet"
    for name in listing(root):
        source, target = root / name, copy / name
        if not source.is_symlink() and not source.is_file():
            continue  # tracked, and deleted in the work tree
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    return copy


if __name__ == "__main__":
    print(stage(sys.argv[1]))
