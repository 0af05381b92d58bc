# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError


def test_says_where():
    error = BtfError("a type is cut off", 36)
    assert (str(error), error.reason, error.offset) == (
        "a type is cut off at byte 36 of the BTF",
        "a type is cut off",
        36,
    )


def test_without_a_place():
    error = BtfError("a value of 3 bytes, but its type has 4")
    assert (str(error), error.offset) == ("a value of 3 bytes, but its type has 4", None)
    assert isinstance(error, ValueError)
