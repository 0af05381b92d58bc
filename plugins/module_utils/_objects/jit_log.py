# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Images that the JIT compiler writes into the kernel's log while net.core.bpf_jit_enable is 2.

An image is a line ``flen= proglen= pass= image= from= pid=`` and lines ``JIT code: <offset>: <up to 16 bytes>``. Those
of several CPUs may be mixed, and lines may be missing, cut or wrapped.
Source: bpf_jit_dump() in include/linux/filter.h.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

    from .._kernel.kmsg import Line

_HEAD = re.compile(
    rb"flen=(\d{1,10}) proglen=(\d{1,10}) pass=(\d{1,10}) image=([^\s=]{1,64})(?: from=(.*) pid=(-?\d{1,10}))?\s*$"
)
_CODE = re.compile(rb"JIT code: ([0-9a-f]{8,9}):((?: [0-9a-f]{2}){1,16})\s*$")
_OFFSET = re.compile(rb"JIT code: ([0-9a-f]{8,9}):")
# What dmesg and the journal have in front: the time, and from CONFIG_PRINTK_CALLER on who wrote it.
_PREFIX = re.compile(rb"\[ *(\d{1,10}\.\d{1,9})\](?: *\[ *([TC]\d{1,10})\])?")
_FULL = 16
# More images than that at once come from no machine; who waits longest for the rest of its lines is given up.
_MOST_OPEN = 64
_MOST_PROBLEMS = 100
# Seconds. All lines of an image are written in one go: one that waits longer for its next has lost it.
_PATIENCE = 1.0


class Image:
    """One image. ``code`` are its bytes up to the first that is missing, ``complete`` whether none is.

    ``line`` and ``time`` are those of its first line; ``flen proglen pass_number image comm pid`` what that says, the
    last two None where it is cut; ``caller`` is whose lines belong to it, None where the log does not tell. ``seen`` is
    the time of its last line.
    """

    __slots__ = (
        "broken", "caller", "code", "comm", "complete", "flen", "image", "line", "next", "pass_number", "pid",
        "proglen", "seen", "time",
    )  # fmt: skip

    def __init__(self, found: re.Match[bytes], line: int, time: float | None, caller: str | None) -> None:
        self.line, self.time, self.caller = line, time, caller
        self.seen = time
        self.flen, self.proglen, self.pass_number = (int(found[group]) for group in (1, 2, 3))
        self.image = found[4].decode("utf-8", "backslashreplace")
        self.comm = None if found[5] is None else found[5].decode("utf-8", "backslashreplace")
        self.pid = None if found[6] is None else int(found[6])
        self.code = bytearray()
        self.next = 0
        self.broken = False
        self.complete = self.proglen == 0

    def takes(self, offset: int, size: int) -> bool:
        """Return whether a whole line can be the next of this image."""
        end = offset + size
        return (
            not self.broken and offset == self.next and (end == self.proglen or (size == _FULL and end < self.proglen))
        )

    def follows(self, other: Image) -> bool:
        """Return whether whoever wrote the other image has come to this one: nobody writes two at once."""
        if self.caller is not None and other.caller is not None:
            return self.caller == other.caller
        return self.pid is not None and (self.pid, self.comm) == (other.pid, other.comm)


class Log:
    """Collects images line by line: ``images`` in the order of their first lines, ``problems`` as (line, sentence).

    With ``last`` only that many images are kept. Of the problems the first hundred are, ``problem_count`` has all.
    """

    def __init__(self, last: int | None = None) -> None:
        self.images: list[Image] = []
        self.problems: list[tuple[int, str]] = []
        self.problem_count = 0
        self._open: list[Image] = []
        self._last = last

    def read(self, lines: Iterable[Line]) -> None:
        """Take all lines of a log; raises what reading them raises."""
        for line in lines:
            if line.text is None:
                self._problem(line.number, "records of the log were overwritten before they could be read")
            elif b"flen=" in line.text or b"JIT code:" in line.text:
                self._add(line)
        for image in list(self._open):
            self._close(image)

    def _problem(self, line: int, text: str) -> None:
        self.problem_count += 1
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append((line, text))

    def _add(self, line: Line) -> None:
        prefix = _PREFIX.search(line.text)
        caller = line.caller or (prefix[2].decode() if prefix and prefix[2] else None)
        time = _time(line, prefix)
        self._give_up(time)
        head = _HEAD.search(line.text)
        if head:
            self._begin(Image(head, line.number, time, caller))
            return
        code = _CODE.search(line.text)
        if code:
            self._code(line._replace(time=time, caller=caller), int(code[1], 16), bytes.fromhex(code[2].decode()))
        elif b"JIT code:" in line.text:
            self._damaged(line)
        elif b"proglen=" in line.text:
            self._problem(line.number, "a first line of an image is damaged: it is cut or wrapped")

    def _begin(self, image: Image) -> None:
        if image.pid is None:
            self._problem(image.line, "from= and pid= are missing: the line is cut or wrapped")
        for other in [other for other in self._open if image.follows(other)]:
            self._close(other)
        if len(self._open) >= _MOST_OPEN:
            self._close(self._open[0])
        self.images.append(image)
        if self._last is not None:
            del self.images[: -self._last]
        if not image.complete:
            self._open.append(image)

    def _give_up(self, time: float | None) -> None:
        """Close the images whose next line must have come by now."""
        late = [one for one in self._open if time is not None and one.seen is not None and time > one.seen + _PATIENCE]
        for image in late:
            self._close(image)

    def _close(self, image: Image) -> None:
        self._open.remove(image)
        if not image.broken and not image.complete:
            self._problem(image.line, f"the image ends after {len(image.code)} of {image.proglen} bytes")

    def _break(self, image: Image, line: int, text: str) -> None:
        if not image.broken:
            self._problem(line, f"{text} (image of line {image.line})")
        image.broken = True

    def _of(self, caller: str | None) -> list[Image]:
        """Return the images that a line may belong to by who wrote it."""
        return [one for one in self._open if caller is None or one.caller is None or one.caller == caller]

    def _code(self, line: Line, offset: int, data: bytes) -> None:
        mine = self._of(line.caller)
        fits = [image for image in mine if image.takes(offset, len(data))]
        if len(fits) == 1:
            self._append(fits[0], data, line.time)
        elif fits:
            for image in fits:
                self._break(
                    image, line.number, "lines of several images are mixed, and nothing tells whose this one is"
                )
        else:
            self._misfit(line.number, offset, data, [image for image in mine if offset < image.proglen])

    def _append(self, image: Image, data: bytes, time: float | None) -> None:
        image.code += data
        image.seen = time
        image.next += len(data)
        if image.next == image.proglen:
            image.complete = True
            self._open.remove(image)

    def _misfit(self, line: int, offset: int, data: bytes, mine: list[Image]) -> None:
        """Tell what is wrong with a line that is the next of no image."""
        sound = [image for image in mine if not image.broken]
        short = [image for image in sound if image.next == offset]
        behind = [image for image in sound if image.next < offset]
        if short:
            for image in short:
                room = min(_FULL, image.proglen - offset)
                self._break(image, line, f"{len(data)} bytes where {room} must be: the line is cut or wrapped")
        elif behind:
            # Where several are open, a line may have been taken for that of another one before.
            for image in sound:
                missing = f"the bytes from {image.next} to {offset - 1} are missing"
                mixed = "lines of several images are mixed, and some are missing"
                self._break(image, line, missing if image in behind else mixed)
        elif not any(image.broken for image in mine):
            self._problem(line, "code without the first line of its image")

    def _damaged(self, line: Line) -> None:
        offset = _OFFSET.search(line.text)
        text = "the line is damaged: it must have an offset and up to 16 bytes in hexadecimal"
        fits = [image for image in self._open if not image.broken and offset and image.next == int(offset[1], 16)]
        for image in fits:
            self._break(image, line.number, text)
        if not fits:
            self._problem(line.number, text)


def _time(line: Line, prefix: re.Match[bytes] | None) -> float | None:
    if line.time is not None:
        return line.time
    return float(prefix[1]) if prefix else None
