# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs of the system: are they there, run them, tell in one sentence why they failed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from . import processes
from .errors import FleetError

# program -> Debian package
PROGRAMS = {
    "apt-get": "apt",
    "busybox": "busybox-static",
    "cpio": "cpio",
    "dpkg-deb": "dpkg",
    "gpgv": "gpgv",
    "mke2fs": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
    "qemu-img": "qemu-utils",
    "qemu-system-x86_64": "qemu-system-x86",
    "setpriv": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
}
# what is no program
DATA = ("debian-archive-keyring",)
TO_BUILD = ("apt-get", "busybox", "cpio", "dpkg-deb", "gpgv", "mke2fs", "mmdebstrap", "setpriv", "ssh-keygen")
TO_RUN = ("qemu-img", "qemu-system-x86_64", "setpriv", "ssh", "ssh-keygen")


def missing(programs: Sequence[str]) -> list[str]:
    return [program for program in programs if not shutil.which(program)]


def require(programs: Sequence[str]) -> None:
    absent = missing(programs)
    if absent:
        raise FleetError(f"{' and '.join(absent)} missing on this machine: install with 'python3 tests/vmfleet deps'")


def require_root(what: str) -> None:
    if os.geteuid():
        raise FleetError(f"{what} needs root: run it as root, or with sudo")


class _State:
    stopping = False


def abandon() -> None:
    """End everything that this process has started, and start nothing more."""
    _State.stopping = True
    processes.end(processes.descendants(os.getpid()))


def go_on() -> None:
    """Leave the job when all are to end."""
    if _State.stopping:
        raise FleetError("given up, since something else went wrong")


def output(
    *command: str | os.PathLike[str],
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    keep: Sequence[int] = (),
) -> str:
    """Standard output of a command that must succeed; it inherits the descriptors in ``keep``."""
    go_on()
    words = [os.fspath(word) for word in command]
    # a killed tool takes what it started with it
    done = subprocess.run(
        ["setpriv", "--pdeathsig", "KILL", "--", *words],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="backslashreplace",
        check=False,
        pass_fds=keep,
    )
    if done.returncode:
        raise FleetError(
            f"{os.path.basename(words[0])} failed ({done.returncode}): {telling(done.stderr, done.stdout)}"
        )
    return done.stdout


def telling(*texts: str) -> str:
    """The lines that say most about a failure."""
    for text in texts:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith(("E:", "error:", "fatal"))]
        if lines:
            return " / ".join(errors[:2] or lines[-2:])
    return "it said nothing"


def install() -> None:
    """Install every package that the tool needs."""
    require_root("installing packages")
    require(["apt-get"])
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    packages = sorted({*PROGRAMS.values(), *DATA})
    for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        if subprocess.run(["apt-get", "-qq", *words], env=env, stdin=subprocess.DEVNULL, check=False).returncode:
            raise FleetError(f"apt-get {words[0]} failed: see above")
