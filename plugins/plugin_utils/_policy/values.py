# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import functools

from . import shipped


@functools.lru_cache(maxsize=1)
def values():
    """Content of values.yml."""
    return shipped.read("values.yml")
