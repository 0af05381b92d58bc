# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Where a pin is, or is going to be."""

from __future__ import annotations

import os
import stat

from .._kernel import bpffs, errors
from .._objects import pin, pin_write
from .._view import pin as view
from .._view.record import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SPEC: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "required": True},
    "mount": {"type": "bool", "default": False},
    "mount_point": {"type": "path", "default": "/sys/fs/bpf"},
}
_WORDS = {"prog": "program"}
_KEYS = ("path", "kind", "id", "type", "name", "tag")


class Refusal(Exception):
    """A sentence that ends the task before anything is written."""


class Place:
    """A path for a pin: ``path`` (bytes, its directories without links) and ``found``, the `Pin` there or None.

    Raises `Refusal` where something is there that is no pin, and `KernelError`.
    """

    def __init__(self, params: dict[str, Any]) -> None:
        folder, name = os.path.split(os.fsencode(os.path.abspath(params["path"])))
        self.path = os.path.join(os.path.realpath(folder), name)
        self.mount: bytes | None = None
        self.directories: list[bytes] = []
        self._made: list[str] = []
        self.found = pin.read_path(self.path)
        self.inside = bpffs.holds(self.path)
        if self.found is not None and self.found.stat is not None:
            self._check_found(self.found.stat.st_mode)

    def _check_found(self, mode: int) -> None:
        if not self.inside:
            raise Refusal(f"{self} is a file on another file system than a BPF one, and no pin: it is left alone")
        if stat.S_ISDIR(mode):
            raise Refusal(f"{self} is a directory: path is that of the pin itself")
        if stat.S_ISLNK(mode):
            raise Refusal(f"{self} is a symbolic link to {text(os.readlink(self.path))}: name the pin that it leads to")

    def __str__(self) -> str:
        return text(self.path)

    def plan(self, mount: bool, mount_point: str) -> None:
        """Find out what has to be mounted and made before something can be pinned here; raises `Refusal`."""
        if self.found is not None:
            return
        if not self.inside:
            self.mount = self._mount(mount, os.fsencode(os.path.realpath(mount_point)))
        folder = os.path.dirname(self.path)
        while folder != self.mount and (self.mount or not os.path.lexists(folder)):
            self.directories.insert(0, folder)
            folder = os.path.dirname(folder)
        for made in (*self.directories, self.path):
            if b"." in os.path.basename(made):
                raise Refusal(
                    f"cannot pin {self}: the name {text(os.path.basename(made))} has a dot, which a BPF file system "
                    "keeps for itself; choose a name without one"
                )

    def _mount(self, mount: bool, point: bytes) -> bytes:
        if not mount:
            raise Refusal(f"{self} is not on a BPF file system: {_ways()}, or have one mounted with mount: true")
        if not self.path.startswith(point.rstrip(b"/") + b"/"):
            raise Refusal(f"{self} is not below mount_point {text(point)}: a mount there would not help")
        try:
            some = os.listdir(point)
        except FileNotFoundError:
            return point
        except OSError as error:
            raise errors.kernel_error(f"list {text(point)}", error.errno or 0) from None
        if some:
            raise Refusal(
                f"a BPF file system is not mounted on {text(point)}: it would hide what is in there, such as "
                f"{text(min(some))}"
            )
        return point

    def prepare(self) -> None:
        """Mount and make what `plan` found; raises `KernelError`."""
        if self.mount is not None:
            self._make(self.mount)
            bpffs.mount(self.mount)
            self._made.append(f"the mount on {text(self.mount)}")
        for folder in self.directories:
            self._make(folder)

    def _make(self, folder: bytes) -> None:
        if pin_write.make_directory(folder):
            self._made.append(f"directory {text(folder)}")

    def state(self, wanted: bool) -> dict[str, list[str]]:
        """Return the mounts and directories that this task makes: all (``wanted``), or those that are there."""
        there = {point for point, _options in bpffs.mounts()}
        mounts = [point for point in (self.mount,) if point is not None and (wanted or point in there)]
        made = [folder for folder in self.directories if wanted or os.path.isdir(folder)]
        return {"mounts": [text(point) for point in mounts], "directories": [text(folder) for folder in made]}


def failed(place: Place | None, sentence: str, **more: Any) -> dict[str, Any]:
    """Return the result of a task that fails, with what it has made for its pin by then and leaves."""
    left = place._made if place is not None else []
    if left:
        sentence = f"{sentence.rstrip('.')}. The task made this before, and it stays: {', '.join(left)}"
    return dict(more, msg=sentence, changed=bool(left))


def _ways() -> str:
    points = [text(point) for point, _options in bpffs.mounts()]
    return f"choose a path below {' or '.join(points[:3])}" if points else "none is mounted; mount one"


def identity(found: pin.Pin | None) -> tuple[str, int] | None:
    """Return (kind, id) of what is pinned, None where there is nothing or it cannot be told."""
    return (found.kind, found.id) if found is not None and found.kind and found.id else None


def brief(found: pin.Pin | None) -> list[dict[str, Any]]:
    """Return what differences show of a pin: a list of one short record, or an empty one."""
    if found is None:
        return []
    record = view.record(found)
    return [{key: record[key] for key in _KEYS}]


def words(found: pin.Pin) -> str:
    """Return what is pinned in words, for messages."""
    if identity(found) is None:
        return "something that cannot be opened" + (f" ({found.error})" if found.error else "")
    record = view.record(found)
    details = " ".join(part for part in (record["type"], record["name"]) if part)
    return f"{_WORDS.get(record['kind'], record['kind'])} {record['id']} ({details})"
