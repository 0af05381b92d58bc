# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms, procfs
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError

TABLE = (
    b"0000000000000000 A fixed_percpu_data\n"
    b"ffffffff81000000 T startup_64\n"
    b"ffffffff81000000 T _stext\n"
    b"ffffffff81000010 T bpf_map_area_alloc\n"
    b"ffffffff81000020 t bpf_map_area_alloc.cold\n"
    b"ffffffff81000030 t twice\n"
    b"ffffffff81000040 t twice\n"
    b"ffffffffc0000000 t helper\t[fancy]\n"
    b"ffffffffc0000008 t twice\t[fancy]\n"
    b"ffffffffc0025cd0 t bpf_prog_82e8076d76d2ea5c_sub\t[bpf]\n"
)
HIDDEN = b"".join(b"0" * 16 + line[16:] + b"\n" for line in TABLE.splitlines())
MANY = [f"no_such_symbol_{number}" for number in range(100)]


@pytest.mark.parametrize("crowd", [[], MANY], ids=["few", "many"])
def test_names_are_found_whole(crowd):
    wanted = ["bpf_map_area_alloc", "helper", "bpf_map_area", "area_alloc", "bpf_prog_82e8076d76d2ea5c_sub", *crowd]
    assert kallsyms.find_names(wanted, TABLE) == {
        "bpf_map_area_alloc": 0xFFFFFFFF81000010,
        "helper": 0xFFFFFFFFC0000000,
        "bpf_prog_82e8076d76d2ea5c_sub": 0xFFFFFFFFC0025CD0,
    }


@pytest.mark.parametrize("crowd", [[], MANY], ids=["few", "many"])
def test_the_first_of_several_symbols_with_one_name_counts(crowd):
    assert kallsyms.find_names(["twice", *crowd], TABLE) == {"twice": 0xFFFFFFFF81000030}


def test_a_symbol_at_address_zero_is_not_hidden():
    assert kallsyms.find_names(["fixed_percpu_data"], TABLE) == {"fixed_percpu_data": 0}


@pytest.mark.parametrize("crowd", [[], range(100)], ids=["few", "many"])
def test_addresses_give_the_first_name_and_the_module(crowd):
    assert kallsyms.find_addresses([0xFFFFFFFF81000000, 0xFFFFFFFFC0000000, 0xFFFFFFFF81000001, *crowd], TABLE) == {
        0xFFFFFFFF81000000: ("startup_64", None),
        0xFFFFFFFFC0000000: ("helper", "fancy"),
        **({0: ("fixed_percpu_data", None)} if crowd else {}),
    }


def test_an_address_in_the_first_line_is_found():
    assert kallsyms.find_addresses([0], TABLE) == {0: ("fixed_percpu_data", None)}


def test_addresses_of_32_bit_kernels_have_eight_digits():
    table = b"c0008000 T stext\nc0008010 T main\n"
    assert kallsyms.find_addresses([0xC0008010], table) == {0xC0008010: ("main", None)}
    assert kallsyms.find_names(["main"], table) == {"main": 0xC0008010}


def test_hidden_addresses_are_unknown_and_names_stay():
    assert kallsyms.is_hidden(HIDDEN)
    assert not kallsyms.is_hidden(TABLE)
    assert kallsyms.find_addresses([0], HIDDEN) is None
    assert kallsyms.find_names(["helper", "nothing"], HIDDEN) == {"helper": None}


def test_a_last_line_without_line_end_is_read():
    table = TABLE[:-1] + b"\nffffffffc0030000 t last"
    assert not kallsyms.is_hidden(table)
    assert kallsyms.find_addresses([0xFFFFFFFFC0030000], table) == {0xFFFFFFFFC0030000: ("last", None)}


def test_a_hostile_name_is_escaped():
    table = b"ffffffff81000000 t a\xff\t[m]\n"
    assert kallsyms.find_addresses([0xFFFFFFFF81000000], table) == {0xFFFFFFFF81000000: ("a\\xff", "m")}


BPF = (
    b"ffffffff81000000 T bpf_prog_load\n"
    b"ffffffff81000010 t bpf_trampoline_enter\n"
    b"ffffffff81000020 T bpf_dispatcher_xdp_func\n"
    b"ffffffffc0000000 t bpf_prog_82e8076d76d2ea5c_no\t[fancy]\n"
    b"ffffffffc0025cd0 t bpf_prog_82e8076d76d2ea5c_sub\t[bpf]\n"
    b"ffffffffc0025d00 t bpf_prog_82e8076d76d2ea5c\t[bpf]\n"
    b"ffffffffc0026000 t bpf_trampoline_6442536464\t[bpf]\n"
    b"ffffffffc0027000 t bpf_dispatcher_xdp\t[bpf]\n"
    b"ffffffffc0028000 t kprobe_insn_page\t[__builtin__kprobes]\n"
)


def test_symbols_of_bpf():
    assert kallsyms.bpf_symbols(BPF) == [
        (0xFFFFFFFFC0025CD0, "bpf_prog_82e8076d76d2ea5c_sub"),
        (0xFFFFFFFFC0025D00, "bpf_prog_82e8076d76d2ea5c"),
        (0xFFFFFFFFC0026000, "bpf_trampoline_6442536464"),
        (0xFFFFFFFFC0027000, "bpf_dispatcher_xdp"),
    ]


def test_symbols_of_bpf_had_no_module_before_linux_5_8():
    names = [name for _address, name in kallsyms.bpf_symbols(BPF.replace(b"\t[bpf]", b""))]
    assert names == ["bpf_prog_82e8076d76d2ea5c_sub", "bpf_prog_82e8076d76d2ea5c", "bpf_trampoline_6442536464"]


def test_symbols_of_bpf_keep_their_names_when_addresses_are_hidden():
    table = b"".join(b"0" * 16 + line[16:] + b"\n" for line in BPF.splitlines())
    assert [address for address, _name in kallsyms.bpf_symbols(table)] == [None] * 4
    assert kallsyms.bpf_symbols(b"") == []


def test_an_unreadable_table_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr(kallsyms, "PATH", str(tmp_path / "kallsyms"))
    with pytest.raises(KernelError) as caught:
        kallsyms.find_names(["main"])
    assert caught.value.name == "ENOENT"


NAMES = st.text("abc_.", min_size=1, max_size=4)


@given(
    st.lists(st.tuples(NAMES, st.sampled_from([None, "m", "n"])), min_size=1, max_size=30), st.sets(NAMES, max_size=40)
)
def test_both_ways_of_searching_agree_with_a_plain_parse(symbols, wanted):
    # modules stand behind the kernel's own symbols, as in the real table
    symbols.sort(key=lambda symbol: symbol[1] is not None)
    lines = [(0x1000 + 16 * number, *symbol) for number, symbol in enumerate(symbols)]
    table = "".join(f"{at:016x} t {name}" + (f"\t[{mod}]" if mod else "") + "\n" for at, name, mod in lines).encode()
    names = {}
    for at, name, _mod in lines:
        if name in wanted:
            names.setdefault(name, at)
    assert kallsyms.find_names(wanted, table) == names
    assert kallsyms.find_addresses(names.values(), table) == {
        at: (name, mod) for at, name, mod in lines if at in names.values()
    }


@pytest.mark.skipif(not os.path.exists(kallsyms.PATH), reason="no /proc/kallsyms")
def test_the_real_table_gives_a_name_back_for_its_address():
    table = kallsyms.read()
    if kallsyms.is_hidden(table):
        assert kallsyms.find_names(["_stext"], table) == {"_stext": None}
        return
    address = kallsyms.find_names(["_stext"], table)["_stext"]
    first = next(line for line in table.splitlines() if int(line.split()[0], 16) == address)
    assert kallsyms.find_addresses([address], table) == {address: (first.split()[2].decode(), None)}


@pytest.mark.skipif(not os.path.exists(kallsyms.PATH), reason="no /proc/kallsyms")
def test_searching_costs_little_beside_reading():
    start = time.process_time()
    table = procfs.read(kallsyms.PATH)
    reading = time.process_time() - start
    start = time.process_time()
    kallsyms.find_names(["__bpf_call_base", "bpf_prog_load", "no_such_symbol"], table)
    kallsyms.find_addresses([1, 2, 3], table)
    assert time.process_time() - start < reading
