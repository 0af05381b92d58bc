# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Pure edits of the text of a sysctl.d file. What is not about our settings stays as it is, byte by byte."""

from __future__ import annotations

from . import sysctl, sysctl_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Mapping

HEADER = b"# Kept by the Ansible module ebpf.fleet.bpf_sysctl. Other lines in here are left alone.\n"
_OVERRIDE = b"# Overrides %s: a copy by the Ansible module ebpf.fleet.bpf_sysctl in which some lines are comments.\n"
_OUT = b"# ebpf.fleet: "
_BLANK = b" \t\r\v\f"


def edit(text: bytes | None, wanted: Mapping[str, int | None]) -> bytes | None:
    """Return a file's text with one assignment for each setting, none for those that are wanted as None.

    ``text`` is None for a file that is not there, and so is the answer where none is needed. A line that says the same
    in other words stays; of several the last one does. New ones are added at the end, in the order of ``wanted``.
    """
    lines: list[bytes] = (text or b"").split(b"\n")
    added = []
    for name, value in wanted.items():
        found = _lines_about(lines, name)
        keep = None if value is None else _last_assignment(found)
        if value is not None and keep is None:
            added.append(b"%s = %d" % (name.encode(), value))
        elif value is not None and keep is not None and sysctl.parse_number(keep.value) != value:
            lines[keep.number - 1] = _with_value(lines[keep.number - 1], value)
        # a line without a value takes an assignment back; with nothing to assign it is none of ours
        drop = {line.number for line in found if line is not keep and (value is not None or line.value is not None)}
        # an unfinished last line leaves the end of the line before it behind
        lines = [line for number, line in enumerate(lines, 1) if number not in drop] + [b""] * (len(lines) in drop)
    return _join(lines, added, text)


def assigned(text: bytes | None, name: str) -> int | None:
    """Return the number that a file's last assignment of a setting gives it, None without one."""
    last = _last_assignment([line for line in sysctl_files.parse(text or b"", "") if line.key == _key(name)])
    return None if last is None else sysctl.parse_number(last.value)


def comment_out(text: bytes, name: str, value: int) -> bytes:
    """Return a file's text in which no line gives a setting another value: such lines become comments."""
    lines = text.split(b"\n")
    for line in sysctl_files.parse(text, ""):
        if line.key == _key(name) and line.value is not None and sysctl.parse_number(line.value) != value:
            lines[line.number - 1] = _OUT + lines[line.number - 1]
    return b"\n".join(lines)


def override(text: bytes, source: str) -> bytes:
    """Return the text of a file that takes the place of a vendor's, with where it comes from."""
    return _OVERRIDE % source.encode() + text


def _key(name: str) -> str:
    return name.replace(".", "/")


def _lines_about(lines: list[bytes], name: str) -> list[sysctl_files.Line]:
    return [line for line in sysctl_files.parse(b"\n".join(lines), "") if line.key == _key(name)]


def _last_assignment(lines: list[sysctl_files.Line]) -> sysctl_files.Line | None:
    return next((line for line in reversed(lines) if line.value is not None), None)


def _with_value(raw: bytes, value: int) -> bytes:
    """Return a line with another value; name, blanks and the end of the line stay as they are."""
    left, equals, right = raw.partition(b"=")
    before = right[: len(right) - len(right.lstrip(_BLANK))]
    after = right[len(right.rstrip(_BLANK)) :] if right.strip(_BLANK) else b""
    return left + equals + before + b"%d" % value + after


def _join(lines: list[bytes], added: list[bytes], text: bytes | None) -> bytes | None:
    end = b"\r" if text and text.partition(b"\n")[0].endswith(b"\r") else b""
    if added:
        if text is None:
            lines = [HEADER.rstrip(b"\n"), b""]
        # the last part is what stands behind the last line end
        unfinished = [lines[-1] + end] if lines[-1] else []
        lines = lines[:-1] + unfinished + [line + end for line in added] + [b""]
    result = b"\n".join(lines)
    return None if _is_empty(result) and (text is None or result != text) else result


def _is_empty(text: bytes) -> bool:
    """Return whether nothing is left but what `edit` itself puts into a new file."""
    return not text.replace(HEADER, b"").strip()
