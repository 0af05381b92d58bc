# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the ``main`` of a module in this process, on any ansible-core."""

from __future__ import annotations

import contextlib
import json
from unittest import mock

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:
    # before ansible-core 2.19
    patch_module_args = None

try:
    from ansible.module_utils import _internal
except ImportError:
    # before ansible-core 2.19
    _internal = None


def _as_on_a_target():
    """Where tests of the controller ran in this process, warnings would go to its display and not into the result."""
    if hasattr(_internal, "is_controller"):
        return mock.patch.object(_internal, "is_controller", False)
    return contextlib.nullcontext()


@contextlib.contextmanager
def _arguments(args):
    if patch_module_args is not None:
        with patch_module_args(args):
            yield
        return
    before = basic._ANSIBLE_ARGS
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
    try:
        yield
    finally:
        basic._ANSIBLE_ARGS = before


def run_module(main, capsys, **args):
    """Return the result that a module printed; ``failed`` and its exit code have to agree."""
    capsys.readouterr()
    # they are kept for the whole process, and would go on into the result of the next module
    warnings._global_warnings.clear()
    with _as_on_a_target(), _arguments(args), pytest.raises(SystemExit) as leaving:
        main()
    result = json.loads(capsys.readouterr().out)
    assert bool(leaving.value.code) == bool(result.get("failed"))
    return result
