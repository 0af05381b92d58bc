# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""System call numbers by machine, for calls that libc does not wrap.

``machine`` is what ``os.uname().machine`` says. That names the kernel, not the process: a 32-bit Python on a 64-bit
kernel makes system calls by the 32-bit table. So first look up ``COMPAT[(machine, bytes in a pointer)]`` and take the
machine it names; only without such an entry use ``machine`` itself::

    machine = COMPAT.get((os.uname().machine, struct.calcsize("P")), os.uname().machine)
    number = BPF[machine]

Two cases cannot be told by the pointer: x32 (x86_64 with 4-byte pointers is taken as i386, by far the more common) and
MIPS n32 (mips64 with 4-byte pointers is taken as o32; key "mips64n32" is there for a caller who knows better).
"personality 32" (setarch) makes uname say i686 or armv8l to a 64-bit process: those have a 8-byte entry in COMPAT.

Source: the kernel's arch/*/…/syscall*.tbl and include/uapi/asm-generic/unistd.h (generic table: 64-bit and new
machines). The numbers of calls newer than 5.0 (PIDFD_OPEN) are the same everywhere, plus the machine's offset.
"""

from __future__ import annotations

# (machine as uname says, bytes in a pointer) -> the machine whose table this process uses
COMPAT = {
    ("x86_64", 4): "i386",
    ("i386", 8): "x86_64",
    ("i486", 8): "x86_64",
    ("i586", 8): "x86_64",
    ("i686", 8): "x86_64",
    ("aarch64", 4): "arm",
    ("aarch64_be", 4): "arm",
    ("armv8l", 8): "aarch64",
    ("armv8b", 8): "aarch64",
    ("mips64", 4): "mips",
    ("mips", 8): "mips64",
    ("parisc64", 4): "parisc",
}

# machines of one table: rows of (names, bpf, perf_event_open, setns, pidfd_open)
_GENERIC = ("aarch64", "aarch64_be", "riscv64", "riscv32", "loongarch64", "loongarch32", "arc", "csky", "hexagon",
            "nios2", "openrisc", "or1k", "arceb")  # fmt: skip
_ARM = ("arm", "armeb", "armv4l", "armv4tl", "armv5l", "armv5tel", "armv5tejl", "armv6l", "armv7l", "armv7b", "armv8l",
        "armv8b")  # fmt: skip
_ROWS = (
    (("x86_64",), 321, 298, 308, 434),
    (("i386", "i486", "i586", "i686"), 357, 336, 346, 434),
    (_GENERIC, 280, 241, 268, 434),
    (_ARM, 386, 364, 375, 434),
    (("s390x", "s390"), 351, 331, 339, 434),
    (("ppc64", "ppc64le", "ppc", "ppcle"), 361, 319, 350, 434),
    (("sparc64", "sparc"), 349, 327, 337, 434),
    (("mips64",), 5315, 5292, 5303, 5434),
    (("mips",), 4355, 4333, 4344, 4434),
    (("mips64n32",), 6319, 6296, 6308, 6434),
    (("parisc", "parisc64"), 341, 318, 328, 434),
    (("alpha",), 515, 493, 501, 544),
    (("m68k",), 354, 332, 344, 434),
    (("sh", "sh4", "sh4a", "sh4aeb", "sh4eb", "sh2", "sh2a", "sh2eb"), 375, 336, 364, 434),
    (("xtensa",), 340, 327, 308, 434),
    (("microblaze",), 387, 366, 375, 434),
    (("ia64",), 1341, 1352, 1330, 1458),
)

BPF = {name: row[1] for row in _ROWS for name in row[0]}
PERF_EVENT_OPEN = {name: row[2] for row in _ROWS for name in row[0]}
SETNS = {name: row[3] for row in _ROWS for name in row[0]}
PIDFD_OPEN = {name: row[4] for row in _ROWS for name in row[0]}
