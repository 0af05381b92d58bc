# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The limits that pam_limits gives to logins: its files, and the memlock lines in one, which count in KiB."""

from __future__ import annotations

import os
import re
from collections import namedtuple

from .._kernel import errors
from .._kernel.rlimit import UNLIMITED
from .limit_pair import Unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .limit_pair import Pair

DIRECTORY = "/etc/security"

# One memlock line: whose, which of the two (both for "-"), and the value; bytes or `UNLIMITED`, None for what
# pam_limits would not take.
Line = namedtuple("Line", "path user soft hard")

HEADING = b"# Kept by the Ansible module ebpf.fleet.bpf_memlock.\n"

_TEXT = re.compile(rb"[^\n]*\n|[^\n]+")
_UNLIMITED = (b"unlimited", b"infinity", b"-1")
_TYPES = {b"soft": (True, False), b"hard": (False, True), b"-": (True, True)}


def exist() -> bool:
    """Return whether this host has limits by PAM."""
    return os.path.isdir(DIRECTORY)


def default_file() -> str:
    """Return the path of our own file."""
    return DIRECTORY + "/limits.d/50-ebpf-fleet.conf"


def files(new: str | None = None) -> list[str]:
    """Return the files that pam_limits reads, in its order, ``new`` among them even where it is not there yet.

    Raises `KernelError`.
    """
    found = [path for path in (DIRECTORY + "/limits.conf",) if path == new or os.path.isfile(path)]
    folder = DIRECTORY + "/limits.d"
    try:
        paths = {f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(".conf")}
    except (FileNotFoundError, NotADirectoryError):
        paths = set()
    except OSError as error:
        raise errors.kernel_error(f"list {folder}", error.errno or 0) from None
    if new is not None and new not in found:
        paths.add(new)
    # by bytes, as in the locale C
    return found + sorted(paths, key=os.fsencode)


def check_file(path: str) -> None:
    """Refuse a file that pam_limits does not read; raises `Unfit`."""
    folder, name = os.path.split(path)
    if path != DIRECTORY + "/limits.conf" and (folder != DIRECTORY + "/limits.d" or not name.endswith(".conf")):
        raise Unfit(f"pam_limits does not read {path}: give limits.conf or a .conf file in {DIRECTORY}/limits.d")


def parse(content: bytes | None, path: str) -> list[Line]:
    """Return the memlock lines of a file in their order."""
    found = []
    for text in _TEXT.findall(content or b""):
        fields = _fields(text)
        if fields:
            user, (is_soft, is_hard), value = fields
            found.append(Line(path, user, value if is_soft else None, value if is_hard else None))
    return found


def merge(lines: list[Line], user: str) -> Pair:
    """Return what lines give to one user, group or ``*``: of two that say the same thing the later one counts."""
    soft = hard = None
    for line in lines:
        if line.user == user:
            soft = soft if line.soft is None else line.soft
            hard = hard if line.hard is None else line.hard
    return soft, hard


def put(content: bytes | None, user: str, pair: Pair) -> bytes | None:
    """Return the file that gives a user a pair; None in it, or in both, leaves no line. Everything else stays.

    No file is None: a new one gets our heading, and one that would have nothing but that left goes. Raises `Unfit`.
    """
    texts = _TEXT.findall(content or b"")
    ours = [place for place, text in enumerate(texts) if (_fields(text) or ("",))[0] == user]
    if merge(parse(content, ""), user) == pair and len(ours) <= 2 - pair.count(None):
        return content
    if texts and not texts[-1].endswith(b"\n"):
        texts[-1] += b"\n"
    place = ours[0] if ours else len(texts)
    rest = [text for number, text in enumerate(texts) if number > place and number not in ours]
    new = [_line(user, kind, value) for kind, value in zip((b"soft", b"hard"), pair) if value is not None]
    result = b"".join(texts[:place] + new + rest)
    if not new and not result.replace(HEADING, b"").strip():
        return None
    return result if texts else HEADING + result


def check_user(user: str) -> None:
    """Refuse what cannot stand as the first field of a line; raises `Unfit`."""
    if not user or "#" in user or any(char.isspace() for char in user):
        raise Unfit(f"user {user!r} is no name that a line of limits.conf can carry: give a name, @group or *")


def _line(user: str, kind: bytes, value: int) -> bytes:
    if value != UNLIMITED and value % 1024:
        raise Unfit(f"{value} bytes are no whole number of KiB, in which PAM counts: give a multiple of 1024")
    text = b"unlimited" if value == UNLIMITED else b"%d" % (value // 1024)
    return b"%s\t%s\tmemlock\t%s\n" % (user.encode("utf-8", "surrogateescape"), kind, text)


def _fields(text: bytes) -> tuple[str, tuple[bool, bool], int] | None:
    """Return user, which of the two, and value of a memlock line; None for any other line."""
    words = text.partition(b"#")[0].split()
    if len(words) < 4 or words[2].lower() != b"memlock" or words[1].lower() not in _TYPES:
        return None
    value = _parse_value(words[3])
    return None if value is None else (words[0].decode("utf-8", "surrogateescape"), _TYPES[words[1].lower()], value)


def _parse_value(text: bytes) -> int | None:
    if text.lower() in _UNLIMITED:
        return UNLIMITED
    return int(text) << 10 if text.isdigit() else None
