# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The door to the kernel's log, and to files that hold copies of it. Nothing is taken out of either."""

from __future__ import annotations

import errno
import os
import stat
from collections import namedtuple

from . import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

PATH = "/dev/kmsg"
# A record is never longer; a smaller buffer is refused.
_RECORD = 8192
# Nothing that is looked for is on a line that is longer.
_LINE = 4096

# One line of a log. ``number`` is that of the record of the kernel, or of the line in a file; ``time`` the seconds from
# boot on, ``caller`` the thread or CPU that wrote it, both None where they are not known; ``text`` is bytes.
Line = namedtuple("Line", "number time caller text")


def records() -> Iterator[Line]:
    """Yield the records that dmesg would show, oldest first; raises `KernelError` (EPERM, ENOENT).

    These are the ones that the kernel still has, since the log was last cleared. The text is None where records were
    overwritten before they could be read. Each reader has a place of its own.
    """
    fd = _open(PATH)
    number = -1
    try:
        # SEEK_DATA is the record behind the last clearing.
        os.lseek(fd, 0, os.SEEK_DATA)
        while True:
            try:
                record = os.read(fd, _RECORD)
            except BlockingIOError:
                return
            except BrokenPipeError:
                yield Line(number + 1, None, None, None)
                continue
            if not record:
                return
            line = _parse(record)
            number = line.number
            yield line
    except OSError as error:
        if isinstance(error, errors.KernelError):
            raise
        raise errors.kernel_error(f"read {PATH}", error.errno or 0) from None
    finally:
        os.close(fd)


def file_lines(path: str) -> Iterator[Line]:
    """Yield the lines of a file, without time and caller; raises `KernelError`, EINVAL for what is no file."""
    fd = _open(path)
    try:
        mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode):
            raise errors.kernel_error(f"read {path}", errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL)
        with os.fdopen(fd, "rb", closefd=False) as handle:
            number, begin = 1, True
            for text in iter(lambda: handle.readline(_LINE), b""):
                if begin:
                    yield Line(number, None, None, text)
                begin = text.endswith(b"\n")
                number += begin
    except OSError as error:
        if isinstance(error, errors.KernelError):
            raise
        raise errors.kernel_error(f"read {path}", error.errno or 0) from None
    finally:
        os.close(fd)


def _open(path: str) -> int:
    try:
        # Not blocking: it is the way to come to an end in the log, and not to wait for somebody in a pipe.
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise errors.kernel_error(f"open {path}", error.errno or 0) from None


def _parse(record: bytes) -> Line:
    """Return a record ``level,number,microseconds,flags[,key=value...];text`` and lines of properties behind it."""
    head, _semicolon, rest = record.partition(b";")
    fields = head.split(b",")
    caller = next((field[7:].decode("ascii", "replace") for field in fields[4:] if field.startswith(b"caller=")), None)
    return Line(int(fields[1]), int(fields[2]) / 1000000, caller, rest.partition(b"\n")[0])
