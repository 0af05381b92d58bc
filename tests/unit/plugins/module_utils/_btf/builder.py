# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BTF blobs made by hand, in both byte orders, right or wrong as a test wants them."""

from __future__ import annotations

import struct

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec

MARKS = {"little": "<", "big": ">"}


class Builder:
    """Collects types; every method that adds one returns its id. With ``base`` (a Builder) ids go on where it ends."""

    def __init__(self, order="little", base=None):
        self.order = order
        self.base = base
        self.types = b""
        self.first_string = base.first_string + len(base.strings) if base else 0
        self.strings = b"" if base else b"\0"
        self.next_id = base.next_id if base else 1

    def pack(self, code, *numbers):
        return struct.pack(MARKS[self.order] + code, *numbers)

    def string(self, name):
        if not name:
            return 0
        offset = self.first_string + len(self.strings)
        self.strings += (name if isinstance(name, bytes) else name.encode()) + b"\0"
        return offset

    def add(self, kind, name="", size=0, vlen=0, flag=0, words=()):
        """Add a type of any kind; ``words`` are what follows the first three."""
        info = flag << 31 | kind << 24 | vlen
        self.types += self.pack("3I", self.string(name), info, size)
        self.types += b"".join(self.pack("I", word & 0xFFFFFFFF) for word in words)
        self.next_id += 1
        return self.next_id - 1

    def integer(self, name="int", size=4, encoding=kinds.SIGNED, bits=None, shift=0):
        bits = 8 * size if bits is None else bits
        return self.add(kinds.INT, name, size, words=[encoding << 24 | shift << 16 | bits])

    def refer(self, kind, target, name=""):
        return self.add(kind, name, target)

    def pointer(self, target=0):
        return self.add(kinds.PTR, "", target)

    def array(self, element, count):
        return self.add(kinds.ARRAY, words=[element, element, count])

    def struct(self, size, *members, name="", flag=0, kind=kinds.STRUCT):
        """Add a struct of members (name, type, bit offset) or, with the kind flag, (name, type, bit offset, bits)."""
        words = []
        for member, target, offset, *bits in members:
            words += [self.string(member), target, (bits[0] if bits else 0) << 24 | offset]
        return self.add(kind, name, size, len(members), flag, words)

    def union(self, size, *members, **options):
        return self.struct(size, *members, kind=kinds.UNION, **options)

    def enum(self, size, constants, flag=0, name=""):
        words = []
        for constant, number in constants.items():
            words += [self.string(constant), number]
        return self.add(kinds.ENUM, name, size, len(constants), flag, words)

    def enum64(self, constants, flag=0, name=""):
        words = []
        for constant, number in constants.items():
            words += [self.string(constant), number, number >> 32]
        return self.add(kinds.ENUM64, name, 8, len(constants), flag, words)

    def function(self, name, prototype=0, linkage=1):
        return self.add(kinds.FUNC, name, prototype, linkage)

    def variable(self, name, target):
        return self.add(kinds.VAR, name, target, words=[1])

    def section(self, name, size, *variables):
        """Add a DATASEC of variables (id, offset, size)."""
        return self.add(
            kinds.DATASEC, name, size, len(variables), words=[word for entry in variables for word in entry]
        )

    def blob(self, layout=None, header=None):
        """Return the bytes; with ``layout`` [(info size, element size), ...] by kind the header has 32 bytes."""
        extra = b"".join(struct.pack("BB", *sizes) + bytes(2) for sizes in layout or ())
        numbers = [0, len(self.types), len(self.types), len(self.strings)]
        if layout is not None:
            # Readers must take the length of the header from the header: 8 bytes more than anyone knows.
            strings = self.strings + bytes(-len(self.strings) % 4)
            numbers += [len(self.types) + len(strings), len(extra), 0, 0]
            extra = strings[len(self.strings) :] + extra
        packed = self.pack("HBBI", 0xEB9F, 1, 0, 8 + 4 * len(numbers)) + self.pack(f"{len(numbers)}I", *numbers)
        return packed + self.types + self.strings + extra

    def spec(self, **options):
        return Spec(self.blob(**options), self.base.spec() if self.base else None)


def every_kind(order="little", base=None):
    """Return a Builder with a type of each kind from 1 to 19."""
    builder = Builder(order, base)
    number = builder.integer("n", 4)
    pointer = builder.pointer(number)
    builder.array(number, 3)
    # with gaps that alignment does not ask for, so that a header has to fill them
    record = builder.struct(24, ("a", number, 0), ("b", pointer, 128), name="record")
    builder.union(8, ("a", number, 0), ("c", pointer, 0), name="either")
    builder.enum(4, {"ONE": 1, "TWO": 2}, name="few")
    builder.add(kinds.FWD, "ahead")
    builder.refer(kinds.TYPEDEF, record, "record_t")
    for kind in (kinds.VOLATILE, kinds.CONST, kinds.RESTRICT):
        builder.refer(kind, pointer)
    prototype = builder.add(kinds.FUNC_PROTO, "", number, 2, words=[builder.string("x"), pointer, 0, 0])
    builder.function("work", prototype)
    variable = builder.variable("place", number)
    builder.section(".data", 8, (variable, 4, 4))
    builder.add(kinds.FLOAT, "double", 8)
    builder.add(kinds.DECL_TAG, "tagged", record, words=[-1])
    builder.refer(kinds.TYPE_TAG, number, "user")
    builder.enum64({"HUGE": 1 << 40, "MINUS": -1}, 1, name="wide")
    builder.struct(8, ("low", number, 0, 5), ("high", number, 5, 11), name="bits", flag=1)
    return builder
