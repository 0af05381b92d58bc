# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a BPF map whenever it is told to, and says how that went. A systemd unit, or started by hand.

A file ``ask`` in the folder is the question, ``answer`` gets "ok" or the name of the errno. ``--once`` asks itself: the
exit status is the answer.
"""

import ctypes
import errno
import os
import struct
import sys
import time

NUMBERS = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "s390x": 351, "ppc64le": 361}
libc = ctypes.CDLL(None, use_errno=True)


def make_map():
    # BPF_MAP_CREATE of an array with one value of 8 bytes
    attr = ctypes.create_string_buffer(struct.pack("=4I", 2, 4, 8, 1), 256)
    descriptor = libc.syscall(NUMBERS[os.uname().machine], 0, attr, 16)
    if descriptor < 0:
        return errno.errorcode[ctypes.get_errno()]
    os.close(descriptor)
    return "ok"


if sys.argv[1] == "--once":
    said = make_map()
    if said != "ok":
        sys.exit("cannot make a map: " + said)
    sys.argv[1] = sys.argv[2]
folder = sys.argv[1]
deadline = time.time() + 900
while time.time() < deadline and os.path.isdir(folder):
    if os.path.exists(folder + "/ask"):
        with open(folder + "/answer.new", "w") as handle:
            handle.write(make_map())
        os.rename(folder + "/answer.new", folder + "/answer")
        os.unlink(folder + "/ask")
    time.sleep(0.1)
