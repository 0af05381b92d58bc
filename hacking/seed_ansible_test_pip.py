# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give ansible-test its pip bootstrap from the package registry.

Even for local runs ansible-test builds virtual environments and downloads a ``get-pip`` script for them from a file
host of the Ansible project. Where only a package registry can be reached, this writes an equivalent script into
ansible-test's cache: the pip release that this ansible-test pins, packed as its wheel.

usage: python hacking/seed_ansible_test_pip.py       with the interpreter that has ansible-core
"""

from __future__ import annotations

import base64
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SCRIPT = """\
import base64
import os
import runpy
import sys
import tempfile

WHEEL = {name!r}
DATA = {data!r}

with tempfile.TemporaryDirectory() as folder:
    wheel = os.path.join(folder, WHEEL)
    with open(wheel, "wb") as handle:
        handle.write(base64.b64decode(DATA))
    sys.path.insert(0, wheel)
    # options of the real script that pip itself does not know
    sys.argv = ["pip", "install"] + [arg for arg in sys.argv[1:] if arg not in ("--no-setuptools", "--no-wheel")]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""


def pinned_version() -> str:
    """The pip release that the installed ansible-test wants for current Pythons."""
    from ansible_test._internal import python_requirements

    source = pathlib.Path(python_requirements.__file__ or "").read_text(encoding="utf-8")
    match = re.search(r"default_packages = dict\(\s*pip='([0-9.]+)'", source)
    if not match:
        raise SystemExit("this ansible-test pins pip in a way that seed_ansible_test_pip.py does not know")
    return match.group(1)


def seed() -> pathlib.Path:
    """Write the bootstrap script unless it is there; returns its path."""
    version = pinned_version()
    script = pathlib.Path("~/.ansible/test/cache").expanduser() / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return script
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", folder]
        subprocess.run([*command, f"pip=={version}"], check=True, stdin=subprocess.DEVNULL)
        wheel = next(pathlib.Path(folder).glob("pip-*.whl"))
        data = base64.b64encode(wheel.read_bytes()).decode("ascii")
    script.parent.mkdir(parents=True, exist_ok=True)
    partial = script.with_name(f"{script.name}.{os.getpid()}")
    partial.write_text(SCRIPT.format(name=wheel.name, data=data), encoding="utf-8")
    partial.replace(script)
    return script


if __name__ == "__main__":
    seed()
