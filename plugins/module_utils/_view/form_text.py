# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Forms that are text and have no meaning of their own: hex, base64, string, mac."""

from __future__ import annotations

import binascii

from .._btf.errors import WrongValue
from .form import Form, cut, sized, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Sequence

_MAC = 6
# Up to so many bytes a text is cut at a mark in half the time that a slice takes; from 20 on it takes longer.
_SHORT = 12


def hexadecimal(size: int) -> Form:
    """Return the form of "0a 66 00 00"."""

    def read(value: Any, field: str) -> bytes:
        from .._btf.leaf import hex_bytes

        return sized(hex_bytes(text_of(value, field, "'0a 66'"), field), size, field)

    def pack(values: Sequence[Any]) -> list[bytes] | None:
        try:
            line = " ".join(values)
            data = bytes.fromhex(line)
        except (TypeError, ValueError):
            return None
        # As we write it, and all as long: then no value has a byte more where another has one less.
        text = data.hex(" ")
        as_ours = (text == line or text == line.lower()) and set(map(len, values)) == {3 * size - 1}
        return cut(data, size) if as_ours else None

    return Form(size, _pairs(size, " "), read, '"%s"', None, pack if size else None, bool(size))


def mac(size: int) -> Form:
    """Return the form of "0a:66:00:00:00:01"."""
    if size != _MAC:
        raise WrongValue("", f"mac is for {_MAC} bytes, and there are {size}")

    def read(value: Any, field: str) -> bytes:
        text = text_of(value, field, "'0a:66:00:00:00:01'")
        parts = text.split("-" if "-" in text else ":")
        try:
            if len(parts) == _MAC and all(0 < len(part) < 3 for part in parts):
                return bytes(int(part, 16) for part in parts)
        except ValueError:
            pass
        raise WrongValue(field, f"{text!r} is no MAC address")

    return Form(size, _pairs(size, ":"), read, '"%s"')


def base64(size: int) -> Form:
    """Return the form of "CmYAAA=="."""

    def show(data: bytes, stride: int) -> list[str]:
        items = (data[at : at + size] for at in range(0, len(data), stride))
        return [binascii.b2a_base64(item, newline=False).decode() for item in items]

    def read(value: Any, field: str) -> bytes:
        text = text_of(value, field, "'CmYAAA=='")
        try:
            data = binascii.a2b_base64(text)
        except (binascii.Error, ValueError):
            raise WrongValue(field, f"{text!r} is not base64") from None
        # The decoder passes over what is none of its letters.
        if binascii.b2a_base64(data, newline=False).decode() != text:
            raise WrongValue(field, f"{text!r} is not base64")
        return sized(data, size, field)

    return Form(size, show, read, '"%s"')


def string(size: int) -> Form:
    r"""Return the form of text that ends with the first NUL; ``\xNN`` is a byte that does not print."""
    from .._btf.text import texts, untext

    def show(data: bytes, stride: int) -> list[str]:
        return texts(data[at : at + size] for at in range(0, len(data), stride))

    def read(value: Any, field: str) -> bytes:
        text = text_of(value, field, "'eth0'")
        try:
            data = untext(text)
        except ValueError:
            raise WrongValue(field, f"{text!r} has characters that no bytes stand for") from None
        if b"\0" in data:
            raise WrongValue(field, "text ends with its first NUL, and this one goes on")
        if len(data) > size:
            raise WrongValue(field, f"{len(data)} bytes of text, but there is room for {size}")
        return data.ljust(size, b"\0")

    # What is behind a NUL is not in the text.
    return Form(size, show, read, None, lambda item: b"\0" in item.rstrip(b"\0"))


def _pairs(size: int, between: str) -> Callable[[bytes, int], list[str]]:
    """Return what shows bytes as pairs of digits: one call for all of them, then one slice for each value."""
    width = 3 * size

    def show(data: bytes, stride: int) -> list[str]:
        if not size:
            return [""] * (len(data) // stride)
        line, step = data.hex(between), 3 * stride
        if data and stride == size <= _SHORT:
            return _cut_at_marks(line, step)
        return [line[at : at + width - 1] for at in range(0, len(line), step)]

    return show


def _cut_at_marks(line: str, step: int) -> list[str]:
    marked = bytearray(line, "ascii")
    marked[step - 1 :: step] = b"\n" * (len(line) // step)
    return marked.decode("ascii").split("\n")
