# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hold BPF objects and plain descriptors for a benchmark: hold.py PROGRAMS MAPS DESCRIPTORS.

Says "ready" when all are there and lets go when its standard input closes.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "plugins"))

from module_utils._kernel import syscall
from module_utils._uapi.commands import BPF_MAP_CREATE, BPF_PROG_LOAD
from module_utils._uapi.map_types import ARRAY
from module_utils._uapi.prog_types import SOCKET_FILTER

# r0 = 0; exit
INSTRUCTIONS = struct.pack("=BBhiBBhi", 0xB7, 0, 0, 0, 0x95, 0, 0, 0)
# A process may have 20,000 descriptors where the limit is not raised: more are spread over several processes.
PER_PROCESS = 4500


def make_map(name: bytes) -> int:
    attr = syscall.new_buffer()
    struct.pack_into("=IIII12x16s", attr, 0, ARRAY, 4, 8, 1, name)
    return syscall.bpf(BPF_MAP_CREATE, attr, 48)


def make_program(name: bytes) -> int:
    code, licence = ctypes.create_string_buffer(INSTRUCTIONS), ctypes.create_string_buffer(b"GPL")
    attr = syscall.new_buffer()
    struct.pack_into("=IIQQ24x16s", attr, 0, SOCKET_FILTER, 2, syscall.address(code), syscall.address(licence), name)
    return syscall.bpf(BPF_PROG_LOAD, attr, 64)


def hold_descriptors(count: int) -> None:
    """Open /dev/null many times, in children that end with their standard input."""
    while count > 0:
        share = min(count, PER_PROCESS)
        count -= share
        if os.fork() == 0:
            for _turn in range(share):
                os.open("/dev/null", os.O_RDONLY)
            os.write(1, b"child\n")
            sys.stdin.read()
            os._exit(0)


def main() -> None:
    programs, maps, descriptors = (int(number) for number in sys.argv[1:4])
    hold_descriptors(descriptors)
    for number in range(maps):
        make_map(b"bench_map_%d" % number)
    for number in range(programs):
        make_program(b"bench_prog_%d" % number)
    os.write(1, b"ready\n")  # in one piece: the children write into the same pipe
    sys.stdin.read()


if __name__ == "__main__":
    main()
