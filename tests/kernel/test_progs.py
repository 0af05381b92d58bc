# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs of every type: what bpf_prog_info tells, beside what bpftool and fdinfo tell."""

from __future__ import annotations

import os
import time
from pathlib import Path

import objects
import oracle
import pytest
from modules import ModuleFailed, run_module
from vmlinux import FUNC, vmlinux

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import btfs, programs
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, prog_types

LONG = "count_every_packet_that_arrives"


def read(*include: str) -> dict[int, dict]:
    return {record["id"]: record for record in programs.read(None, include)}


def ids_of_btf() -> dict[int, dict]:
    return {record["id"]: record for record in btfs.read()}


def of_pins(place: Path) -> dict[str, int]:
    """Return name of the pin -> id of every program below a folder."""
    return {path.name: number for path, (kind, number) in objects.pinned_ids(place).items() if kind == "prog"}


def kernel_types() -> list[str]:
    """Return the names of the types of our table that this kernel's header knows."""
    kernel = vmlinux()
    if kernel is None:
        pytest.skip("this kernel was built without BTF: nothing says which types it knows")
    known = {number for name, number in kernel.enum("bpf_prog_type").items() if name.startswith("BPF_PROG_TYPE_")}
    return [name for number, name in enumerate(prog_types.NAMES) if number and number in known]


def test_one_program_of_every_type_can_be_loaded():
    shapes, failed = objects.programs(), []
    for name in kernel_types():
        excuse = objects.NOT_LOADABLE.get(name)
        if name not in shapes and excuse:
            continue
        try:
            with shapes[name].load():
                pass
        except KernelError as error:
            if not (excuse and excuse.covers(error.errno)):
                failed.append(f"{name}: {error}")
    assert failed == []


def test_type_names_are_those_of_what_was_loaded(handmade):
    records = read()
    told = {name: records[objects.object_id(fd)]["type"] for name, fd in handmade[1].items()}
    assert told == {name: name for name in handmade[1]}
    assert len(told) >= 15


def test_bpftool_agrees_on_every_key_it_prints(compiled, handmade, bpftool):
    mine = set(of_pins(compiled).values()) | {objects.object_id(fd) for fd in handmade[1].values()}
    shown = oracle.shown("prog")
    records = read("pinned", "pids", "metadata")
    assert mine <= set(shown) and mine <= set(records)
    wrong = [line for number in sorted(mine) for line in oracle.disagreements("prog", shown[number], records[number])]
    assert wrong == []
    assert len({shown[number]["type"] for number in mine}) >= 15


def test_module_tells_what_the_core_tells(compiled, handmade):
    mine = set(of_pins(compiled).values()) | {objects.object_id(fd) for fd in handmade[1].values()}
    told = run_module("bpf_prog_info", {"include": ["pinned", "metadata"]})
    found = {record["id"]: record for record in told["programs"]}
    expected = read("pinned", "metadata")
    # the time of boot is measured anew by each process
    for record in (*found.values(), *expected.values()):
        record["loaded_at"] = None
    assert told["changed"] is False
    assert {number: found[number] for number in mine} == {number: expected[number] for number in mine}


def test_what_bpftool_does_not_print(compiled):
    record = read()[of_pins(compiled / "maps")[LONG]]
    with objects.open_pin(compiled / "maps" / "prog" / LONG) as fd:
        fdinfo = Path(f"/proc/self/fdinfo/{fd.number}").read_text()
    assert (record["name"], record["full_name"]) == (LONG[:15], LONG)
    assert f"verified_insns:\t{record['verified_insns']}\n" in fdinfo
    # the program itself and its two functions
    assert len(record["prog_tags"]) == len(set(record["prog_tags"])) == 3
    assert record["attach_btf_id"] is None and "unavailable" not in record


def test_tags_of_functions_are_those_of_kallsyms(compiled):
    if Path("/proc/sys/net/core/bpf_jit_kallsyms").read_text() != "1\n":
        pytest.skip("net.core.bpf_jit_kallsyms is off")
    records, pins = read(), of_pins(compiled / "maps")
    symbols = Path("/proc/kallsyms").read_text()
    whole, single = records[pins[LONG]], records[pins["short_name"]]
    # The program's own symbol has the tag of the whole; that of its first function alone is in prog_tags only.
    tags = [whole["tag"], *whole["prog_tags"][1:], single["tag"]]
    expected = [
        f" bpf_prog_{tag}_{function}\t[bpf]\n"
        for tag, function in zip(tags, (LONG, "weigh", "note", "short_name"), strict=True)
    ]
    assert [symbol for symbol in expected if symbol not in symbols] == []
    assert single["prog_tags"] == [single["tag"]]


def test_more_functions_than_the_first_guess():
    count = 70
    # the calls come first, then the program's own end, then functions of two instructions each
    calls = [objects.instruction(0x85, src=1, imm=count - i - 1 + 2 + 2 * i) for i in range(count)]
    code = b"".join(calls) + objects.returns(0) + b"".join(objects.returns(i) for i in range(count))
    with objects.Program(prog_types.SOCKET_FILTER, insns=code).load() as fd:
        record = read()[objects.object_id(fd)]
    assert len(record["prog_tags"]) == count + 1
    assert len(set(record["prog_tags"])) == count + 1 and "0" * 16 not in record["prog_tags"]


def test_time_of_load_is_now(handmade):
    with objects.Program(prog_types.SOCKET_FILTER).load() as fd:
        assert abs(read()[objects.object_id(fd)]["loaded_at"] - time.time()) <= 2


def test_attach_target_of_an_iterator_program(handmade):
    if "tracing" not in handmade[1]:
        pytest.skip("this kernel has no iterators")
    record = read()[objects.object_id(handmade[1]["tracing"])]
    assert record["attach_btf_id"] == vmlinux().id(FUNC, "bpf_iter_task")
    kernel_btf = [number for number, each in ids_of_btf().items() if each["kernel"] and each["name"] == "vmlinux"]
    assert [record["attach_btf_obj_id"]] == kernel_btf


def test_program_without_btf_says_that_its_whole_name_is_unknown(compiled):
    record = read()[of_pins(compiled / "plain")["without_any_types_at_all"]]
    assert record["name"] == "without_any_typ"
    assert record["full_name"] is None and record["unavailable"] == {"full_name": "no BTF"}
    assert record["btf_id"] is None


def test_program_without_name_and_license():
    with objects.Program(prog_types.SOCKET_FILTER, name=b"", license=b"Proprietary").load() as fd:
        record = read()[objects.object_id(fd)]
    assert (record["name"], record["full_name"], record["gpl_compatible"]) == ("", "", False)
    assert "unavailable" not in record


def test_program_without_name_whose_function_has_one():
    with objects.load_btf(objects.function_btf(b"named_by_btf_and_by_nothing_else")) as types:
        program = objects.Program(prog_types.SOCKET_FILTER, name=b"", btf_fd=types.number, function_type=3)
        with program.load() as fd:
            record = read()[objects.object_id(fd)]
            assert record["btf_id"] == objects.object_id(types)
    assert (record["name"], record["full_name"]) == ("", "named_by_btf_and_by_nothing_else")


def test_as_many_maps_as_a_program_may_use(bpftool):
    with objects.made({str(i): objects.Map(2) for i in range(64)}) as maps:
        code = b"".join(objects.uses_map(fd)[:16] for fd in maps.values()) + objects.returns(0)
        with objects.Program(prog_types.SOCKET_FILTER, insns=code).load() as fd:
            number = objects.object_id(fd)
            record, shown = read()[number], oracle.shown("prog")[number]
            assert sorted(record["map_ids"]) == sorted(objects.object_id(each) for each in maps.values())
            assert record["map_ids"] == shown["map_ids"]


def test_metadata_of_a_program(compiled):
    records = read("metadata")
    assert records[of_pins(compiled / "maps")["short_name"]]["metadata"] == {"owner": "fleet tests", "revision": 42}


def test_run_statistics(compiled, bpftool):
    path = compiled / "maps" / "prog" / LONG
    packet = objects.buffer(bytes(64))
    enabled = objects.Fd(objects.call(commands.BPF_ENABLE_STATS, 4, (0, "I", 0))[0])
    with enabled, objects.open_pin(path) as fd:
        for _turn in range(3):
            data = (8, "I", 64), (16, "Q", objects.syscall.address(packet))
            objects.call(commands.BPF_PROG_TEST_RUN, 80, (0, "I", fd.number), *data, keep=(packet,))
        number = objects.object_id(fd)
        record, shown = read()[number], oracle.shown("prog")[number]
    assert record["run_cnt"] == shown["run_cnt"] >= 3
    assert record["run_time_ns"] == shown["run_time_ns"] > 0


def test_pids_are_those_of_an_independent_walk(handmade):
    records = read("pids")
    walked = oracle.holders()
    for name, fd in handmade[1].items():
        number = objects.object_id(fd)
        told = {holder["pid"]: holder["comm"] for holder in records[number]["pids"]}
        assert told == walked["prog", number], name
        assert os.getpid() in told


def test_nobody_holds_a_pinned_program(compiled):
    record = read("pids")[of_pins(compiled / "net")["n_xdp"]]
    # "Nobody" can only be said by who may look into every process.
    denied = oracle.why_holders_are_incomplete()
    assert record["pids"] == (None if denied else [])
    assert record.get("unavailable", {}).get("pids", "").startswith(denied)


@pytest.mark.parametrize("by", ["id", "tag", "name", "full_name", "pinned", "type"])
def test_selectors(compiled, by):
    path = compiled / "maps" / "prog" / LONG
    expected = read()[of_pins(compiled / "maps")[LONG]]
    wanted = {"name": expected["full_name"]} if by == "full_name" else {by: expected.get(by, str(path))}
    found = {record["id"]: record for record in run_module("bpf_prog_info", wanted)["programs"]}
    assert found[expected["id"]]["tag"] == expected["tag"]
    # others may load the same program meanwhile
    key = "id" if by == "pinned" else by
    assert {record[key] for record in found.values()} == {expected[key]}


def test_pin_of_another_kind_is_named(compiled):
    with pytest.raises(ModuleFailed, match=r"m_counters holds a map, not a prog"):
        run_module("bpf_prog_info", {"pinned": str(compiled / "maps" / "map" / "m_counters")})


def test_nothing_found_is_an_empty_list_and_near_matches(compiled):
    told = run_module("bpf_prog_info", {"name": LONG + "x"})
    assert told["programs"] == []
    assert LONG[:15] in [near["name"] for near in told["near_matches"]]
