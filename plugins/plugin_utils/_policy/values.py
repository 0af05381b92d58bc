# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import functools
import os

import yaml

from .located import Loader

_VALUES = os.path.join(os.path.dirname(__file__), "values.yml")


@functools.lru_cache(maxsize=1)
def values():
    """Content of values.yml."""
    with open(_VALUES, encoding="utf-8") as stream:
        return yaml.load(stream, Loader=Loader)  # a safe loader
