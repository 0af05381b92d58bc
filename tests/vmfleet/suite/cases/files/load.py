# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a BPF map of 4 MiB and load a program, once a second, and write the outcome to a file: ok, or the errno's name.

usage: load.py FILE
"""

import ctypes
import errno
import os
import struct
import sys
import time

BPF = 321  # x86_64
MAP_CREATE, PROG_LOAD = 0, 5
ARRAY, SOCKET_FILTER = 2, 1
RETURN_0 = bytes.fromhex("b7000000000000009500000000000000")
LIBC = ctypes.CDLL(None, use_errno=True)


def bpf(command, *words):
    attr = ctypes.create_string_buffer(b"".join(words), 128)
    descriptor = LIBC.syscall(BPF, command, attr, 128)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "bpf")
    os.close(descriptor)


def attempt():
    code, licence = ctypes.create_string_buffer(RETURN_0), ctypes.create_string_buffer(b"GPL")
    try:
        bpf(MAP_CREATE, struct.pack("=IIII", ARRAY, 4, 4096, 1024))
        bpf(
            PROG_LOAD,
            struct.pack("=IIQQ", SOCKET_FILTER, 2, ctypes.addressof(code), ctypes.addressof(licence)),
        )
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "ok"


while True:
    with open(sys.argv[1] + ".new", "w", encoding="ascii") as note:
        note.write(attempt())
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    time.sleep(1)
