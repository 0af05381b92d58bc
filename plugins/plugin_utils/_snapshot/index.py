# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The index of a snapshot: one page that leads to all files and says what is missing."""

from __future__ import annotations

import os
from typing import Any

import jinja2

from .._report import text

_TEMPLATES = os.path.join(os.path.dirname(__file__), "templates")


def render(model: dict[str, Any]) -> str:
    """Return the page; C(model) is what files.py makes. It has no script and asks no other host for anything."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        # names come from whoever loads a program: everything is escaped
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = lambda value, key="": text.cell(key, value)
    environment.filters["visible"] = text.visible
    return environment.get_template("index.html.j2").render(model)
