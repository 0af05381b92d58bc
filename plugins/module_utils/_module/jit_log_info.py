# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import os

from ansible.module_utils.basic import AnsibleModule

from .._kernel import errors, kmsg
from .._objects import sysctl
from .._objects.jit_log import Log
from .._view import jit_log as view
from .failure import fail, failure


def read(src: str | None, last: int | None) -> dict:
    """Return ``images``, ``problems``, ``problem_count`` and ``hints`` of a file, or None: the kernel's log.

    Raises `KernelError`.
    """
    log = Log(last)
    log.read(kmsg.records() if src is None else kmsg.file_lines(src))
    return {
        "images": [view.record(image) for image in log.images],
        "problems": [{"line": line, "reason": text} for line, text in log.problems],
        "problem_count": log.problem_count,
        "hints": [] if log.images or src is not None else [_hint()],
    }


def _hint() -> str:
    """Return why the kernel's log has no images."""
    (setting,) = sysctl.read([sysctl.JIT_ENABLE])
    value = "unknown" if setting.running is None else setting.running
    return (
        f"there is no image in the kernel's log ({sysctl.JIT_ENABLE}={value}): the JIT compiler writes one for every "
        "program that is loaded while the setting is 2, which is for debugging alone, and which kernels built with "
        "CONFIG_BPF_JIT_ALWAYS_ON refuse; bpf_prog_code_info shows the machine code of loaded programs without it"
    )


def run(options: dict) -> None:
    """Run the target's part of ``bpf_jit_log_info``; some of the options are the action plugin's."""
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    src, last = module.params["src"], module.params["last"]
    if last is not None and last < 1:
        module.fail_json(msg=f"last is a number of images, at least 1, not {last}")
    try:
        result = read(src, last)
    except errors.KernelError as error:
        if src is not None and error.errno == errno.EINVAL:
            text = "it is no file: name a copy of a log, or leave src out for the log of the kernel"
            module.fail_json(msg=f"cannot read the log {src}: {text}", failure=failure(error))
        fail(module, f"read the log {src or kmsg.PATH}", error)
    module.exit_json(changed=False, machine=module.params["machine"] or os.uname().machine, **result)
