# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def text(raw: bytes) -> str:
    """Return a kernel string as text: up to its first NUL, bytes that are not UTF-8 as ``\\xNN``."""
    return raw.partition(b"\0")[0].decode("utf-8", "backslashreplace")


def number_name(names: tuple[str, ...], number: int) -> str:
    """Return the name of an enum number; a number that is newer than our table is itself, as a string."""
    return names[number] if 0 <= number < len(names) else str(number)


def flag_names(names: dict[int, str], flags: int) -> list[str]:
    """Return the names of the set bits, low to high; a bit without a name is its value in hex."""
    return [names.get(1 << bit, hex(1 << bit)) for bit in range(flags.bit_length()) if flags >> bit & 1]


def fdinfo_value(fdinfo: bytes, key: bytes) -> bytes | None:
    """Return the value of one ``key:<tab>value`` line of an fdinfo text; None where the kernel has no such line."""
    start = fdinfo.find(b"\n" + key + b":")
    if start < 0:
        return None
    start += len(key) + 2
    end = fdinfo.find(b"\n", start)
    return fdinfo[start : end if end >= 0 else len(fdinfo)].strip()


def device(ifindex: int, netns_dev: int, netns_ino: int, name: str | None) -> dict | None:
    """Return the ``dev`` key of a program or map bound to a network device, None for all others.

    ``ns_dev`` and ``ns_inode`` name the network namespace that the ifindex belongs to.
    """
    if not ifindex:
        return None
    return {"ifindex": ifindex, "ns_dev": netns_dev, "ns_inode": netns_ino, "ifname": name}


def missing_fields(fields: dict[str, str], has: Callable[[str], bool]) -> dict[str, str]:
    """Return ``{key: "unsupported"}`` for the keys whose kernel field lies beyond the reach of this kernel's struct."""
    return {key: "unsupported" for key, field in fields.items() if not has(field)}


def hide(record: dict, reasons: dict[str, str]) -> dict:
    """Set keys of a record to None and note why; the record is changed in place and returned."""
    if reasons:
        for key in reasons:
            record[key] = None
        record.setdefault("unavailable", {}).update(reasons)
    return record


def unreadable(number: int, keys: Iterable[str], why: str) -> dict:
    """Return the record of an object that is there and cannot be read: its id, and None with a reason for the rest."""
    return hide({"id": number}, dict.fromkeys((key for key in keys if key != "id"), why))
