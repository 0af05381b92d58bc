# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from collections.abc import Mapping, Sequence


def plain(value):
    """The same value in exactly str, int, float, bool, None, list and dict.

    Ansible hands out subclasses: unsafe text on 2.16, tagged and lazy containers from 2.19. JMESPath, json, yaml
    and SQL drivers look at C(type(x)) and treat them wrongly. TypeError for what has no plain form.
    """
    if isinstance(value, str):  # most of what there is in thousands of entries
        return str.__str__(value)
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, Mapping):
        return {_key(key): plain(element) for key, element in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [plain(element) for element in value]
    return _other(value)


def _key(key):
    if isinstance(key, str):
        return str.__str__(key)
    return plain(key) if key is None or isinstance(key, (bool, int, float)) else _other(key)


def _other(value):
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, (set, frozenset)):
        return sorted((plain(element) for element in value), key=repr)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"a value of type {type(value).__name__} has no plain form")
