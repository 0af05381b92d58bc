# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code of one long program, without Ansible: program_code.py hold COUNT, program_code.py show ID.

"hold" loads a program of so many instructions, among them calls of helpers, says its id, and lets go when its standard
input closes. "show" prints its listing, for comparison with ``bpftool prog dump xlated``.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "plugins"))

from module_utils._kernel import syscall
from module_utils._objects import ids
from module_utils._objects.prog_code import Names, Reader
from module_utils._uapi.commands import BPF_PROG_LOAD
from module_utils._uapi.prog_types import SCHED_CLS
from module_utils._view.prog_code import View, symbols

# Those of sched_cls that take nothing but the context: for so many names the whole table of symbols is looked through.
HELPERS = (5, 7, 14, 15, 17, 24, 34, 41, 42, 46, 47, 79, 80, 122, 123, 125, 151, 160, 208)


def instruction(code: int, dst: int = 0, src: int = 0, off: int = 0, imm: int = 0) -> bytes:
    registers = dst | src << 4 if sys.byteorder == "little" else dst << 4 | src
    return struct.pack("=BBhi", code, registers, off, imm)


def body(count: int):
    """Yield instructions of which hardly two are the same: that is the worst for a listing."""
    chosen = random.Random(1)
    yield instruction(0xBF, 6, 1)
    yield instruction(0xB7)
    for number in range(count - 4):
        if number % 50 == 1:
            yield instruction(0xBF, 1, 6)
        elif number % 50 == 2:
            yield instruction(0x85, imm=HELPERS[number // 50 % len(HELPERS)])
        elif number % 11 == 0:
            yield instruction(0x15, off=1, imm=chosen.randrange(1 << 20))
        elif number % 10 == 0:
            yield instruction(0x7B, 10, off=-8 * chosen.randrange(1, 60))
        else:
            yield instruction(chosen.choice((0x04, 0x07, 0x54, 0x57)), imm=chosen.randrange(-(1 << 31), 1 << 31))
    yield instruction(0xB7)
    yield instruction(0x95)


def hold(count: int) -> None:
    code, licence = ctypes.create_string_buffer(b"".join(body(count))), ctypes.create_string_buffer(b"GPL")
    attr = syscall.new_buffer()
    struct.pack_into("=IIQQ", attr, 0, SCHED_CLS, count, syscall.address(code), syscall.address(licence))
    fd = syscall.bpf(BPF_PROG_LOAD, attr, 64)
    with open(f"/proc/self/fdinfo/{fd}", encoding="ascii") as text:
        number = next(line.split()[1] for line in text if line.startswith("prog_id:"))
    os.write(1, f"{number}\n".encode())
    sys.stdin.read()


def show(number: int) -> None:
    with ids.open_id(ids.PROG, number) as fd:
        code = Reader().read(fd.number)
    names = Names()
    (known,) = symbols([code], names)
    names.forget()
    sys.stdout.write(View("text").make(code, known, None, ""))


if __name__ == "__main__":
    {"hold": hold, "show": show}[sys.argv[1]](int(sys.argv[2]))
