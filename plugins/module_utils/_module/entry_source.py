# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The entries that a task gives: in its options, or in a file of JSON Lines on the target."""

from __future__ import annotations

import json
from io import BytesIO

from .._btf.errors import WrongValue
from .._kernel import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Callable

_BLOCK = 1 << 18
_GZIP = b"\x1f\x8b"
# what is between two lines that are joined with a comma; there is no other newline in there
_BETWEEN = b"}\n,{"
PARTS = ("key", "key_raw", "value", "value_raw", "per_cpu")


def read(
    params: dict[str, Any], take: Callable[[bytes], bool] | None = None
) -> Iterator[tuple[list[Any], Callable[[int], str]]]:
    """Yield (entries, what makes the beginning of a field's name from the number of an entry).

    ``take`` gets the lines of a file first, many at once: what it returns True for is not parsed and not yielded.
    Raises WrongValue for a line that is no JSON, and `KernelError` for a file that cannot be read.
    """
    if params["entries"] is not None:
        yield params["entries"], "entries[{}].".format
    elif params["src"] is not None:
        yield from _lines(params["src"], take)
    else:
        single = {part: params[part] for part in PARTS if params[part] is not None}
        if single:
            yield [single], lambda _number: ""


def _lines(path: str, take: Callable[[bytes], bool] | None) -> Iterator[tuple[list[Any], Callable[[int], str]]]:
    number = 1
    try:
        with _opened(path) as handle:
            while True:
                lines = handle.read(_BLOCK) + handle.readline()
                if not lines:
                    return
                if take is None or not take(lines):
                    yield _parsed(BytesIO(lines).readlines(), number), _named(number)
                number += lines.count(b"\n")
    except EOFError:
        raise WrongValue("src", "the file ends in the middle: it was not packed to its end") from None
    except OSError as error:
        raise errors.kernel_error(f"read {path}", error.errno or 0) from None


def _opened(path: str):
    with open(path, "rb") as handle:
        packed = handle.read(2) == _GZIP
    if not packed:
        return open(path, "rb")
    import gzip

    return gzip.open(path)


def _named(first: int) -> Callable[[int], str]:
    return lambda number: f"line {first + number}: "


def _parsed(lines: list[bytes], first: int) -> list[Any]:
    # One list of many lines is parsed in a third of the time of the lines, and means the same where each is an object.
    joined = b",".join(lines)
    if joined.count(_BETWEEN) == len(lines) - 1 and joined[:1] == b"{" and joined.endswith(b"}\n"):
        try:
            entries = json.loads(b"[" + joined + b"]")
        except ValueError:
            entries = []
        if len(entries) == len(lines):
            return entries
    return [_one(line, number) for number, line in enumerate(lines, first)]


def _one(line: bytes, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise WrongValue(f"line {number}", f"is not one entry as JSON: {error}") from None
