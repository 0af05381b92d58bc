# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import time
import unicodedata


def visible(value):
    """Text without anything that a terminal obeys or that reorders a line: such characters become escapes."""
    return "".join(_visible(char) for char in str(value))


def _visible(char):
    if " " <= char <= "~":
        return char
    # control, format (also the bidirectional ones), surrogate, private use, unassigned, line and paragraph separators
    if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029":
        return char.encode("unicode_escape", "backslashreplace").decode("ascii")
    return char


def many(number, noun):
    """1 host, 2 hosts."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def moment(seconds):
    """Unix seconds as 2026-11-22 15:00:00 UTC, "" for None."""
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        return ""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def cell(key, value):
    """One value of a record as a person reads it; "" for null, which tables show as a dash."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key.endswith("_at"):
        return moment(value)
    if isinstance(value, dict):
        if set(value) == {"pid", "comm"}:
            return f"{visible(value['comm'])} ({value['pid']})"
        return ", ".join(f"{visible(name)}={cell(name, part)}" for name, part in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(cell(key, part) for part in value)
    return visible(value)
