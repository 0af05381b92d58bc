# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Be ansible-playbook, and print as the last line the CPU seconds that it and its children took once it was imported.

usage: play.py ARGUMENT...
"""

from __future__ import annotations

import multiprocessing
import resource

from ansible.cli import playbook


def taken() -> float:
    """CPU seconds of this process and of its children that ended."""
    both = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in both)


def main() -> None:
    before = taken()
    try:
        playbook.main()
    except SystemExit as end:  # ansible-core ends its commands so
        if end.code not in (None, 0):
            raise
    # the last worker may still be ending: its children count once it is waited for
    for child in multiprocessing.active_children():
        child.join()
    print(taken() - before)


if __name__ == "__main__":
    main()
