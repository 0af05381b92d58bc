# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections import namedtuple

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects.prog_symbols import Compiled
from ansible_collections.ebpf.fleet.plugins.module_utils._view.kallsyms import Lookup, View, order

Info = namedtuple("Info", "id type name tag")
FIRST, SECOND, WHOLE = b"\xaa" * 8, b"\xbb" * 8, b"\xcc" * 8
HIGH = 0xFFFFFFFFC0000000


def program(number, addresses, tags, whole=None, name=b"one"):
    found = Compiled(number)
    found.info = Info(number, 6, name, whole or tags[0])
    found.told = found.compiled = True
    found.addresses, found.tags = addresses, tags
    found.lengths = [40] * len(addresses or ())
    return found


def name_of(found, index):
    return "F" if index else found.info.name.decode()


def view(*programs):
    return View(programs, name_of)


def test_an_address_tells_the_program():
    maker = view(program(30, [HIGH, HIGH + 64], [FIRST, SECOND], WHOLE), program(31, [HIGH + 128], [SECOND]))
    assert maker.record(HIGH, f"bpf_prog_{WHOLE.hex()}_one") == {
        "address": "0xffffffffc0000000", "name": "bpf_prog_cccccccccccccccc_one", "kind": "prog",
        "tag": "cccccccccccccccc", "function": "one", "size": 40, "prog_id": 30, "prog_type": "xdp",
        "prog_name": "one", "prog_ids": [30], "in_kallsyms": True,
    }  # fmt: skip
    assert maker.record(HIGH + 64, f"bpf_prog_{SECOND.hex()}_F")["prog_id"] == 30
    assert maker.record(HIGH + 128, f"bpf_prog_{SECOND.hex()}_one")["prog_id"] == 31


def test_the_same_tag_at_another_address_proves_nothing():
    record = view(program(30, [HIGH], [FIRST])).record(HIGH + 4096, f"bpf_prog_{FIRST.hex()}_one")
    assert (record["prog_id"], record["prog_ids"]) == (None, [])
    assert record["unavailable"]["prog_id"] == "no program with this address or tag"


def test_before_linux_5_the_tag_tells_the_program():
    # programs of one function had no addresses
    record = view(program(30, [], [FIRST]), program(31, [], [SECOND])).record(HIGH, f"bpf_prog_{FIRST.hex()}")
    assert (record["prog_id"], record["size"]) == (30, None)


def test_hidden_addresses_leave_tag_and_name():
    programs = (
        program(30, None, [FIRST, SECOND], WHOLE),
        program(31, None, [SECOND], name=b"two"),
        program(32, None, [SECOND], name=b"two"),
    )
    maker = view(*programs)
    assert maker.record(None, f"bpf_prog_{WHOLE.hex()}_one")["prog_id"] == 30
    # Linux until about 6.5 lists the first function once more
    assert maker.record(None, f"bpf_prog_{FIRST.hex()}_one")["prog_id"] == 30
    assert maker.record(None, f"bpf_prog_{SECOND.hex()}_F")["prog_id"] == 30
    twice = maker.record(None, f"bpf_prog_{SECOND.hex()}_two")
    assert (twice["prog_id"], twice["prog_ids"]) == (None, [31, 32])
    assert twice["unavailable"] == {
        "address": "hidden by kptr_restrict", "size": "hidden by kptr_restrict",
        "prog_id": "ambiguous", "prog_type": "ambiguous", "prog_name": "ambiguous",
    }  # fmt: skip
    # a name that none of them should have: all with the tag
    assert maker.record(None, f"bpf_prog_{SECOND.hex()}_other")["prog_ids"] == [30, 31, 32]


def test_names_are_asked_only_where_they_tell_programs_apart():
    asked = []
    maker = View([program(30, None, [FIRST]), program(31, None, [SECOND])], lambda *_args: asked.append(1))
    assert maker.record(None, f"bpf_prog_{FIRST.hex()}_one")["prog_id"] == 30
    assert asked == []


@pytest.mark.parametrize("name", ["bpf_trampoline_6442536464", "bpf_dispatcher_xdp"])
def test_what_is_no_function_has_no_program_and_no_reason(name):
    record = view(program(30, [HIGH], [FIRST])).record(HIGH + 4096, name)
    assert (record["tag"], record["prog_id"], record["prog_ids"], "unavailable" in record) == (None, None, [], False)


def test_the_guard_in_front_of_a_function_is_found_by_its_tag():
    record = view(program(30, [HIGH], [FIRST])).record(HIGH - 16, f"__cfi_bpf_prog_{FIRST.hex()}_one")
    assert (record["kind"], record["prog_id"], record["size"]) == ("cfi", 30, None)


def test_what_the_table_does_not_show_has_the_name_it_would_have():
    broken, plain = Compiled(32), Compiled(33)
    plain.info = Info(33, 1, b"", FIRST)
    maker = view(program(30, [HIGH, HIGH + 64], [FIRST, SECOND], WHOLE), program(31, None, [SECOND]), broken, plain)
    missing = maker.missing()
    assert [(record["name"], record["address"]) for record in missing] == [
        (f"bpf_prog_{WHOLE.hex()}_one", "0xffffffffc0000000"),
        (f"bpf_prog_{SECOND.hex()}_F", "0xffffffffc0000040"),
        (f"bpf_prog_{SECOND.hex()}_one", None),
    ]
    assert [record["prog_id"] for record in missing] == [30, 30, 31]
    assert not any(record["in_kallsyms"] for record in missing)


def test_addresses_are_looked_up():
    maker = view(program(30, [HIGH], [FIRST]), program(31, [HIGH + 128], [SECOND]))
    lookup = Lookup(
        [maker.record(HIGH, f"bpf_prog_{FIRST.hex()}_one"), maker.record(HIGH + 64, f"bpf_prog_{'0' * 16}")]
    )
    assert lookup.record(HIGH + 39) == {
        "address": "0xffffffffc0000027", "name": "bpf_prog_aaaaaaaaaaaaaaaa_one", "offset": 39,
        "tag": "aaaaaaaaaaaaaaaa", "function": "one", "prog_id": 30, "prog_type": "xdp", "prog_name": "one",
        "prog_ids": [30],
    }  # fmt: skip
    assert lookup.record(HIGH + 40)["unavailable"] == {"name": "in no symbol of BPF"}
    unknown = lookup.record(HIGH + 70)
    assert (unknown["offset"], unknown["unavailable"]) == (6, {"prog_id": "no program with this address or tag"})


def test_hidden_symbols_hide_what_lies_at_addresses():
    lookup = Lookup([view().record(None, f"bpf_prog_{FIRST.hex()}")])
    assert lookup.record(HIGH)["unavailable"] == {"name": "hidden by kptr_restrict"}


def test_the_order():
    records = [{"address": None, "name": "b"}, {"address": "0x1", "name": "c"}, {"address": None, "name": "a"}]
    assert [record["name"] for record in sorted(records, key=order)] == ["a", "b", "c"]
