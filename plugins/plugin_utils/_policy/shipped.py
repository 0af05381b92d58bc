# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FOLDER = os.path.dirname(__file__)


def read(name):
    """Content of a YAML file that comes with the collection."""
    with open(os.path.join(FOLDER, name), encoding="utf-8") as stream:
        return yaml.load(stream, Loader=Loader)  # a safe loader
