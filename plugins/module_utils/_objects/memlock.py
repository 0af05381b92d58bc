# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
from collections import namedtuple

from .._kernel import errors, procfs, rlimit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable

UNLIMITED = rlimit.UNLIMITED

# RLIMIT_MEMLOCK of one process; soft and hard in bytes or `UNLIMITED`, None with a reason in ``unavailable``. ``unit``
# is the systemd unit whose limits it started with, ``user`` the name of the real user, whom the kernel would charge.
Limit = namedtuple("Limit", "pid comm unit user soft hard unavailable")

_GONE = (errno.ENOENT, errno.ESRCH)
_UNIT_ENDINGS = (".service", ".scope", ".socket", ".mount", ".swap")


def limits(pids: Iterable[int]) -> list[Limit]:
    """Return the limit of each process, sorted by pid; processes that ended meanwhile are left out."""
    found = []
    for pid in sorted(set(pids)):
        try:
            found.append(_limit(pid))
        except OSError as error:
            # Opening a file of a process that is gone says ENOENT, reading one that was open ESRCH.
            if error.errno not in _GONE:
                raise
    return found


def parse_unit(text: bytes) -> str | None:
    """Return the system's systemd unit out of a /proc/PID/cgroup text, None for a process outside of any."""
    # Where both versions of cgroups are mounted, systemd keeps to its own hierarchy of version 1.
    for controllers in (b"name=systemd", b""):
        for line in text.split(b"\n"):
            fields = line.split(b":", 2)
            if len(fields) == 3 and fields[1] == controllers:
                return _unit_of_path(fields[2].decode("utf-8", "backslashreplace"))
    return None


def _unit_of_path(path: str) -> str | None:
    # Slices only group; below the first other part are the unit's own affairs (a user's manager, a container).
    first = next((part for part in path.split("/") if part and not part.endswith(".slice")), "")
    return first if first.endswith(_UNIT_ENDINGS) else None


def _limit(pid: int) -> Limit:
    unavailable: dict[str, str] = {}

    def tell(keys: tuple[str, ...], call: Callable[[], Any]) -> Any:
        try:
            return call()
        except OSError as error:
            if error.errno in _GONE:
                raise
            unavailable.update({key: errors.reason(error) for key in keys})
            return None

    limit = tell(("soft", "hard"), lambda: rlimit.memlock(pid))
    comm = tell(("comm",), lambda: _read(pid, "comm").rstrip(b"\n").decode("utf-8", "backslashreplace"))
    unit = tell(("unit",), lambda: parse_unit(_read(pid, "cgroup")))
    user = tell(("user",), lambda: user_name(parse_uid(_read(pid, "status"))))
    soft, hard = limit or (None, None)
    return Limit(pid, comm, unit, user, soft, hard, unavailable)


def parse_uid(text: bytes) -> int:
    """Return the real user id out of a /proc/PID/status text."""
    return int(text.partition(b"\nUid:")[2].split(None, 1)[0])


def user_name(uid: int) -> str:
    """Return the name of a user, the number as text where this host has no name for it."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _read(pid: int, name: str) -> bytes:
    return procfs.read(f"/proc/{pid}/{name}")
