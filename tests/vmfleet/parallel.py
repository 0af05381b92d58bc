# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several jobs side by side; the first that fails, or a signal, ends them all."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterable
from typing import TypeVar

from . import commands

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> list[Result]:
    """What the function returns for each item, in their order. What it starts ends when it returns."""
    pool = concurrent.futures.ThreadPoolExecutor(workers)
    jobs = [pool.submit(function, item) for item in items]
    try:
        concurrent.futures.wait(jobs, return_when=concurrent.futures.FIRST_EXCEPTION)
        failed = [job for job in jobs if job.done() and job.exception()]
        return [job.result() for job in failed or jobs]
    except BaseException:
        commands.abandon()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
