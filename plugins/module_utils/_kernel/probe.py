# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno

from . import errors

YES = "yes"
NO = "no"
UNKNOWN = "unknown"

# What a kernel answers that does not know a command, a field or an operation. EPERM is not among them: who may not ask
# cannot tell.
_CONCLUSIVE = (errno.EINVAL, errno.E2BIG, errno.ENOSYS, errno.EOPNOTSUPP, errors.ENOTSUPP)


class Answer:
    """The outcome of a probe: ``yes``, ``no`` or ``unknown``, and why it is not ``yes``."""

    __slots__ = ("outcome", "why")

    def __init__(self, outcome: str, why: str = "") -> None:
        self.outcome = outcome
        self.why = why


class Probe:
    """A question to the kernel: a name, the first mainline kernel said to know it, and a call that tries.

    ``attempt`` takes nothing, changes nothing that another process can see, and raises `KernelError` where the kernel
    refuses. ``expected`` are the errnos by which a kernel that knows the feature refuses the empty attempt. Conclusive
    answers are remembered for the life of the process; "could not tell" is asked again.
    """

    def __init__(self, name: str, since: str, attempt, expected: tuple[int, ...] = ()) -> None:
        self.name = name
        self.since = since
        self._attempt = attempt
        self._expected = expected
        self._answer: Answer | None = None

    def __call__(self) -> Answer:
        if self._answer is not None:
            return self._answer
        answer = self._ask()
        if answer.outcome != UNKNOWN:
            self._answer = answer
        return answer

    def _ask(self) -> Answer:
        try:
            self._attempt()
        except errors.KernelError as error:
            if error.errno in self._expected:
                return Answer(YES)
            if error.errno in _CONCLUSIVE:
                return Answer(NO, f"{self.name} needs a kernel that knows it (Linux {self.since} and later)")
            return Answer(UNKNOWN, f"{self.name} could not be told: {error}")
        return Answer(YES)
