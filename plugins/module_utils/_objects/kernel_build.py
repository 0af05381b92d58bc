# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import hashlib

from .._kernel import procfs

# The build id of the linker is in the notes, the compiler and the time in the version.
_SOURCES = ("/sys/kernel/notes", "/proc/version")


def read() -> str:
    """Return a hash that two kernels share where they are the same build; raises `KernelError`."""
    parts = [procfs.read(path) for path in _SOURCES]
    return hashlib.sha256(b"".join(b"%d:%s" % (len(part), part) for part in parts)).hexdigest()
