# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import cpus


@pytest.mark.parametrize(
    ("text", "numbers"),
    [(b"0\n", [0]), (b"0-3\n", [0, 1, 2, 3]), (b"0,2-5\n", [0, 2, 3, 4, 5]), (b"0-1,8-9,12\n", [0, 1, 8, 9, 12])],
)
def test_lists_with_holes(text, numbers):
    assert cpus.parse(text) == numbers


def test_this_machine():
    found = cpus.possible()
    assert found == sorted(set(found))
    assert len(found) >= len(os.sched_getaffinity(0))
