# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code of programs, beside what bpftool prints of it."""

from __future__ import annotations

import contextlib
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import objects
import pytest
from modules import command, peak, run_module
from objects import instruction as insn
from vmlinux import FUNC, vmlinux

from ansible_collections.ebpf.fleet.plugins.module_utils._insn import decode, flow
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import prog_code
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types, prog_types

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "program_code.py"
GRAPHVIZ = shutil.which("dot")
HARDEN = Path("/proc/sys/net/core/bpf_jit_harden")
KPTR = Path("/proc/sys/kernel/kptr_restrict")
MODES = ((), ("opcodes",), ("linum",))

# ---- programs of every instruction

_CONTEXT, _LENGTH, _MARK = 6, 7, 8
_OPERATIONS = (0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xA0, 0xB0, 0xC0)
_COMPARISONS = (0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xA0, 0xB0, 0xC0, 0xD0)
_ATOMIC = (0x00, 0x40, 0x50, 0xA0, 0x01, 0x41, 0x51, 0xA1, 0xE1, 0xF1)
_PROLOGUE = b"".join(
    (
        insn(0xBF, _CONTEXT, 1),
        insn(0x61, _LENGTH, 1, 0),
        insn(0x61, _MARK, 1, 8),
        insn(0xB7, 0),
        insn(0xB7, 1, imm=1),
        insn(0x7A, 10, 0, -8, 0),
        insn(0x7A, 10, 0, -16, 7),
    )
)


def _of(bodies: Iterator[bytes]) -> bytes:
    return _PROLOGUE + b"".join(bodies) + objects.returns(0)


def bodies() -> dict[str, bytes]:
    """Return programs by what is in them; registers 7 and 8 are numbers that the verifier does not know."""
    wide = insn(0x18, 2, imm=-1) + insn(0, imm=1)
    return {
        "arithmetic": _of(
            insn(kind | operation | source, _LENGTH, _MARK if source else 0, 0, 0 if source else 3)
            for kind in (0x04, 0x07)
            for operation in _OPERATIONS
            for source in (0x00, 0x08)
        ),
        "negation and byte order": _of(
            insn(code, _LENGTH, 0, 0, size) for code, sizes in ((0x84, (0,)), (0x87, (0,)), (0xD4, (16, 32, 64)),
                                                                (0xDC, (16, 32, 64))) for size in sizes
        ),
        "unconditional swaps": _of(insn(0xD7, _LENGTH, 0, 0, size) for size in (16, 32, 64)),
        "signed division": _of(
            insn(code, _LENGTH, 1 if code & 8 else 0, 1, 0 if code & 8 else 5)
            for code in (0x34, 0x3C, 0x37, 0x3F, 0x94, 0x9C, 0x97, 0x9F)
        ),
        "moves with sign": _of(
            insn(code, 2, _LENGTH, size) for code, sizes in ((0xBF, (8, 16, 32)), (0xBC, (8, 16))) for size in sizes
        ),
        "memory": _of(
            insn(code | size, *registers, -8, imm)
            for code, registers, imm in ((0x62, (10, 0), 9), (0x63, (10, _LENGTH), 0), (0x61, (2, 10), 0))
            for size in (0x00, 0x08, 0x10, 0x18)
        ),
        "loads with sign": _of(insn(code, 2, 10, -8) for code in (0x81, 0x89, 0x91)),
        "atomic": _of(insn(code, 10, 1, -16, what) for code in (0xC3, 0xDB) for what in _ATOMIC),
        "ordered": _of(
            insn(0xC3 | size, *((2, 10) if what == 0x100 else (10, 1)), -16, what)
            for size in (0x00, 0x08, 0x10, 0x18)
            for what in (0x100, 0x110)
        ),
        "comparisons": _of(
            insn(kind | comparison | source, _LENGTH, _MARK if source else 0, 1, 0 if source else -5) + insn(0x07, 1)
            for kind in (0x05, 0x06)
            for comparison in _COMPARISONS
            for source in (0x00, 0x08)
        ),
        "jumps": _of(iter((insn(0x15, _LENGTH, off=1), insn(0x05, off=1), insn(0x07, _MARK, imm=1), wide))),
        "long jumps": _of(iter((insn(0x15, _LENGTH, off=1), insn(0x06, imm=1), insn(0x07, _MARK, imm=1)))),
        "bounded loops": _of(iter((insn(0xE5, off=1), insn(0x05, off=-2)))),
        "packet": _of(
            insn(code | size, 0, _LENGTH if code == 0x40 else 0, 0, 14) for code in (0x20, 0x40) for size in (0, 8, 16)
        ),
        "helpers": _of(insn(0x85, imm=number) for number in (5, 7, 8)),
        "functions": insn(0xB7, 1) + insn(0x85, src=1, imm=1) + insn(0x95) + objects.returns(2),
        **_with_kernel_functions(),
        "many": _of(_random_arithmetic(12000)),
    }  # fmt: skip


def _with_kernel_functions() -> dict[str, bytes]:
    kernel = vmlinux()
    names = ("bpf_rcu_read_lock", "bpf_rcu_read_unlock")
    numbers = [kernel.id(FUNC, name) for name in names] if kernel else []
    return {"kernel functions": _of(insn(0x85, src=2, imm=number) for number in numbers)} if all(numbers) else {}


def _random_arithmetic(count: int) -> Iterator[bytes]:
    chosen = random.Random(7)
    for _turn in range(count):
        code = chosen.choice((0x04, 0x07)) | chosen.choice((0x00, 0x10, 0x40, 0x50, 0xA0)) | chosen.choice((0x00, 0x08))
        imm = 0 if code & 8 else chosen.randrange(-(1 << 31), 1 << 31)
        yield insn(code, chosen.choice((_LENGTH, _MARK)), chosen.choice((_LENGTH, _MARK)) if code & 8 else 0, 0, imm)


@pytest.fixture(scope="module")
def generated() -> Iterator[dict[str, objects.Fd]]:
    with contextlib.ExitStack() as stack:
        found = {}
        for name, code in bodies().items():
            # Instructions that are younger than the kernel are refused.
            with contextlib.suppress(KernelError):
                program = objects.Program(prog_types.SCHED_CLS, insns=code)
                found[name] = stack.enter_context(program.load())
        for name, code in _with_maps(stack).items():
            found[name] = stack.enter_context(objects.Program(prog_types.SCHED_CLS, insns=code).load())
        yield found


def _with_maps(stack: contextlib.ExitStack) -> dict[str, bytes]:
    array = stack.enter_context(objects.Map(map_types.ARRAY, value=16).create())
    programs = stack.enter_context(objects.Map(map_types.PROG_ARRAY).create())
    value = insn(0x18, 1, 2, imm=array.number) + insn(0, imm=8) + insn(0x79, 0, 1)
    tail = insn(0x18, 2, 1, imm=programs.number) + insn(0) + insn(0xB7, 3) + insn(0x85, imm=12)
    return {
        "values of maps": _of(iter((value,))),
        "tail calls": _PROLOGUE + insn(0xBF, 1, 6) + tail + objects.returns(0),
    }


# ---- bpftool

# What bpftool 7.1 prints of instructions that came after it, from the text of those who know them.
_YOUNGER = (
    (r"\((bf)\) r(\d+) = &\(void __percpu \*\)\(r(\d+)\)", r"(\1) r\2 = r\3"),
    (r"\((..)\) (.*) s([/%])= (.*)", r"(\1) \2 \3= \4"),
    (r"\((..)\) (.*) = \(s\d+\)([rw]\d+)", r"(\1) \2 = \3"),
    (r"\((d7)\) r\d+ = bswap.*", r"BUG_alu64_\1"),
    (r"\((81|89|91)\) r\d+ = \*\(s.*", r"BUG_ldx_\1"),
    (r"\((..)\) (?:r\d+ = load_acquire|store_release)\(.*", r"BUG_\1"),
    # the distance is in the immediate, where bpftool takes it for what is compared
    (r"\(06\) gotol pc(.*)", lambda found: f"(06) if w0 jmp 0x{int(found[1]) & 0xFFFFFFFF:x} goto pc+0"),
)


def older(line: str) -> str:
    """Return a line of ours as bpftool 7.1 prints it."""
    number, colon, text = line.partition(": ")
    if not number.strip().isdigit():
        return line
    for pattern, replacement in _YOUNGER:
        if re.fullmatch(pattern, text):
            text = re.sub(pattern, replacement, text)
            break
    # It asks for a blank in front of a number, which is one too many from 1000 on.
    return f"{' ' * (int(number) > 999)}{number}{colon}{text}"


def dumped(bpftool: str, number: int, *options: str, json_form: bool = False) -> str:
    """Return what ``bpftool prog dump xlated`` prints."""
    command = [bpftool, *(["-j"] if json_form else []), "prog", "dump", "xlated", "id", str(number), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def read(number: int, **options: object) -> dict:
    params = dict({"id": number, "what": "xlated", "format": "text", "opcodes": False, "linum": False}, **options)
    (record,) = prog_code.read(Selector(params))
    return record


def disagreements(bpftool: str, number: int, mode: tuple[str, ...]) -> list[str]:
    """Return the lines in which the listing of a program is not bpftool's."""
    theirs = dumped(bpftool, number, *mode).splitlines()
    ours = read(number, **dict.fromkeys(mode, True))["text"].splitlines()
    if len(theirs) != len(ours):
        return [f"program {number}: bpftool has {len(theirs)} lines, the listing {len(ours)}"]
    pairs = zip(theirs, ours, strict=True)
    return [f"program {number}: {one!r} is {two!r}" for one, two in pairs if two != one != older(two)]


def numbers(compiled: Path, handmade, generated) -> list[int]:
    """Return the ids of all programs that the tests can load."""
    pins = [number for kind, number in objects.pinned_ids(compiled).values() if kind == "prog"]
    return sorted({*pins, *map(objects.object_id, [*handmade[1].values(), *generated.values()])})


# ---- tests


def test_listing_is_that_of_bpftool(compiled, handmade, generated, bpftool):
    programs = numbers(compiled, handmade, generated)
    # Only what was compiled has source lines.
    bare = set(programs) - set(numbers(compiled, ({}, {}), {}))
    pairs = [(number, mode) for number in programs for mode in MODES if number not in bare or mode != ("linum",)]
    wrong = [line for number, mode in pairs for line in disagreements(bpftool, number, mode)]
    assert wrong == []
    known = [read(number, format="raw") for number in programs]
    count = sum(len(bytes.fromhex(record["raw"])) // 8 for record in known)
    kinds = {record["type"] for record in known}
    assert len(programs) >= 40 and count >= 10000 and len(kinds) >= 20


def test_all_that_the_kernel_knows_was_generated(generated):
    """What is refused is what the running kernel is too old for."""
    refused = set(bodies()) - set(generated)
    young = {"unconditional swaps", "signed division", "moves with sign", "loads with sign", "long jumps", "ordered"}
    assert refused <= young | {"bounded loops", "kernel functions"}


def test_records_are_those_of_bpftool(compiled, generated, bpftool):
    pin = compiled / "maps" / "prog" / "count_every_packet_that_arrives"
    with objects.open_pin(pin) as fd:
        number = objects.object_id(fd)
    others = [objects.object_id(generated[name]) for name in ("jumps", "values of maps")]
    # bpftool takes one of the two at a time
    for each, mode in [(number, "linum"), *((each, "opcodes") for each in (number, *others))]:
        theirs = json.loads(dumped(bpftool, each, mode, json_form=True))
        ours = read(each, format="records", **{mode: True})["records"]
        assert len(theirs) == len(ours)
        for one, two in zip(theirs, ours, strict=True):
            # it leaves lines and columns out that are 0, and has no number of the instruction
            kept = {key: value for key, value in two.items() if value or key not in ("line_num", "line_col")}
            assert dict(one, disasm="", insn=two["insn"]) == dict(kept, disasm="")
            assert one["disasm"] in (two["disasm"], older("0: " + two["disasm"]).partition(": ")[2])


def test_raw_is_what_the_kernel_gives(generated, bpftool, tmp_path):
    number = objects.object_id(generated["memory"])
    dumped(bpftool, number, "file", str(tmp_path / "code"))
    assert bytes.fromhex(read(number, format="raw")["raw"]) == (tmp_path / "code").read_bytes()


def test_instructions_are_each_in_one_block(compiled, handmade, generated):
    for number in numbers(compiled, handmade, generated):
        data = bytes.fromhex(read(number, format="raw")["raw"])
        insns = decode.decode(data)
        blocks = [block for function in flow.functions(insns) for block in function.blocks]
        assert [one for block in blocks for one in block.insns] == insns
        edges = [edge for block in blocks for edge in block.edges]
        # the verifier lets no program go where nothing is
        assert all(edge.target != flow.ELSEWHERE for edge in edges), number


@pytest.mark.skipif(GRAPHVIZ is None, reason="graphviz is missing (make oracles installs it)")
def test_graphviz_draws_the_control_flow(compiled, generated):
    pin = compiled / "maps" / "prog" / "count_every_packet_that_arrives"
    with objects.open_pin(pin) as fd:
        known = [objects.object_id(fd)]
    known += [objects.object_id(fd) for name, fd in generated.items() if name != "many"]
    for number in known:
        text = read(number, format="dot", linum=True, opcodes=True)["dot"]
        done = subprocess.run([GRAPHVIZ, "-Tsvg"], input=text.encode(), capture_output=True, timeout=120, check=False)
        assert (done.returncode, done.stderr) == (0, b""), number
        assert b"<svg" in done.stdout
    found = read(known[0], format="dot")["dot"]
    assert re.findall(r'    label="(.*)";', found) == [
        "int count_every_packet_that_arrives(struct __sk_buff * skb)",
        "__u64 weigh(__u32 bytes)",
        "__u64 note(__u32 key)",
    ]


@pytest.mark.skipif("recent.bpf.c" not in objects.sources(), reason="this kernel calls no functions of programs back")
def test_functions_that_the_kernel_calls_are_clusters(compiled):
    with objects.open_pin(compiled / "recent" / "prog" / "r_walk") as fd:
        number = objects.object_id(fd)
    assert re.search(r"\(18\) r2 = subprog\[\+\d+\]$", read(number)["text"], re.MULTILINE)
    # clang 11 says "long int"
    graph = read(number, format="dot")["dot"].replace("long int ", "long ")
    assert re.findall(r'    label="(.*)";', graph) == [
        "int r_walk(struct __sk_buff * skb)",
        "long r_callback(struct bpf_map * map, __u32 * key, __u32 * value, void * context) [callback]",
    ]


def test_module_tells_what_the_core_tells(generated):
    number = objects.object_id(generated["functions"])
    told = run_module("bpf_prog_code_info", {"id": number, "opcodes": True})
    assert told["changed"] is False and told["programs"] == [read(number, opcodes=True)]
    assert re.search(r"call pc\+1#bpf_prog_[0-9a-f]{16}", told["programs"][0]["text"])


def test_pin_is_enough(compiled):
    pin = compiled / "maps" / "prog" / "short_name"
    (record,) = run_module("bpf_prog_code_info", {"pinned": str(pin)})["programs"]
    assert record["name"] == "short_name" and "call bpf_tail_call#12" in record["text"]
    assert (record["hints"], "unavailable" in record) == ([], False)


def test_a_long_program_takes_little_memory():
    """The table of symbols is read, only the names that are needed are kept."""
    if kallsyms.is_hidden(kallsyms.read()):
        pytest.skip("addresses are hidden here")
    if HARDEN.read_text().strip() != "0":
        pytest.skip("the constants of programs are blinded here, which makes them longer")
    show = [sys.executable, str(BENCHMARK), "show"]
    with subprocess.Popen(
        [sys.executable, str(BENCHMARK), "hold", "100000"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        number = holder.stdout.readline().strip()
        lines = subprocess.run([*show, number], capture_output=True, text=True, check=True).stdout.splitlines()
        taken = peak([*show, number]) - peak([sys.executable, "-c", ""])
        module = peak(command("bpf_prog_code_info", {"id": int(number)}))
        holder.stdin.close()
    assert len(lines) == 100000
    assert len({name for name in re.findall(r" call (bpf_\w+)#", "\n".join(lines)) if name != "bpf_unspec"}) > 16
    assert taken < 40 << 10
    # The result, which the module makes of it, is one text more.
    assert module - peak([sys.executable, "-c", "import ansible.module_utils.basic"]) < 40 << 10


def test_hidden_addresses(compiled, bpftool):
    pin = compiled / "maps" / "prog" / "count_every_packet_that_arrives"
    with objects.open_pin(pin) as fd:
        number = objects.object_id(fd)
    before = KPTR.read_text()
    try:
        KPTR.write_text("2")
        if KPTR.read_text() != "2\n":
            pytest.skip("kernel.kptr_restrict cannot be set here")
        wrong = [line for mode in MODES for line in disagreements(bpftool, number, mode)]
        record = read(number)
    finally:
        KPTR.write_text(before)
    assert wrong == []
    assert "call bpf_unspec#0" in record["text"] and re.search(r"call pc\+\d+#0x0\n", record["text"])
    (hint,) = record["hints"]
    assert "kernel.kptr_restrict=2" in hint and "CAP_SYSLOG" in hint
