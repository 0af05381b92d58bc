# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Error numbers that Python's errno module does not know, with their names.

ENOTSUPP is internal to the kernel (include/linux/errno.h) yet reaches user space from bpf(2): "this map or link type
does not do that". It has the same number on every architecture. Python's errno module does know EBADFD (77 on most
machines, 81 on MIPS, 93 on SPARC): that one, not EBADF, is the answer of OBJ_GET_INFO_BY_FD to a number that is no
file descriptor, so compare with errno.EBADFD, never with a literal.
"""

from __future__ import annotations

ENOTSUPP = 524

NAMES = {ENOTSUPP: "ENOTSUPP"}
