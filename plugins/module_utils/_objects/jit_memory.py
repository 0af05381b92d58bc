# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os

from .._kernel import errors
from . import prog

NO_LENGTH = "the kernel hides the length of the code"


def in_use() -> tuple[int | None, str | None]:
    """Return (bytes, None) of machine code of the programs that can be listed, or (None, reason).

    An estimate from below: the kernel counts trampolines and the filters of seccomp and sockets as well, and lists
    neither. Whole pages, as a program took before kernels packed several into one.
    """
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    try:
        for program in prog.scan(fdinfo=False)[1]:
            if program.error is not None:
                return None, errors.reason(program.error)
            # without CAP_BPF both lengths are 0; no program is empty
            if not program.info.xlated_prog_len:
                return None, NO_LENGTH
            total += -(-program.info.jited_prog_len // page) * page
    except errors.KernelError as error:
        return None, errors.reason(error)
    return total, None
