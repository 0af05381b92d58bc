# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._module import entry_source, map_queue
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_reading import Reading
from ansible_collections.ebpf.fleet.plugins.module_utils._module.one_map import open_id
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_plan import Unfit
from ansible_collections.ebpf.fleet.plugins.module_utils._view.forms import Wanted


def values(kernel, **params):
    kernel.add_map(5, type=map_types.QUEUE, key_size=0, value_size=4)
    nothing = dict.fromkeys(("entries", "src", *entry_source.PARTS))
    with open_id(5) as opened:
        return map_queue._values(dict(nothing, **params), Reading(opened, Wanted("auto", "u32")))


def test_values_in_their_order(kernel):
    """What becomes of them is tested with the module, in tests/unit/plugins/modules/test_bpf_map_entry.py."""
    assert values(kernel, entries=[{"value": 2}, {"key": None, "value": 1}]) == [b"\2\0\0\0", b"\1\0\0\0"]


def test_values_that_are_none(kernel):
    with pytest.raises(Unfit, match="nothing is to be pushed"):
        values(kernel)
    for entry in ({"key": 1, "value": 2}, {"value": 2, "state": "absent"}, [2]):
        with pytest.raises(WrongValue, match=r"entries\[0\]: an entry of a queue or stack has a value and no key"):
            values(kernel, entries=[entry])
