# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.ebpf.fleet.plugins.filter.bpf_symbolize import FilterModule, bpf_symbolize

SYMBOLS = [{"address": "0xffffffffc004b000", "name": "bpf_prog_8227addf251b7543_f", "size": 64, "prog_ids": [4]}]


def test_the_filter_has_its_name():
    assert FilterModule().filters() == {"bpf_symbolize": bpf_symbolize}


def test_it_names_addresses():
    noted = bpf_symbolize("at ffffffffc004b010\n", SYMBOLS)
    assert noted == "at ffffffffc004b010 bpf_prog_8227addf251b7543_f+0x10 [prog id 4]\n"


@pytest.mark.parametrize(
    ("text", "symbols", "message"),
    [
        (18446744072635809808, SYMBOLS, "it takes a text, not int; quote addresses"),
        (["a"], SYMBOLS, "it takes a text, not list"),
        ("a", "b", "symbols are the list that bpf_kallsyms_info returns"),
        (object(), SYMBOLS, "no plain form"),
    ],
)
def test_wrong_input(text, symbols, message):
    with pytest.raises(AnsibleFilterError, match=f"bpf_symbolize: .*{message}"):
        bpf_symbolize(text, symbols)
