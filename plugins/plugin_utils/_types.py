# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What filters are given: BTF in any of its forms, types by name or as C text, and bytes."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Literal

from ..module_utils._btf import cdump, ctext, fromjson, source
from ..module_utils._btf.errors import BtfError
from ..module_utils._btf.leaf import hex_bytes
from ..module_utils._btf.reader import Spec
from ..module_utils._btf.typed import Typed
from ._errors import FleetError

ENCODINGS = ("hex", "base64", "list")
# A kernel with debug information, unpacked; beyond is a mistake, or a bomb.
_MAX_CONTENT = 1 << 30


def spec(btf: str, byte_order: str, base: str | None = None) -> Spec:
    """Return the types of ``btf``: a dump of bpf_btf_info or bpftool (JSON), or a file in Base64, as slurp reads it."""
    return source.spec(_content(btf, byte_order), spec(base, byte_order) if base else None)


def _content(btf: str, byte_order: str) -> bytes:
    if not isinstance(btf, str):
        raise FleetError(f"BTF is a text: JSON of a raw dump, or a file in Base64, not {type(btf).__name__}")
    if btf.lstrip().startswith("{"):
        return fromjson.blob(btf, _order(byte_order))
    data = _base64(btf)
    if data.startswith(b"\x1f\x8b"):
        data = _unpacked(data)
        if data.startswith(b'{"'):
            return fromjson.blob(data.decode("utf-8", "surrogateescape"), _order(byte_order))
    return data


def _unpacked(data: bytes) -> bytes:
    try:
        reader = zlib.decompressobj(wbits=31)
        found = reader.decompress(data, _MAX_CONTENT)
    except zlib.error as error:
        raise FleetError(f"the BTF is damaged gzip: {error}") from None
    if not reader.eof:
        raise FleetError("the BTF is gzip that is cut off, or far too large")
    return found


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise FleetError("neither JSON nor Base64: BTF files are given as slurp or b64encode returns them") from None


def _order(byte_order: str) -> Literal["little", "big"]:
    if byte_order == "little":
        return "little"
    if byte_order == "big":
        return "big"
    raise FleetError(f"byte_order is little or big, not {byte_order!r}")


def typed(wanted: str | int, btf: str | None, byte_order: str, base: str | None = None) -> Typed:
    """Return the codec of a type: of a name or id in ``btf``, or of C text."""
    if isinstance(wanted, bool) or not isinstance(wanted, (str, int)):
        raise FleetError("a type is a name, an id or C text")
    if btf is None:
        return Typed(*ctext.spec(str(wanted), _order(byte_order)))
    types = spec(btf, byte_order, base)
    if isinstance(wanted, str) and not wanted.isdigit():
        return Typed(types, _named(types, wanted))
    return Typed(types, int(wanted))


def _named(types: Spec, name: str) -> int:
    try:
        return cdump.find(types, [name])[0]
    except BtfError:
        # Integers, variables and sections have names too.
        for type_id in range(1, types.count()):
            if types.name(type_id) == name and types.kind(type_id) not in _NO_VALUES:
                return type_id
        raise


_NO_VALUES = (cdump.kinds.FUNC, cdump.kinds.DECL_TAG, cdump.kinds.TYPE_TAG)


def data(value, encoding: str) -> bytes:
    """Return the bytes that were given as hex, Base64, or a list of numbers like bpftool's."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, list):
        return _listed(value)
    if encoding == "base64":
        return _base64(_text(value))
    return hex_bytes(_text(value).strip(), "the value")


def _text(value) -> str:
    if not isinstance(value, str):
        raise FleetError(f"bytes are a text of hexadecimal numbers or a list of numbers, not {value!r}; quote them")
    return value


def _listed(value: list) -> bytes:
    try:
        return bytes(int(one, 16) if isinstance(one, str) else one for one in value)
    except (TypeError, ValueError):
        raise FleetError("a list of bytes has numbers from 0 to 255, or texts like '0x0a'") from None


def shown(value: bytes, encoding: str):
    """Return bytes in the encoding that was asked for."""
    if encoding not in ENCODINGS:
        raise FleetError(f"encoding is one of {', '.join(ENCODINGS)}, not {encoding!r}")
    if encoding == "list":
        return list(value)
    return base64.b64encode(value).decode("ascii") if encoding == "base64" else value.hex(" ")
