# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""A program -> its listing: the text of ``bpftool prog dump xlated``, or records with the keys of its JSON."""

from __future__ import annotations

from itertools import compress

from . import slots, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from .calls import Symbols

_OPCODES_INDENT = " " * 7


class Listing:
    """The texts of a program's instructions, with the slots at which they begin.

    ``slots`` are ascending and ``texts`` go with them; ``data`` are the bytes as they came.
    """

    __slots__ = ("_second", "_swapped", "data", "slots", "texts")

    def __init__(self, data: bytes, symbols: Symbols, order: slots.Order = slots.NATIVE) -> None:
        self.data = bytes(data[: len(data) // slots.SIZE * slots.SIZE])
        self._swapped = order != "little"
        plain = slots.little(data, order)
        words = slots.numbers(plain)
        wide = slots.wide(plain)
        starts = bytearray(b"\1") * len(words)
        texts = list(map(text.Texts(symbols).__getitem__, words))
        for slot in wide:
            second = words[slot + 1] if slot + 1 < len(words) else 0
            texts[slot] = text.wide(words[slot], second)
            starts[slot + 1 : slot + 2] = b"\0" * (slot + 1 < len(words))
        self._second = {slot for slot in wide if slot + 1 < len(words)}
        self.slots = list(compress(range(len(words)), starts))
        self.texts = list(compress(texts, starts)) if wide else texts

    def text(self, heads: dict[int, str] | None = None, opcodes: bool = False) -> str:
        """Return the listing; see `lines`."""
        return "".join(self.lines(heads, opcodes))

    def lines(self, heads: dict[int, str] | None = None, opcodes: bool = False) -> list[str]:
        """Return the lines of each instruction, with their ends.

        ``heads`` are lines to print before the instruction at a slot; ``opcodes`` adds the bytes of each instruction.
        """
        lines = list(map("%4d: %s\n".__mod__, zip(self.slots, self.texts)))
        if opcodes:
            lines = [line + self._opcodes_line(slot) for line, slot in zip(lines, self.slots)]
        if heads:
            lines = [heads[slot] + line if slot in heads else line for line, slot in zip(lines, self.slots)]
        return lines

    def records(self, heads: dict[int, dict[str, Any]] | None = None, opcodes: bool = False) -> Iterator[dict]:
        """Yield one record an instruction: ``insn`` is its slot; keys as bpftool's; ``heads`` has more by slot."""
        for slot, line in zip(self.slots, self.texts):
            record = {"insn": slot, "disasm": line}
            if heads and slot in heads:
                record.update(heads[slot])
            if opcodes:
                record["opcodes"] = self._opcodes(slot)
            yield record

    def _bytes(self, slot: int) -> bytes:
        size = slots.SIZE * (2 if slot in self._second else 1)
        return self.data[slot * slots.SIZE : slot * slots.SIZE + size]

    def _opcodes_line(self, slot: int) -> str:
        return f"{_OPCODES_INDENT}{self._bytes(slot).hex(' ')}\n"

    def _opcodes(self, slot: int) -> dict[str, Any]:
        """Return the parts of an instruction as bpftool does: ``imm`` of a wide one goes on with its second slot."""
        data = self._bytes(slot)
        dst, src = data[1] & 15, data[1] >> 4
        if self._swapped:
            dst, src = src, dst
        return {
            "code": f"0x{data[0]:02x}",
            "src_reg": f"0x{src:x}",
            "dst_reg": f"0x{dst:x}",
            "off": [f"0x{byte:02x}" for byte in data[2:4]],
            "imm": [f"0x{byte:02x}" for byte in data[4:]],
        }
