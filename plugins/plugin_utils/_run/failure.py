# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import re

# What an interpreter says that is too old for our modules: Ansible's own check, the parser at their first line, or, for
# 3.7, which passes both, whatever it misses first; the paths of a traceback tell the version then.
_TOO_OLD = re.compile(
    r"requires (a minimum of )?Python|future feature annotations is not defined|SyntaxError: invalid syntax"
    r"|/python(2\.\d|3\.[0-7])/",
    re.IGNORECASE,
)
_DETAILS = ("exception", "module_stderr", "module_stdout", "rc")
PYTHON = (
    "the Python on the target is too old: ebpf.fleet needs Python 3.8 or newer there (3.9 with ansible-core 2.20 and "
    "newer). Install one beside it, on EL 8 the package python39 or newer, and set "
    "ansible_python_interpreter: /usr/bin/python3.9 for the host"
)


def explain(result):
    """The module's failure as a sentence: for an old Python without the traceback, otherwise as the module said it."""
    text = "\n".join(str(result.get(key, "")) for key in ("msg", *_DETAILS))
    if not _TOO_OLD.search(text):
        return result
    return {**{key: value for key, value in result.items() if key not in _DETAILS}, "msg": PYTHON}


def sentence(result):
    """The failure in one line for the host's record: what the module said, or how it ended."""
    message = " ".join(str(result.get("msg", "")).split()) or "the module did not say why"
    last = str(result.get("module_stderr", "")).strip().rpartition("\n")[2].strip()
    return f"{message}: {last}" if last else message
