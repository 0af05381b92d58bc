# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.filter.bpf_failure import FilterModule
from ansible_collections.ebpf.fleet.plugins.plugin_utils._run.failure import PYTHON

bpf_failure = FilterModule().filters()["bpf_failure"]


def test_an_old_python_is_one_sentence() -> None:
    assert bpf_failure({"msg": "MODULE FAILURE", "module_stderr": "SyntaxError: invalid syntax", "rc": 1}) == PYTHON


def test_anything_else_is_what_the_module_said() -> None:
    assert bpf_failure({"msg": "no /proc"}) == "no /proc"
    assert bpf_failure({"msg": "MODULE FAILURE", "module_stderr": "Traceback\nKeyError: 1\n"}).endswith(": KeyError: 1")
