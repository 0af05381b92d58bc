# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""One setting in a configuration file of systemd: pure text in, text out."""

from __future__ import annotations

import re

from .._kernel.rlimit import UNLIMITED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .limit_pair import Pair

HEADING = "# Kept by the Ansible module ebpf.fleet.bpf_memlock.\n"

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_VALUE = re.compile(r"([0-9]+)([KMGTPE]?)")
_POWERS = " KMGTPE"


class _Line:
    """A line with all that continues it; ``key`` is None for what assigns nothing."""

    __slots__ = ("key", "section", "text", "value")

    def __init__(self, text: str, section: str | None, key: str | None, value: str) -> None:
        self.text, self.section, self.key, self.value = text, section, key, value


def get(content: bytes | None, section: str, key: str) -> str | None:
    """Return what a file assigns to a setting: the last assignment counts, an empty one takes back all before it."""
    found = [line.value for line in _parse(content) if (line.section, line.key) == (section, key)]
    return found[-1] or None if found else None


def put(content: bytes | None, section: str, key: str, value: str | None) -> bytes | None:
    """Return the file that assigns a value exactly once, or, for None, not at all; everything else in it stays.

    No file is None: a new one gets our heading, and one that would have nothing but headings left goes.
    """
    lines = _parse(content)
    ours = [line for line in lines if (line.section, line.key) == (section, key)]
    if [line.value for line in ours] == ([] if value is None else [value]):
        return content
    new = "" if value is None else f"{key}={value}\n"
    if ours:
        text = "".join(new if line is ours[-1] else line.text for line in lines if line not in ours[:-1])
    else:
        text = _insert(lines, section, new)
    return None if value is None and _is_bare(text) else text.encode("utf-8", "surrogateescape")


def parse_pair(text: str | None) -> Pair:
    """Return the pair that systemd makes of ``value`` or ``soft:hard``, (None, None) of what it would not take."""
    if text is None:
        return None, None
    soft, colon, hard = text.partition(":")
    pair = _parse_value(soft), _parse_value(hard if colon else soft)
    return (None, None) if None in pair else pair


def pair_text(pair: Pair) -> str:
    """Return a complete pair as systemd writes it."""
    soft, hard = ("infinity" if value == UNLIMITED else str(value) for value in pair)
    return soft if soft == hard else f"{soft}:{hard}"


def _parse_value(text: str) -> int | None:
    text = text.strip()
    if text == "infinity":
        return UNLIMITED
    match = _VALUE.fullmatch(text)
    if match is None:
        return None
    value = int(match.group(1)) << 10 * _POWERS.index(match.group(2) or " ")
    # how older releases print infinity
    return UNLIMITED if value == (1 << 64) - 1 else value


def _parse(content: bytes | None) -> list[_Line]:
    lines: list[_Line] = []
    section = None
    for text in _logical((content or b"").decode("utf-8", "surrogateescape")):
        plain = text.replace("\\\n", " ").strip()
        if plain.startswith("[") and plain.endswith("]"):
            section = plain[1:-1]
        key, equals, value = plain.partition("=")
        assigns = equals and not plain.startswith(("#", ";", "["))
        lines.append(_Line(text, section, key.strip() if assigns else None, value.strip()))
    return lines


def _logical(text: str) -> list[str]:
    """Return the lines of a text, each with those that a backslash at its end joins to it."""
    joined: list[str] = []
    is_open = False
    for line in _LINE.findall(text):
        if is_open:
            joined[-1] += line
        else:
            joined.append(line)
        # A comment joins nothing to itself, and does not end what it stands in.
        if not line.lstrip().startswith(("#", ";")):
            is_open = _joins(line)
    return joined


def _joins(text: str) -> bool:
    return text.rstrip("\n").endswith("\\")


def _insert(lines: list[_Line], section: str, new: str) -> str:
    """Return the text with a line behind the last one of its section, which is made where there is none."""
    there = [place for place, line in enumerate(lines) if line.section == section and line.text.strip()]
    place = there[-1] + 1 if there else len(lines)
    before = _closed("".join(line.text for line in lines[:place]))
    if not there:
        before = f"{before}\n[{section}]\n" if before else f"{HEADING}[{section}]\n"
    return before + new + "".join(line.text for line in lines[place:])


def _closed(text: str) -> str:
    """Return a text to which a line can be added: its last one ends, and no backslash reaches beyond it."""
    if text and not text.endswith("\n"):
        text += "\n"
    return text + "\n" if _joins(text) else text


def _is_bare(text: str) -> bool:
    return all(not line.strip() or line == HEADING or line.strip().startswith("[") for line in _LINE.findall(text))
