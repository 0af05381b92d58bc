# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs of the system: are they there, run them, tell in one sentence why they failed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

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


def start(words: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a program that ends with the thread that calls this, and so with a tool that is killed."""
    go_on()
    child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *words], stdin=subprocess.DEVNULL, **options)
    if _State.stopping:  # since just now: then nobody may have seen this one
        child.kill()
    return child


def output(
    *command: str | os.PathLike[str],
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    keep: Sequence[int] = (),
) -> str:
    """Standard output of a command that must succeed; it inherits the descriptors in ``keep``."""
    words = [os.fspath(word) for word in command]
    child = start(words, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=keep)
    streams = [stream.decode("utf-8", "backslashreplace") for stream in child.communicate()]
    if child.returncode:
        raise FleetError(f"{os.path.basename(words[0])} failed ({child.returncode}): {telling(*reversed(streams))}")
    return streams[0]


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
