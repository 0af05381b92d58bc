# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_targets import Targets
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types


def targets(kind, value_size=4):
    return Targets(SimpleNamespace(type=kind, value_size=value_size))


def record(value):
    return {"key": 1, "value": value}


def test_ways_to_name_a_map(kernel, bpffs):
    kernel.add_map(50, name=b"inner")
    bpffs.add(b"/bpf/inner", kernel.objects["map"][50])
    pinned = {"pinned": bpffs.text(b"/bpf/inner")}
    given = [record({"id": 50}), record({"name": "inner"}), record(pinned), record("raw")]
    with targets(map_types.HASH_OF_MAPS) as found:
        assert found.resolved(given, str) == [record({"id": 50})] * 3 + [record("raw")]
        assert found.resolved([["no entry"]], str) == [["no entry"]]
        written = found.descriptor((50).to_bytes(4, "little"))
        assert kernel.object_of(int.from_bytes(written, "little")).id == 50


def test_two_of_a_name_and_none(kernel):
    kernel.add_map(50, name=b"inner")
    kernel.add_map(51, name=b"inner")
    with targets(map_types.ARRAY_OF_MAPS) as found:
        for value, text in (
            ({"name": "inner"}, "2 are called inner: 50, 51; name one by id or by its pin"),
            ({"name": "outer"}, "none is called outer"),
            ({"pinned": "/nowhere"}, "pinned=/nowhere cannot be opened"),
            ({"id": 1, "name": "x"}, "one of id, pinned and name"),
        ):
            with pytest.raises(WrongValue) as caught:
                found.resolved([record(value)], "entries[{}].".format)
            assert str(caught.value).startswith("entries[0].value: ")
            assert text in str(caught.value)


def test_ids_are_opened_before_they_are_written(kernel):
    kernel.add_program(7)
    with targets(map_types.PROG_ARRAY) as found:
        found.open([(7).to_bytes(4, "little")])
        with pytest.raises(WrongValue, match="there is no program with id=8"):
            found.open([(8).to_bytes(4, "little")])


def test_programs_behind_other_numbers(kernel):
    kernel.add_program(7)
    plain, with_program = (3).to_bytes(4, "little") + bytes(4), (3).to_bytes(4, "little") + (7).to_bytes(4, "little")
    with targets(map_types.DEVMAP, 8) as found:
        assert found.resolved([record({"ifindex": 3})], str) == [record({"ifindex": 3})]
        found.open([plain, with_program])
        assert found.descriptor(plain) == plain
        written = found.descriptor(with_program)
        assert (written[:4], kernel.object_of(int.from_bytes(written[4:], "little")).id) == (plain[:4], 7)
    with targets(map_types.CPUMAP, 4) as found:
        found.open([b"1234"])
        assert found.descriptor(b"1234") == b"1234"
    with targets(map_types.HASH) as found:
        assert found.descriptor(b"1234") == b"1234"
