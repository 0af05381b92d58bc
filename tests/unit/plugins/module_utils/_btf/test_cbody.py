# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import cbody
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.ctokens import Tokens
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("int", {}),
        ("__packed", {"any": 1, "packed": 1}),
        ("__attribute__((packed, aligned(2 * LEN)))", {"any": 1, "packed": 1, "aligned": 8}),
        ("__attribute__((__packed__)) __aligned(16)", {"any": 1, "packed": 1, "aligned": 16}),
        ("__attribute__((mode(byte)))", {"any": 1, "mode": 1}),
        ("__attribute__((preserve_access_index, btf_type_tag(user), section(x)))", {"any": 1}),
        ("__attribute__((aligned))", {"any": 1}),
    ],
)
def test_attributes(text, found):
    assert cbody.attributes(Tokens(text), {"LEN": 4}) == found


@pytest.mark.parametrize("text", ["__attribute__((", "__attribute__(x", "__aligned(0)", "__aligned(8192)"])
def test_damaged_attributes(text):
    with pytest.raises(BtfError):
        cbody.attributes(Tokens(text), {})
