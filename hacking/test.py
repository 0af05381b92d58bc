# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests: unit tests always; as root with a working bpf(2) also those on the running kernel.

What is left out is said in one line with the reason. pytest's own closing line comes last.

usage: hacking/in-venv test python hacking/test.py [pytest argument...]
"""

from __future__ import annotations

import os
import subprocess
import sys

from stage import ROOT

ON_THE_KERNEL = ("tests/kernel", "tests/integration")


def kernel_refusal() -> str:
    """Why tests on the running kernel are impossible here, or an empty string."""
    if os.geteuid() != 0:
        return "not root"
    from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import syscall
    from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError, Vanished
    from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands

    try:
        syscall.bpf(commands.BPF_PROG_GET_NEXT_ID, syscall.new_buffer(), 12)
    except Vanished:
        return ""  # it works, and there is no program yet
    except KernelError as error:
        return f"bpf(2) does not work here: {error}"
    return ""


def folders() -> list[str]:
    refusal = kernel_refusal()
    # what of the examples wants a kernel skips itself
    chosen = ["tests/unit", "tests/examples"]
    for name in ON_THE_KERNEL:
        if refusal:
            print(f"skipped: {name}: {refusal}")
        else:
            chosen.append(name)
    return chosen


def main(arguments: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-rsfE", *folders(), *arguments]
    sys.stdout.flush()
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
