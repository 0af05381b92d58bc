# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What the sysctl.d files of a host say, merged as systemd-sysctl and as procps-ng 4 ``sysctl --system`` merge them.

Both take the directories in the same order, a file name hides its namesakes in later directories, and all files are
read sorted by name. Then they differ: procps reads /etc/sysctl.conf last, systemd never; procps also takes names with a
leading dot; a ``-key`` without a value cancels an assignment in systemd, in procps it only keeps globs away, and may be
a glob itself; procps writes every assignment, systemd the last of each name, which matters for the latch. Sources:
sysctl.d(5), sysctl(8), and both programs run on planted trees (the unit tests).
"""

from __future__ import annotations

import errno
import os
from collections import namedtuple

from . import sysctl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, Sequence

DIRECTORIES = (
    "/etc/sysctl.d",
    "/run/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
)
LEGACY_FILE = "/etc/sysctl.conf"

# One line: ``key`` is the path below /proc/sys, ``spelled`` the same as procps sees it, which neither cleans the path
# up nor takes blanks behind a leading ``-``, and empty for a line that only systemd sees; ``value`` is None for a
# ``-key`` line. A file or directory that cannot be read is one line whose key is None and whose value is the errno.
Line = namedtuple("Line", "file number key spelled value")

# The merged state of one setting. ``systemd`` and ``procps`` are the deciding lines or None, ``doubt_systemd`` and
# ``doubt_procps`` the errno of a file that may decide but cannot be read (else 0), ``lines`` all that assign to it.
Merged = namedtuple("Merged", "systemd procps doubt_systemd doubt_procps lines")

_LATCH = sysctl.UNPRIVILEGED.replace(".", "/")
_BLANK = b" \t\n\r\v\f"
_GLOB = "*?["
_SWAP = {ord("."): "/", ord("/"): "."}


def read(names: Iterable[str], root: str = "") -> dict[str, Merged]:
    """Return the merged persistent state of each setting (dotted name).

    ``root`` is put before every directory and left out of the names of files in the result.
    """
    paths, unlisted = list_files(root)
    return merge_all(
        names, [line for path in in_order(paths) for line in lines_of(path, read_text(root + path))] + unlisted
    )


def merge_all(names: Iterable[str], procps: Sequence[Line]) -> dict[str, Merged]:
    """Return the state of each setting out of the lines in the order in which procps reads them."""
    names = list(names)
    keys = {name.replace(".", "/") for name in names}
    # Hosts have dozens of lines, and hardly one that is about these settings.
    procps = [line for line in procps if line.key is None or line.key in keys or is_glob(line.key)]
    systemd = [line for line in procps if line.file != LEGACY_FILE and not os.path.basename(line.file).startswith(".")]
    return {name: merge(name.replace(".", "/"), systemd, procps) for name in names}


def merge(key: str, systemd: Sequence[Line], procps: Sequence[Line]) -> Merged:
    """Return the state of one setting out of the lines in the order in which each tool reads them."""
    return Merged(
        decide_systemd(key, systemd),
        decide_procps(key, procps),
        _doubt(key, systemd),
        _doubt(key, procps),
        [line for line in procps if line.key is not None and line.value is not None and matches(line.key, key)],
    )


def decide_systemd(key: str, lines: Iterable[Line]) -> Line | None:
    """Return the line whose value systemd-sysctl writes to a key, or None."""
    table: dict[str, Line] = {}
    for line in lines:
        if line.key is None:
            continue
        before = table.get(line.key)
        # The same value again leaves an entry at its place in the order, another value moves it to the end. Of several
        # globs that match, the last in this order wins.
        if before is None or before.value != line.value:
            table.pop(line.key, None)
        table[line.key] = line
    if key in table:
        return table[key] if table[key].value is not None else None
    return _last(key, [line for line in table.values() if line.value is not None and matches(line.key, key)])


def decide_procps(key: str, lines: Sequence[Line]) -> Line | None:
    """Return the line whose value ``sysctl --system`` writes to a key last, or None."""
    # Every assignment is written in its turn; a glob spares the keys that any line names or excludes.
    spared = any(
        line.spelled == key or (line.value is None and matches(line.spelled, key, across=True))
        for line in lines
        if line.key is not None
    )
    writes = [line for line in lines if line.key is not None and line.value is not None]
    ours = [line for line in writes if clean(line.spelled) == key or (not spared and matches(line.spelled, key))]
    return _last(key, ours)


def _last(key: str, writes: Sequence[Line]) -> Line | None:
    """Return which of several lines that are written in their turn stays."""
    if key == _LATCH:
        # after a 1 the kernel takes nothing else
        writes = [line for line in writes if sysctl.parse_number(line.value) == 1][:1] or writes
    return writes[-1] if writes else None


def matches(pattern: str, key: str, across: bool = False) -> bool:
    """Return whether a key (path form) is meant by a key or glob of a line; ``across`` lets wildcards match slashes."""
    if pattern == key:
        return True
    if not is_glob(pattern):
        return False
    # Globs are rare, and this import costs more than the merge.
    from fnmatch import fnmatchcase

    pattern = pattern.replace("[^", "[!")
    if across:
        return fnmatchcase(key, pattern)
    parts, keys = pattern.split("/"), key.split("/")
    return len(parts) == len(keys) and all(fnmatchcase(one, other) for one, other in zip(keys, parts))


def is_glob(key: str) -> bool:
    """Return whether a key is a pattern that may mean several settings."""
    return any(sign in key for sign in _GLOB)


def parse(text: bytes, file: str) -> list[Line]:
    """Return the assignments of a file's text; comments, blank lines and lines without ``=`` are left out."""
    lines = []
    for number, raw in enumerate(text.split(b"\n"), 1):
        raw = raw.strip(_BLANK)
        if not raw or raw[:1] in b"#;":
            continue
        name, equals, value = raw.partition(b"=")
        if raw.startswith(b"-"):
            name = name[1:]
        elif not equals:
            continue
        text_value = _decode(value.strip(_BLANK)) if equals else None
        spelled = swap(_decode(name.rstrip(_BLANK)))
        lines.append(Line(file, number, clean(spelled.lstrip()), spelled, text_value))
    return lines


def swap(name: str) -> str:
    """Return a setting's name with slashes as separators.

    The first separator tells the form: a slash leaves the name as it is, a dot swaps dots and slashes everywhere.
    """
    first = next((sign for sign in name if sign in "./"), "/")
    return name.translate(_SWAP) if first == "." else name


def clean(path: str) -> str:
    """Return a path below /proc/sys without empty and ``.`` parts."""
    return "/".join([part for part in path.split("/") if part not in ("", ".")])


def lines_of(path: str, text: bytes | int | None) -> list[Line]:
    """Return the lines of a file with some text; see `Line` for an unreadable one."""
    if isinstance(text, int):
        return [Line(path, 0, None, None, text)]
    if not text or not (b"\r" in text or b"\0" in text):
        return parse(text or b"", path)
    return [line for number, raw in enumerate(text.split(b"\n"), 1) for line in _parts(path, number, raw)]


def _parts(path: str, number: int, raw: bytes) -> list[Line]:
    """Return the lines that systemd takes out of one line: it ends them at CR and NUL, too."""
    # procps ends them at NUL, and a CR within belongs to the value, which the kernel refuses then (EINVAL).
    whole, parts = raw.partition(b"\0")[0], raw.replace(b"\0", b"\n").replace(b"\r", b"\n")
    seen = [line._replace(number=number) for line in parse(whole, path)]
    lines = [line._replace(number=number) for line in parse(parts, path)]
    return [line if line in seen else line._replace(spelled="") for line in lines]


def read_text(path: str) -> bytes | int | None:
    """Return the content of a file, None for one that is missing or a directory, an errno for an unreadable one."""
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except (FileNotFoundError, IsADirectoryError):
        return None
    except OSError as error:
        return error.errno or errno.EIO


def list_files(root: str) -> tuple[set[str], list[Line]]:
    """Return the files that procps might read, and a line of doubt for each directory that cannot be listed."""
    paths: set[str] = set()
    unlisted = []
    for directory in DIRECTORIES:
        try:
            names = os.listdir(root + directory)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            unlisted.append(Line(directory, 0, None, None, error.errno or errno.EIO))
            continue
        paths.update(directory + "/" + name for name in names if name.endswith(".conf"))
    if os.path.isfile(root + LEGACY_FILE):
        paths.add(LEGACY_FILE)
    return paths, unlisted


def in_order(paths: Iterable[str]) -> list[str]:
    """Return the files that procps reads, in its order (systemd's are a part of them)."""
    first: dict[str, tuple[int, str]] = {}
    for path in paths:
        if path != LEGACY_FILE:
            directory, _slash, name = path.rpartition("/")
            rank = DIRECTORIES.index(directory), path
            first[name] = min(rank, first.get(name, rank))
    ordered = [first[name][1] for name in sorted(first, key=os.fsencode)]
    return ordered + [LEGACY_FILE for path in paths if path == LEGACY_FILE]


def _doubt(key: str, lines: Sequence[Line]) -> int:
    """Return the errno of an unreadable file that may change the answer: none that is assigned by name behind it."""
    doubt = 0
    for line in lines:
        if line.key is None:
            doubt = line.value
        elif line.key == key and line.value is not None:
            doubt = 0
    return doubt


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "backslashreplace")
