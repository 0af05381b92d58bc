# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Bytes of many values -> their JSON texts, without a dict or a list for each on the way.

The text of a type is a template with one place for each number, filled in from what ``struct`` read: for plain structs
that is one C call for each value. The texts are what ``json`` makes of the values that `value` decodes, without spaces.
"""

from __future__ import annotations

import json
import struct
from collections import namedtuple

from .table import column

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable

    from .scalar import Codec
    from .value import Decoder

# template: text with one %-place for each item that the format ``code`` reads. finish: for each place what makes
# texts of its column, None for integers, which the template takes as they are.
Form = namedtuple("Form", "template code finish")

# Longer lists and records are decoded and given to ``json``: a template of them would be longer than they are.
_PLACES = 512

dump = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
quote = json.encoder.encode_basestring_ascii


class Texts:
    """Makes JSON texts of the values of a `Decoder`."""

    __slots__ = ("_decoder", "_form")

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._form = None if not decoder.size else form(decoder.codec)

    def many(self, data: bytes, stride: int = 0) -> Iterable[str]:
        """Return the texts of the values that begin every ``stride`` bytes of ``data`` (0: they lie side by side)."""
        stride = self._decoder.stride(data, stride)
        if self._form is None or not data:
            return map(dump, self._decoder.many(data, stride))
        template, code, finish = self._form
        rows = struct.iter_unpack(f"{self._decoder.mark}{code}{stride - self._decoder.size}x", data)
        if any(finish):
            rows = zip(*[one(items) if one else items for one, items in zip(finish, zip(*rows))])
        return map(template.__mod__, rows)


def form(codec: Codec) -> Form:
    """Return the form of a codec that has bytes."""
    made = None
    if codec.table and codec.values <= _PLACES:
        made = _list(*codec.parts) if _is_list(codec) else _record(codec)
    if made is None and codec.code and not codec.finish:
        made = Form("%s", codec.code, (_booleans,)) if codec.code == "?" else Form("%d", codec.code, (None,))
    return made or Form("%s", codec.code or f"{codec.size}s", (_through(codec),))


def _is_list(codec: Codec) -> bool:
    return len(codec.parts) == 2 and isinstance(codec.parts[1], int)


def _list(element: Codec, count: int) -> Form:
    one = form(element)
    return Form("[" + ",".join([one.template] * count) + "]", one.code * count, one.finish * count)


def _record(codec: Codec) -> Form | None:
    """Return the form of a record whose fields do not lie over each other, None of others."""
    code, end, finish, texts = "", 0, [], {}
    for field in codec.parts:
        if field.offset < end or field.name in texts or not field.codec.size:
            return None
        one = form(field.codec)
        code += f"{field.offset - end}x{one.code}"
        finish += one.finish
        texts[field.name] = quote(field.name).replace("%", "%%") + ":" + one.template
        end = field.offset + field.codec.size
    if not texts:
        return None
    return Form("{" + ",".join(texts.values()) + "}", f"{code}{codec.size - end}x", tuple(finish))


def _through(codec: Codec) -> Callable[[Any], Iterable[str]]:
    """Return what makes texts of a column by way of the values."""
    return lambda items: map(_text, column(codec, items))


def _text(value: Any) -> str:
    return quote(value) if isinstance(value, str) else dump(value)


def _booleans(items: Iterable[bool]) -> list[str]:
    return ["true" if item else "false" for item in items]
