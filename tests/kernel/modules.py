# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module of the collection as ansible would, without the weight of a play: its own process, JSON in and out."""

from __future__ import annotations

import json
import os
import subprocess
import sys

PACKAGE = "ansible_collections.ebpf.fleet.plugins.modules."

# ansible-core 2.19 and later also want to know how the result shall be encoded; the older ones ignore the name.
_CHILD = """
import json, runpy, sys
from ansible.module_utils import basic
name, arguments = sys.argv[1:]
del sys.argv[1:]
basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": json.loads(arguments)}).encode()
basic._ANSIBLE_PROFILE = "legacy"
runpy.run_module(name, run_name="__main__")
"""


class ModuleFailed(AssertionError):
    """The module said ``failed``, or did not come to its end; ``result`` is what it said."""

    def __init__(self, text: str, result: dict | None = None) -> None:
        super().__init__(text)
        self.result = result or {}


def command(name: str, args: dict | None = None) -> list[str]:
    """Return the command that runs a module."""
    # -B: byte code written beside the sources would be a write of the module's, which test_readonly forbids.
    return [sys.executable, "-B", "-c", _CHILD, PACKAGE + name, json.dumps(args or {})]


def run_module(name: str, args: dict | None = None, prefix: tuple[str, ...] = (), **environment: str) -> dict:
    """Return the result of a module, run by itself or below another command (``prefix``)."""
    done = subprocess.run(
        [*prefix, *command(name, args)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
        env=dict(os.environ, **environment),
    )
    try:
        result = json.loads(done.stdout)
    except ValueError:
        text = f"{name} gave no result (exit {done.returncode}):\n{done.stdout}{done.stderr}"
        raise ModuleFailed(text) from None
    if result.get("failed"):
        raise ModuleFailed("{} failed: {}".format(name, result.get("msg")), result)
    return result


def peak(words: list[str]) -> int:
    """Return the largest resident set of a command in KiB."""
    measure = "import resource, sys, subprocess; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
    measure += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", measure, *words], capture_output=True, text=True, check=True)
    return int(done.stdout)
