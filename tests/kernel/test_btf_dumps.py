# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of the kernel, its modules and programs: the JSON is bpftool's, the C what a compiler lays out alike."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
from pathlib import Path

import objects
import oracle
import pytest
import vmlinux
from modules import ModuleFailed, run_module

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import cdump, detail, kinds, source
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec

MODULES = [path.name for path in sorted(vmlinux.PATH.parent.glob("*")) if path.name != vmlinux.PATH.name]


def printed(*what: str) -> list[dict]:
    """Return the types that ``bpftool -j btf dump`` prints."""
    command = [objects.BPFTOOL, "-j", "btf", "dump", *what]
    return json.loads(subprocess.run(command, capture_output=True, timeout=300, check=True).stdout)["types"]


def dumped(**args) -> str:
    (record,) = run_module("bpf_btf_info", {"compress": True, **args})["btfs"]
    return gzip.decompress(base64.b64decode(record["dump"])).decode()


def disagreements(ours: list[dict], theirs: list[dict]) -> list[str]:
    """Return the types that differ in more than `oracle.DIFFERENCES` allow."""
    agree = oracle.DIFFERENCES["btf", "val"].agree
    wrong = []
    for mine, other in zip(ours, theirs, strict=True):
        for one, value in zip(mine.get("values", ()), other.get("values", ()), strict=False):
            if mine["encoding"] == "UNSIGNED" and agree(value["val"], one):
                value["val"] = one["val"]
        if mine != other or list(mine) != list(other):
            wrong.append(f"{mine} is not {other}")
    return wrong


@pytest.fixture(scope="module")
def kernel_file() -> str:
    if not vmlinux.PATH.exists():
        pytest.skip("this kernel was built without BTF")
    return str(vmlinux.PATH)


def test_json_of_the_kernel(kernel_file, bpftool):
    ours = json.loads(dumped(name="vmlinux", dump="raw"))["types"]
    assert disagreements(ours, printed("file", kernel_file)) == []
    assert len(ours) > 10000


@pytest.mark.parametrize("name", MODULES)
def test_json_of_a_module(name, bpftool):
    assert (
        disagreements(json.loads(dumped(name=name, dump="raw"))["types"], printed("file", f"/sys/kernel/btf/{name}"))
        == []
    )


def test_json_of_programs_and_their_maps(compiled, bpftool):
    progs = oracle.shown("prog")
    pinned = [number for kind, number in objects.pinned_ids(compiled).values() if kind == "prog"]
    for number in [number for number in pinned if "btf_id" in progs[number]][:10]:
        theirs = printed("prog", "id", str(number))
        assert disagreements(json.loads(dumped(program={"id": number}, dump="raw"))["types"], theirs) == []
    maps = oracle.shown("map")
    mine = [number for kind, number in objects.pinned_ids(compiled).values() if kind == "map"]
    (record,) = run_module(
        "bpf_btf_info", {"map": {"id": next(number for number in mine if maps[number].get("btf_id"))}}
    )["btfs"]
    assert record["map_ids"]


def test_json_of_an_object_file(bpftool, tmp_path):
    if objects.CLANG is None:
        pytest.skip("clang is missing (make oracles installs it)")
    built = objects.compile_object(objects.sources()[0], tmp_path)
    assert disagreements(json.loads(dumped(file=str(built), dump="raw"))["types"], printed("file", str(built))) == []


def asserted(spec: Spec, names) -> str:
    """Return C that fails to compile if a struct, union or enum is not laid out as BTF says."""
    lines = ["#define SAME(one, other, what) _Static_assert((one) == (other), what);"]
    for type_id in detail.own_ids(spec):
        kind, size = spec.kind(type_id), spec.type(type_id).size
        if not spec.name(type_id) or kind not in (*cdump.AGGREGATES, *cdump.ENUMS):
            continue
        tag = names.tag(type_id)
        if kind in cdump.AGGREGATES:
            for name, _member, start, bits in spec.members(type_id):
                if name and not bits:
                    lines.append(f'SAME(__builtin_offsetof({tag}, {name}), {start // 8}, "{tag}.{name}")')
        elif not spec.type(type_id).vlen:
            continue
        lines.append(f'SAME(sizeof({tag}), {size}, "{tag}")')
    return "\n".join(lines) + "\n"


def test_c_of_the_kernel_compiles_and_is_laid_out_alike(kernel_file, tmp_path):
    if objects.CLANG is None:
        pytest.skip("clang is missing (make oracles installs it)")
    spec = source.spec(Path(kernel_file).read_bytes())
    text = dumped(name="vmlinux", dump="c")
    dump = cdump.Dump(spec)
    assert text == dump.text(cdump.everything(spec))
    path = tmp_path / "vmlinux.c"
    path.write_text(text + asserted(spec, dump.names), encoding="utf-8")
    command = [objects.CLANG, "-target", "bpf", "-Wall", "-Werror", "-ferror-limit=20", "-O2", "-g", "-c"]
    done = subprocess.run(
        [*command, str(path), "-o", str(tmp_path / "o")], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_one_struct_compiles_alone(kernel_file, tmp_path):
    if objects.CLANG is None:
        pytest.skip("clang is missing (make oracles installs it)")
    (record,) = run_module("bpf_btf_info", {"name": "vmlinux", "dump": "c", "types": ["struct task_struct"]})["btfs"]
    path = tmp_path / "task.c"
    path.write_text(record["dump"] + "int size = sizeof(struct task_struct);\n", encoding="utf-8")
    subprocess.run(
        [objects.CLANG, "-target", "bpf", "-Wall", "-Werror", "-fsyntax-only", str(path)], check=True, timeout=300
    )
    assert len(record["dump"]) < 100000


def test_the_json_of_a_whole_kernel_is_too_long_for_a_result(kernel_file):
    with pytest.raises(ModuleFailed, match=r"take it compressed \(compress: true\)"):
        run_module("bpf_btf_info", {"name": "vmlinux", "dump": "raw"})


def test_every_kind_of_the_kernel_is_known(kernel_file):
    spec = Spec(Path(kernel_file).read_bytes())
    assert {spec.kind(type_id) for type_id in detail.own_ids(spec)} <= set(range(1, len(kinds.NAMES)))
