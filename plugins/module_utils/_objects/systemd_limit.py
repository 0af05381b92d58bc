# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Where systemd keeps RLIMIT_MEMLOCK: in the files of a unit, or as the manager's default for all units."""

from __future__ import annotations

import os
from collections import namedtuple

from .._kernel import errors
from . import dropin
from .limit_pair import Unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from .._kernel.systemd import Systemctl
    from .limit_pair import Pair

SYSTEM = "/etc/systemd/system"
# in ascending order of their rights: a file hides those of the same name in front of it
MANAGER = ("/usr/lib/systemd", "/usr/local/lib/systemd", "/run/systemd", "/etc/systemd")
FILE = "50-ebpf-fleet.conf"

# What systemd knows. ``missing`` is None, or why there is no such unit; ``pair`` what is loaded; ``paths`` the files it
# comes from, the last one counts; ``mains`` (unit, pid) of the main processes that run; ``stale`` whether files were
# changed since they were read.
Seen = namedtuple("Seen", "missing pair paths mains stale")

_SECTIONS = {".service": "Service", ".socket": "Socket", ".mount": "Mount", ".swap": "Swap"}
_PROPERTIES = (
    "LoadState",
    "ActiveState",
    "MainPID",
    "FragmentPath",
    "DropInPaths",
    "NeedDaemonReload",
    "LimitMEMLOCK",
    "LimitMEMLOCKSoft",
)


def is_limited(name: str | None) -> bool:
    """Return whether a unit is of a type that has a limit."""
    return name is not None and "." + name.rpartition(".")[2] in _SECTIONS


class Unit:
    """One unit, or the template of many (``name@.service``); raises `Unfit` for a name that can have no limit."""

    scope = "unit"
    key = "LimitMEMLOCK"

    def __init__(self, name: str, file: str | None = None) -> None:
        stem, dot, ending = name.rpartition(".")
        self.name = name if dot and stem else f"{name}.service"
        ending = "." + self.name.rpartition(".")[2]
        if "/" in name or not name or ending not in _SECTIONS:
            raise Unfit(
                "only services, sockets, mounts and swaps have a LimitMEMLOCK: name one of these, or set the limit of "
                "processes with scope=process"
            )
        self.section = _SECTIONS[ending]
        self.file = file or f"{SYSTEM}/{self.name}.d/{FILE}"
        folder, base = os.path.split(self.file)
        if not base.endswith(".conf") or os.path.basename(folder) != f"{self.name}.d":
            raise Unfit(f"{self.file} is no drop-in of it: give a .conf file in {SYSTEM}/{self.name}.d")

    @property
    def is_template(self) -> bool:
        return "@." in self.name

    def read(self, systemctl: Systemctl) -> Seen:
        """Return what systemd knows; raises `SystemdError`."""
        if self.is_template:
            return self._read_template(systemctl)
        told = systemctl.show(self.name, _PROPERTIES)
        state = told.get("LoadState", "")
        missing = None if state == "loaded" else _why_missing(state)
        return Seen(missing, _pair(told, self.key), _paths(told), _mains(self.name, told), _is_stale(told))

    def _read_template(self, systemctl: Systemctl) -> Seen:
        # A template itself is never loaded, so only files and its instances can tell.
        missing = None if systemctl.unit_files(self.name) else _why_missing("not-found")
        prefix, _at, ending = self.name.partition("@.")
        told = {name: systemctl.show(name, _PROPERTIES) for name in systemctl.loaded(f"{prefix}@*.{ending}")}
        mains = [main for name, one in told.items() for main in _mains(name, one)]
        paths = [_paths(one) for one in told.values()][:1] or [[]]
        return Seen(missing, (None, None), paths[0], mains, any(map(_is_stale, told.values())))


class Manager:
    """The default of the manager of the system, for units that have no setting of their own."""

    scope = "manager"
    name = "systemd"
    section = "Manager"
    key = "DefaultLimitMEMLOCK"
    is_template = False

    def __init__(self, file: str | None = None) -> None:
        self.file = file or f"{MANAGER[-1]}/system.conf.d/{FILE}"
        folder, base = os.path.split(self.file)
        known = [f"{place}/system.conf.d" for place in MANAGER]
        if self.file != f"{MANAGER[-1]}/system.conf" and (folder not in known or not base.endswith(".conf")):
            raise Unfit(f"systemd does not read {self.file}: give a .conf file in {known[-1]}")

    def read(self, systemctl: Systemctl) -> Seen:
        """Return what the manager goes by; raises `SystemdError`."""
        told = systemctl.show(None, (self.key, f"{self.key}Soft"))
        return Seen(None, _pair(told, self.key), self._paths(), [], False)

    def _paths(self) -> list[str]:
        mains = [f"{place}/system.conf" for place in MANAGER if os.path.isfile(f"{place}/system.conf")]
        found = {}
        for place in MANAGER:
            try:
                names = os.listdir(f"{place}/system.conf.d")
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise errors.kernel_error(f"list {place}/system.conf.d", error.errno or 0) from None
            found.update({name: f"{place}/system.conf.d/{name}" for name in names if name.endswith(".conf")})
        return mains[-1:] + [found[name] for name in sorted(found)]


def settle(place: Unit | Manager, paths: list[str], read: Callable[[str], bytes | None]) -> tuple[str | None, Pair]:
    """Return the file that counts and the pair it gives, (None, (None, None)) where none sets the limit.

    ``read`` returns the content of a file or None. Our own file is put where it belongs.
    """
    source: str | None = None
    pair: Pair = (None, None)
    for path in in_order(paths, place.file):
        text = dropin.get(read(path), place.section, place.key)
        found = dropin.parse_pair(text)
        if found != (None, None):
            source, pair = path, found
    return source, pair


def in_order(paths: list[str], ours: str) -> list[str]:
    """Return files with ours among them: the first one, the unit's own or the manager's, then the others by name."""
    rest = [path for path in paths if path.endswith(".conf") and path != ours and ".d/" in path]
    mains = [path for path in paths if path not in rest and path != ours]
    return mains + sorted([*rest, ours], key=lambda path: os.fsencode(os.path.basename(path)))


def _pair(told: dict[str, str], key: str) -> Pair:
    hard = dropin.parse_pair(told.get(key))[1]
    soft = dropin.parse_pair(told.get(f"{key}Soft"))[0]
    return (None, None) if soft is None or hard is None else (soft, hard)


def _paths(told: dict[str, str]) -> list[str]:
    # Paths with a space are quoted in no release: such a unit name does not exist, and neither does such a folder.
    return told.get("FragmentPath", "").split() + told.get("DropInPaths", "").split()


def _mains(name: str, told: dict[str, str]) -> list[tuple[str, int]]:
    pid = told.get("MainPID", "0")
    return [(name, int(pid))] if pid.isdigit() and int(pid) else []


def _is_stale(told: dict[str, str]) -> bool:
    return told.get("NeedDaemonReload") == "yes"


def _why_missing(state: str) -> str:
    if state == "masked":
        return "systemd has this unit masked: unmask it first"
    if state == "not-found":
        return "systemd knows no such unit: check its name, or install it first"
    return f"systemd cannot load this unit ({state or 'no state'}): systemctl status tells why"
