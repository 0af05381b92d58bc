# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-test on a staged copy of the collection, without containers.

usage: hacking/in-venv use python hacking/staged_ansible_test.py ARGUMENT...       what ansible-test takes
       --pythons   prints which interpreters were found, and leaves
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import seed_ansible_test_pip
from stage import ROOT, stage

VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


def real_pythons() -> dict[str, pathlib.Path]:
    """Interpreters that start, by version; a pyenv shim of a version that is not selected does not."""
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT") or "~/.pyenv").expanduser() / "versions"
    found = {}
    for version in VERSIONS:
        candidates = [*sorted(pyenv.glob(f"{version}.*/bin/python{version}")), shutil.which(f"python{version}")]
        for candidate in candidates:
            if candidate and starts(candidate):
                found[version] = pathlib.Path(candidate)
                break
    return found


def starts(python: str | os.PathLike[str]) -> bool:
    try:
        done = subprocess.run([python, "-c", ""], capture_output=True, stdin=subprocess.DEVNULL, check=False)
    except OSError:
        return False
    return done.returncode == 0


def report(found: dict[str, pathlib.Path]) -> str:
    missing = [version for version in VERSIONS if version not in found]
    return f"Pythons found: {' '.join(found) or 'none'}; not found: {' '.join(missing) or 'none'}"


def environment(found: dict[str, pathlib.Path]) -> dict[str, str]:
    """The environment with our virtual environment first, real interpreters next, shims last."""
    folders = [pathlib.Path(sys.executable).parent, *(python.parent for python in found.values())]
    env = dict(os.environ, PATH=os.pathsep.join([*map(str, folders), os.environ["PATH"]]))
    # ansible-test arranges these itself, for its own copy
    for name in ("ANSIBLE_COLLECTIONS_PATH", "VIRTUAL_ENV", "PYTHONPATH"):
        env.pop(name, None)
    return env


def main(arguments: list[str]) -> int:
    found = real_pythons()
    print(report(found), flush=True)
    if arguments == ["--pythons"]:
        return 0
    seed_ansible_test_pip.seed()
    with tempfile.TemporaryDirectory(prefix="ebpf-fleet-") as folder:
        copy = stage(folder, ROOT)
        command = ["ansible-test", *arguments]
        return subprocess.run(
            command, cwd=copy, env=environment(found), stdin=subprocess.DEVNULL, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
