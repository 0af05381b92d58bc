# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each step took: seconds, and the memory of the guests or of the programs that it ran."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Iterator

from .places import say


@dataclasses.dataclass
class Step:
    name: str
    note: str
    seconds: float | None = None
    # resident memory at the end of the step, where somebody measures it
    mebibytes: int | None = None


class Ledger:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.started = time.monotonic()

    def note(self, name: str, note: str) -> None:
        self.steps.append(Step(name, note))
        say(f"{name}: {note}")

    @contextlib.contextmanager
    def step(self, name: str, note: str = "") -> Iterator[Step]:
        step = Step(name, note)
        self.steps.append(step)
        say(f"{name}: begins")
        start = time.monotonic()
        try:
            yield step
        except BaseException:
            step.note = "failed"
            raise
        finally:
            step.seconds = time.monotonic() - start
            say(f"{name}: {step.note or 'done'} ({step.seconds:.1f} s)")

    def table(self) -> str:
        """All steps, one a line, for the end of a run."""
        width = max((len(step.name) for step in self.steps), default=4)
        lines = [f"{'step':<{width}} {'seconds':>8} {'MiB':>6}  result"]
        for step in self.steps:
            seconds = "" if step.seconds is None else f"{step.seconds:.1f}"
            memory = "" if step.mebibytes is None else str(step.mebibytes)
            lines.append(f"{step.name:<{width}} {seconds:>8} {memory:>6}  {step.note}")
        lines.append(f"{'total':<{width}} {time.monotonic() - self.started:>8.1f}")
        return "\n".join(lines)
