# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import base64
import binascii
import json
import zlib

from .._errors import FleetError

ENCODING = "json+zlib+base64"
SCHEMA = 1
# A document of 10,000 programs has some 10 MB. What is larger than this is not one of ours.
_LARGEST = 1 << 30
# Ours are some 6 deep, and more only where the metadata of a program is a struct of structs.
_DEEPEST = 60
_CONTAINERS = (dict, list)
_RECORDS = ("programs", "maps", "links", "btfs", "pins", "sysctls")
_MAPPINGS = ("kernel", "memlock", "unavailable", "privileges")

# What it raises to work with a value that is of another kind than ours: `check` does not look at every one.
UNUSABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def unusable(error):
    """The failure of a host whose document raised one of `UNUSABLE`, as a sentence."""
    return f"the host's document cannot be used: {type(error).__name__}: {error}"


def unpack(result):
    """The document in the module's result. FleetError if it is not one: what a target sends is not to be trusted."""
    if result.get("encoding") != ENCODING:
        raise FleetError(f"the module answered in the encoding {result.get('encoding')!r}, and not in {ENCODING}")
    try:
        stream = zlib.decompressobj()
        text = stream.decompress(base64.b64decode(result["document"], validate=True), _LARGEST)
        document = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise FleetError(f"the module's answer cannot be read: {error}") from error
    if stream.unconsumed_tail or not stream.eof:
        raise FleetError("the module's answer is cut off or too large")
    return check(document)


def _finite(text):
    """NaN and Infinity are none: no other reader of the reports takes them."""
    number = float(text)
    if number - number != 0:
        raise ValueError(f"{text} is no number of JSON")
    return number


def check(document):
    """The document itself if it has the shape that rules and reports rely on, else FleetError."""
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise FleetError(f"the host's document is not of schema {SCHEMA}; is the collection the same everywhere?")
    for part in _MAPPINGS:
        _want(document.get(part), _is_mapping, part, "a mapping")
    memlock, privileges = document.get("memlock") or {}, document.get("privileges") or {}
    lists = {noun: document.get(noun) for noun in _RECORDS} | {"memlock.limits": memlock.get("limits")}
    for noun, records in lists.items():
        _want(records, _are_records, noun, "a list of records")
        for record in records or ():
            if "unavailable" in record:
                _want(record["unavailable"], _are_sentences, f"unavailable of {noun}", "sentences")
    for part, holder in {"kernel": document.get("kernel") or {}, "memlock": memlock, "privileges": privileges}.items():
        _want(holder.get("unavailable"), _are_sentences, f"unavailable of {part}", "sentences")
    _want(document.get("unavailable"), _are_sentences, "unavailable", "sentences")
    _want(document.get("collected_at"), _is_number, "collected_at", "a number")
    _want(privileges.get("euid"), _is_number, "privileges.euid", "a number")
    _want(privileges.get("caps"), _are_names, "privileges.caps", "a list of names")
    return _bounded(document)


def _want(value, right, name, what):
    if value is not None and not right(value):
        raise FleetError(f"the host's document has something else than {what} as {name}")


def _is_mapping(value):
    return isinstance(value, dict)


def _is_number(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _are_records(value):
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _are_names(value):
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_sentences(value):
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _bounded(document):
    """The document itself if nothing that goes through it calls itself too often. 1 ms for 1,000 records."""
    level = [document]
    for _depth in range(_DEEPEST):
        inside = (one.values() if isinstance(one, dict) else one for one in level)
        level = [part for parts in inside for part in parts if isinstance(part, _CONTAINERS)]
        if not level:
            return document
    raise FleetError(f"the host's document is nested more deeply than {_DEEPEST} times")
