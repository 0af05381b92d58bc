# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._run.failure import PYTHON, explain, sentence


@pytest.mark.parametrize(
    "answer",
    [
        {"failed": True, "msg": "ansible-core requires a minimum of Python version 3.9. Current version: 3.6.15"},
        {
            "failed": True,
            "msg": "MODULE FAILURE\nSee stdout/stderr for the exact error",
            "module_stderr": "Traceback ...\nSyntaxError: future feature annotations is not defined\n",
            "module_stdout": "",
            "rc": 1,
        },
        {"failed": True, "msg": "Ansible requires Python 3.9 or newer on the target. Current version: 3.8.18"},
        {
            "failed": True,
            "msg": "MODULE FAILURE",
            "module_stderr": 'File "/usr/lib/python3.7/runpy.py", line 1\nImportError',
        },
        {"failed": True, "msg": "x", "exception": "  File ...\nSyntaxError: invalid syntax"},
    ],
)
def test_an_old_python_is_one_sentence_without_a_traceback(answer: dict) -> None:
    assert explain(answer) == {"failed": True, "msg": PYTHON}
    assert "3.8" in PYTHON and "ansible_python_interpreter" in PYTHON and "python39" in PYTHON


def test_any_other_failure_stays_as_it_is() -> None:
    answer = {"failed": True, "msg": "boom", "exception": 'File "/usr/lib/python3.11/runpy.py"', "rc": 1}
    assert explain(answer) == answer


def test_the_line_for_the_record() -> None:
    crash = {"msg": "MODULE FAILURE\nSee stdout/stderr", "module_stderr": "Traceback\n  File\nOSError: [Errno 5]\n"}
    assert sentence(crash) == "MODULE FAILURE See stdout/stderr: OSError: [Errno 5]"
    assert sentence({"msg": "boom"}) == "boom"
    assert sentence({}) == "the module did not say why"
