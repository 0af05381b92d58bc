# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The codec of map entries alone, without a map: milliseconds of CPU for 100,000 entries, as one line of JSON.

usage: codec.py [ENTRIES]

``decode`` makes records, ``lines`` JSON Lines, ``encode`` bytes out of the records; each in batches of 4,096, as maps
are read and written. What reading and writing the maps adds is measured with the modules that do it.
"""

from __future__ import annotations

import gc
import json
import pathlib
import random
import sys
import time
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "plugins"))

BATCH = 4096
# Those of reference dumps: a counter, and the size of a connection table's entry; and one that is not all numbers.
SHAPES = {
    "4/8": ("__u32", "__u64"),
    "20/112": ("struct { __u32 k[5]; }", "struct { " + " ".join(f"__u64 v{number};" for number in range(14)) + " }"),
    "16/32 mixed": (
        "char[16]",
        "enum e { A, B, C }; struct { enum e e; bool b; __u8 mac[6]; __u32 x : 3; __u32 y : 20; char name[12]; }",
    ),
}


def batches(data: bytes, size: int):
    """Yield the data of one batch after another."""
    for at in range(0, len(data), BATCH * size):
        yield data[at : at + BATCH * size]


def image(size: int, entries: int, text: bool) -> bytes:
    """Return the bytes of so many values, as little random as those of maps are."""
    chance = random.Random(1)
    made = [b"name%d" % number if text else bytes([1]) * (size // 2) for number in range(entries)]
    return b"".join((one + chance.randbytes(size // 8))[:size].ljust(size, b"\0") for one in made)


def figures(entries: int) -> dict[str, dict[str, float]]:
    """Return {shape: {what: milliseconds}}."""
    from module_utils._btf import ctext
    from module_utils._btf.typed import Typed

    found = {}
    for shape, types in SHAPES.items():
        codecs = [Typed(*ctext.spec(text)) for text in types]
        images = [
            image(codec.size, entries, text.startswith("char")) for codec, text in zip(codecs, types, strict=True)
        ]
        took, values = timed(decoded, codecs, images)
        found[shape] = {"decode": took}
        found[shape]["lines"], _sizes = timed(lines, codecs, images)
        found[shape]["encode"], _bytes = timed(lambda codec, part: codec.encode.many(part), codecs, values)
    return found


def decoded(codec, data: bytes) -> list:
    """Return the values, decoded batch by batch."""
    return [value for part in batches(data, codec.size) for value in codec.many(part)[0]]


def lines(codec, data: bytes) -> int:
    """Return the characters of the JSON texts of all values, made batch by batch."""
    from module_utils._btf.jsonlines import Texts

    texts = Texts(codec.decode)
    return sum(len(text) for part in batches(data, codec.size) for text in texts.many(part))


def timed(work: Callable, *columns: list) -> tuple[float, list]:
    """Return milliseconds of CPU, and the results for key and value."""
    gc.collect()
    start = time.process_time()
    results = list(map(work, *columns))
    return round((time.process_time() - start) * 1000, 1), results


def main() -> None:
    print(json.dumps(figures(int(sys.argv[1]) if len(sys.argv) > 1 else 100000)))


if __name__ == "__main__":
    main()
