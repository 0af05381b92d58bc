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


def unpack(result):
    """The document in the module's result. FleetError if it is not one: what a target sends is not to be trusted."""
    if result.get("encoding") != ENCODING:
        raise FleetError(f"the module answered in the encoding {result.get('encoding')!r}, and not in {ENCODING}")
    try:
        stream = zlib.decompressobj()
        text = stream.decompress(base64.b64decode(result["document"], validate=True), _LARGEST)
        document = json.loads(text)
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise FleetError(f"the module's answer cannot be read: {error}") from error
    if stream.unconsumed_tail or not stream.eof:
        raise FleetError("the module's answer is cut off or too large")
    return check(document)


def check(document):
    """The document itself if it has the shape that rules and reports rely on, else FleetError."""
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise FleetError(f"the host's document is not of schema {SCHEMA}; is the collection the same everywhere?")
    for noun in ("programs", "maps", "links", "btfs", "pins", "sysctls"):
        records = document.get(noun)
        if records is not None and not (isinstance(records, list) and all(isinstance(one, dict) for one in records)):
            raise FleetError(f"the host's document has something else than a list of records as {noun}")
    for part in ("kernel", "memlock", "unavailable", "privileges"):
        if document.get(part) is not None and not isinstance(document[part], dict):
            raise FleetError(f"the host's document has something else than a mapping as {part}")
    return document
