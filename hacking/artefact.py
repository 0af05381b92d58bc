# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection, install the artefact into an empty folder, look at what is in it, run from there the audit, and
the hardening in check mode.

usage: hacking/in-venv use python hacking/artefact.py
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

from stage import ROOT, stage

# what must never travel: build_ignore in galaxy.yml keeps it out
UNWANTED = (
    ".venv",
    ".nox",
    ".git",
    ".ci",
    "bpf-audit",
    "build",
    "reports",
    "tests/output",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
)


def run(*command: str, cwd: pathlib.Path, env: dict[str, str] | None = None) -> None:
    subprocess.run(command, cwd=cwd, env=env, check=True, stdin=subprocess.DEVNULL)


def unwanted(artefact: pathlib.Path) -> list[str]:
    """Members that have no place in a release."""
    with tarfile.open(artefact) as archive:
        names = archive.getnames()
    return [
        name
        for name in names
        if any(f"/{name}/".startswith(f"/{word}/") or f"/{word}/" in f"/{name}/" for word in UNWANTED)
        or name.endswith((".pyc", ".tar.gz"))
    ]


def build(folder: pathlib.Path) -> pathlib.Path:
    """Build from a copy that also holds what a used checkout holds, so that build_ignore has something to ignore."""
    copy = stage(folder / "source")
    for litter in (
        ".venv/x",
        ".venv-2.16/x",
        ".nox/x",
        "bpf-audit/x",
        "build/x",
        "tests/output/x",
        "plugins/__pycache__/x.pyc",
        "old.tar.gz",
    ):
        path = copy / litter
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    run("ansible-galaxy", "collection", "build", "--output-path", str(folder), cwd=copy)
    return next(folder.glob("ebpf-fleet-*.tar.gz"))


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="ebpf-fleet-") as name:
        folder = pathlib.Path(name)
        artefact = build(folder)
        found = unwanted(artefact)
        if found:
            print(f"artefact holds what it should not: {found}")
            return 1
        place = folder / "installed"
        # without it ansible-galaxy finds the checkout in the virtual environment and has nothing to do
        env = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(place))
        install = ["ansible-galaxy", "collection", "install", "--offline", "--force", "-p", str(place), str(artefact)]
        run(*install, cwd=folder, env=env)
        inventory = ROOT / "inventory" / "localhost.yml"
        run("ansible-playbook", "ebpf.fleet.audit", "-i", str(inventory), cwd=folder, env=env)
        # its values are in a data file, and it changes nothing
        harden = ["ansible-playbook", "ebpf.fleet.harden", "-e", "bpf_hardening_profile=kspp", "--check"]
        run(*harden, "-i", str(inventory), cwd=folder, env=env)
    print("artefact: built, installed and used from an empty folder")
    return 0


if __name__ == "__main__":
    sys.exit(main())
