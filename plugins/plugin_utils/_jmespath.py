# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from typing import Any

from ._errors import FleetError

JMESPathError: Any = ValueError
TreeInterpreter: Any = object
try:
    import jmespath
    from jmespath import exceptions, functions, visitor

    JMESPathError = exceptions.JMESPathError
    TreeInterpreter = visitor.TreeInterpreter
    HAS_JMESPATH = True
except ImportError:
    HAS_JMESPATH = False


def require():
    """FleetError that names the package if it is not installed beside ansible-core."""
    if not HAS_JMESPATH:
        raise FleetError(
            "the Python package jmespath is missing on the controller; install it where ansible-core runs "
            "(pip install jmespath, or the package python3-jmespath; the collection's requirements.txt names it)"
        )


def parse(expression):
    """Syntax tree of a JMESPath expression: nested dicts {type, children, value}. Raises JMESPathError."""
    require()
    return jmespath.compile(expression).parsed


def signatures():
    """{function: one {"types": names, "variadic": whether it may come several times} for each argument}."""
    require()
    return {name: entry["signature"] for name, entry in functions.Functions.FUNCTION_TABLE.items()}


def search(expression, value):
    """Ordinary two-valued JMESPath, for C(bpf_query)."""
    require()
    return jmespath.search(expression, value)
