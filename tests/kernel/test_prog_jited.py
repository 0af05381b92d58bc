# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine code of programs, beside what binutils and bpftool see in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import objects
import pytest
from modules import run_module
from test_prog_code import KPTR, bodies

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import prog_code
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import prog_types
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native.disassemble import disassemble
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native.program import finish

OBJDUMP = shutil.which("objdump")
MACHINE = os.uname().machine
KALLSYMS = Path("/proc/sys/net/core/bpf_jit_kallsyms")
FUNCTIONS = "count_every_packet_that_arrives"

needs_x86 = pytest.mark.skipif(MACHINE != "x86_64", reason="the expected text is that of x86_64")


@pytest.fixture(scope="module", autouse=True)
def compiler(generated) -> None:
    if read(next(iter(generated.values())), "raw")["raw"] is None:
        pytest.skip("programs are not compiled here (net.core.bpf_jit_enable)")


@pytest.fixture(scope="module")
def generated() -> Iterator[dict[str, int]]:
    """Programs of every instruction that the kernel takes: name -> id."""
    held = []
    found = {}
    for name, code in bodies().items():
        try:
            fd = objects.Program(prog_types.SCHED_CLS, insns=code).load()
        except KernelError:
            continue
        held.append(fd)
        found[name] = objects.object_id(fd)
    yield found
    for fd in held:
        fd.close()


@pytest.fixture(scope="module")
def everything(compiled, handmade, generated) -> list[int]:
    pins = [number for kind, number in objects.pinned_ids(compiled).values() if kind == "prog"]
    return sorted({*pins, *map(objects.object_id, handmade[1].values()), *generated.values()})


@pytest.fixture
def functions(compiled) -> int:
    """The id of a program of three functions, with BTF."""
    with objects.open_pin(compiled / "maps" / "prog" / FUNCTIONS) as fd:
        return objects.object_id(fd)


def read(number: int, format: str = "text", opcodes: bool = False, linum: bool = False) -> dict:
    """Return the record as users get it: what the target tells, and the controller makes of it."""
    params = {"id": number, "what": "jited", "format": format, "opcodes": opcodes, "linum": linum}
    (record,) = prog_code.read(Selector(params))
    if format != "raw":
        assert finish(record, format, opcodes) == ""
    return record


def pieces(record: dict) -> list[bytes]:
    """Return the code of each function."""
    code = bytes.fromhex(record["raw"])
    return [code[each["offset"] : each["offset"] + each["size"]] for each in record["functions"]]


def seen_by_objdump(code: bytes, path: Path) -> dict[int, str]:
    """Return what binutils see: the texts of instructions by where they begin."""
    path.write_bytes(code)
    machine = ["-m", "i386:x86-64"] if MACHINE == "x86_64" else ["-m", MACHINE]
    done = subprocess.run(
        [OBJDUMP, "-D", "-z", "-w", "-b", "binary", "--no-show-raw-insn", *machine, str(path)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return {int(start, 16): text for start, text in re.findall(r"^ *([0-9a-f]+):\t(.*)$", done.stdout, re.MULTILINE)}


def of_any_binutils(text: str) -> str:
    """Return a text without what differs from release to release of binutils: they stopped to write the letter of the
    size behind call and the like in 2.37, and the one of a shift by one later; zeros and a remark are objdump's choice.
    """
    text = re.sub(r"^(notrack |repz )?(call|ret|leave|jmp|push|pop)q\b", r"\1\2", text.partition("#")[0])
    text = re.sub(r"^((?:call|j\w+) +0x)0+(?=.)", r"\1", text)
    text = re.sub(r"^(sh|sa|ro|rc)([lr][bwlq]? +)\$(?:0x)?1,(?=[^,]+$)", r"\1\2", text)
    return " ".join(text.split())


@pytest.mark.skipif(OBJDUMP is None, reason="objdump is missing (make oracles installs it)")
def test_instructions_are_those_that_binutils_see(everything, tmp_path):
    wrong, count = [], 0
    for number in everything:
        for index, code in enumerate(pieces(read(number, "raw"))):
            ours = {insn["offset"]: insn["text"] for insn in disassemble(code, MACHINE)}
            theirs = seen_by_objdump(code, tmp_path / "code")
            count += len(ours)
            if list(ours) != list(theirs):
                wrong.append((number, index))
            elif MACHINE == "x86_64":
                pairs = [(of_any_binutils(theirs[start]), of_any_binutils(text)) for start, text in ours.items()]
                wrong += [(number, index, one, two) for one, two in pairs if one != two]
    assert wrong == []
    assert len(everything) >= 40 and count >= 10000


def test_nothing_is_left_undecoded(everything):
    for number in everything:
        for record in read(number, "records")["records"]:
            assert not record["disasm"].startswith(".byte"), (number, record)


def test_functions_are_those_of_the_symbol_table(everything):
    table = kallsyms.read()
    if kallsyms.is_hidden(table):
        pytest.skip("addresses are hidden here")
    count = 0
    for number in everything:
        record = read(number, "raw")
        assert sum(each["size"] for each in record["functions"]) == len(record["raw"]) // 2
        addresses = {int(each["address"], 16): each["name"] for each in record["functions"]}
        symbols = {address: name for address, (name, _module) in kallsyms.find_addresses(addresses, table).items()}
        assert {address: addresses[address] for address in symbols} == symbols
        count += len(symbols)
    assert count >= len(everything)


def test_names_are_made_as_the_kernel_makes_them(functions, generated):
    """Without symbols the names are made of tags; with them they come from the table."""
    numbers = [functions, generated["functions"]]
    with_symbols = [read(number, "raw") for number in numbers]
    before = KALLSYMS.read_text()
    try:
        KALLSYMS.write_text("0")
        without = [read(number, "raw") for number in numbers]
    finally:
        KALLSYMS.write_text(before)
    for one, two in zip(with_symbols, without, strict=True):
        assert [each["name"] for each in one["functions"]] == [each["name"] for each in two["functions"]]
        assert one["hints"] == [] and "net.core.bpf_jit_kallsyms=0" in two["hints"][0]
    assert [each["name"].partition("_")[0] for each in without[0]["functions"]] == ["bpf"] * 3


def test_raw_is_what_bpftool_gives(functions, bpftool, tmp_path):
    command = [bpftool, "prog", "dump", "jited", "id", str(functions), "file", str(tmp_path / "code")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        pytest.skip(f"bpftool cannot do that here: {done.stderr.strip()}")
    assert bytes.fromhex(read(functions, "raw")["raw"]) == (tmp_path / "code").read_bytes()


def test_listing_by_function_with_its_source(functions):
    record = read(functions, linum=True)
    blocks = record["text"].split("\n\n")
    assert len(blocks) == 3 == len(record["functions"])
    for block, each in zip(blocks, record["functions"], strict=True):
        head = block.splitlines()[:3]
        assert head[:2] == [f"{each['proto']}:", f"{each['name']}:"]
        assert re.fullmatch(r"; .* \[file:.*maps\.bpf\.c line_num:\d+ line_col:\d+\]", head[2])
    assert [each["proto"] for each in record["functions"]] == [
        "int count_every_packet_that_arrives(struct __sk_buff * skb)",
        "__u64 weigh(__u32 bytes)",
        "__u64 note(__u32 key)",
    ]
    assert record["machine"] == MACHINE


@needs_x86
def test_calls_are_named(functions):
    record = read(functions)
    main, weigh, note = (each["name"] for each in record["functions"])
    called = set(re.findall(r"callq  0x[0-9a-f]{16} <(.*)>", record["text"]))
    assert {weigh, note} <= called and main not in called
    assert any(not name.startswith("bpf_prog_") for name in called), "calls of the kernel's functions have names"
    unnamed = re.findall(r"callq  0x[0-9a-f]+$", record["text"], re.MULTILINE)
    assert unnamed == []


@needs_x86
def test_jumps_lead_to_lines_of_the_listing(everything):
    for number in everything:
        for block in read(number)["text"].split("\n\n"):
            lines = set(re.findall(r"^ *([0-9a-f]+):\t", block, re.MULTILINE))
            inside = re.findall(r":\tj\w+ +0x0*([0-9a-f]{1,8})$", block, re.MULTILINE)
            assert set(inside) <= lines, number


def test_opcodes_are_the_bytes(everything):
    for number in everything[:40]:
        bytes_lines = re.findall(r"^\t([0-9a-f ]+)$", read(number, opcodes=True)["text"], re.MULTILINE)
        assert "".join(bytes_lines).replace(" ", "") == read(number, "raw")["raw"]
        records = read(number, "records", opcodes=True)["records"]
        assert "".join(byte[2:] for record in records for byte in record["opcodes"]) == read(number, "raw")["raw"]


def test_records_tell_what_the_text_tells(functions):
    records = read(functions, "records", linum=True)["records"]
    text = read(functions, linum=True)["text"]
    assert sum("proto" in record for record in records) == 3
    assert [record["line_num"] for record in records if "src" in record] == [
        int(number) for number in re.findall(r"line_num:(\d+)", text)
    ]
    lines = re.findall(r"^ *([0-9a-f]+):\t([^<\n]*?)(?: <(.*)>)?$", text, re.MULTILINE)
    ours = [(record["pc"][2:], record["disasm"], record.get("symbol", "")) for record in records]
    assert lines == ours
    for record in records:
        told = record["operation"] + ",".join(record["operands"])
        assert "".join(record["disasm"].split()) == "".join(told.split())


def test_module_tells_what_the_core_tells(functions):
    told = run_module("bpf_prog_code_info", {"id": functions, "what": "jited", "format": "raw"})
    assert told["programs"] == [read(functions, "raw")]


def test_hidden_addresses(functions):
    before = KPTR.read_text()
    try:
        KPTR.write_text("2")
        if KPTR.read_text() != "2\n":
            pytest.skip("kernel.kptr_restrict cannot be set here")
        record = read(functions)
    finally:
        KPTR.write_text(before)
    assert (record["text"], record["functions"]) == (None, None) and "raw" not in record
    assert record["unavailable"] == dict.fromkeys(("text", "functions"), "hidden by kptr_restrict")
    (hint,) = record["hints"]
    assert "kernel.kptr_restrict=2" in hint and "CAP_SYSLOG" in hint
