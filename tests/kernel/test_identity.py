# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program is known again over two loads, whatever the settings; another program, or other constants, are not it."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import objects
import pytest
from modules import run_module
from objects import instruction as insn
from test_prog_code import bodies

from ansible_collections.ebpf.fleet.plugins.module_utils._module import prog_info
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import prog_code
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_flags, map_types, prog_types

HARDEN = Path("/proc/sys/net/core/bpf_jit_harden")
KPTR = Path("/proc/sys/kernel/kptr_restrict")
NOTHING = hashlib.sha256(b"").hexdigest()
# The strongest first.
FORMS = ["v1", "v1h", "v1b", "v1hb"]


@contextlib.contextmanager
def setting(path: Path, value: str) -> Iterator[None]:
    """Set a sysctl, and put it back."""
    before = path.read_text()
    try:
        path.write_text(value)
        if path.read_text().strip() != value:
            pytest.skip(f"{path.name} cannot be set here")
        yield
    finally:
        path.write_text(before)


def identity(number: int) -> dict:
    (record,) = prog_info.read(Selector({"id": number}), ["identity"])
    return record["identity"]


def forms(found: dict) -> dict[str, str]:
    return dict(text.split(":") for text in found["fingerprints"])


def shared(one: dict, other: dict) -> str:
    """Return the strongest form that two identities both have, after checking that it is equal."""
    name = next(name for name in FORMS if name in forms(one) and name in forms(other))
    assert forms(one)[name] == forms(other)[name]
    return name


def uses(*loads: bytes) -> bytes:
    """Return a program that loads the addresses of maps and has a constant to be blinded."""
    return b"".join(loads) + insn(0xB7, 2, imm=0x12345) + insn(0x07, 2, imm=77) + insn(0xBF, 0, 2) + insn(0x95)


def load_map(fd, source: int = 1, offset: int = 0) -> bytes:
    return insn(0x18, dst=1, src=source, imm=fd.number) + insn(0, imm=offset)


def loaded(code: bytes) -> dict:
    with objects.Program(prog_types.SCHED_CLS, insns=code).load() as fd:
        return identity(objects.object_id(fd))


def shown(code: bytes) -> bytes:
    with objects.Program(prog_types.SCHED_CLS, insns=code).load() as fd:
        return prog_code.Reader().read(fd.number).data


@pytest.mark.parametrize("name", ["arithmetic", "comparisons", "jumps", "memory", "helpers", "functions"])
def test_not_the_load_and_not_the_hardening(name):
    code = bodies()[name]
    with setting(HARDEN, "0"):
        plain, again = loaded(code), loaded(code)
        changed = loaded(code[:-16] + objects.returns(9))
        bytes_plain = shown(code)
    with setting(HARDEN, "2"):
        blinded = loaded(code)
        bytes_blinded, bytes_again = shown(code), shown(code)
    if name in ("arithmetic", "comparisons", "jumps", "memory"):
        # It was blinded, and each time with other numbers.
        assert len({bytes_plain, bytes_blinded, bytes_again}) == 3
    assert plain == again == blinded and list(forms(plain)) == FORMS
    for form in FORMS:
        assert forms(changed)[form] != forms(plain)[form]


@pytest.fixture
def maps():
    """Two maps of one shape and one of another."""
    with contextlib.ExitStack() as stack:
        shapes = [objects.Map(map_types.ARRAY, 4, 16, 1), objects.Map(map_types.ARRAY, 4, 16, 1)]
        shapes.append(objects.Map(map_types.HASH, 4, 8, 9))
        yield [stack.enter_context(shape.create()) for shape in shapes]


def test_maps_are_known_by_shape_and_order(maps):
    one, twin, other = maps
    with setting(HARDEN, "0"):
        plain = loaded(uses(load_map(one), load_map(other)))
        assert loaded(uses(load_map(twin), load_map(other))) == plain
        assert list(forms(plain)) == FORMS
        swapped, offset = loaded(uses(load_map(other), load_map(one))), loaded(uses(load_map(one, 2, 8)))
        assert forms(swapped)["v1"] != forms(plain)["v1"] and forms(swapped)["v1b"] != forms(plain)["v1b"]
        assert forms(offset)["v1"] != forms(loaded(uses(load_map(one, 2, 4))))["v1"]


@pytest.mark.parametrize("functions", [False, True])
def test_maps_under_blinding(maps, functions):
    """Blinding hides whose an address is: the form without it is the one that both have."""
    one, twin, other = maps
    body = uses(load_map(one), load_map(other), load_map(one, 2, 8))
    like = uses(load_map(twin), load_map(other), load_map(twin, 2, 8))
    unlike = uses(load_map(one), load_map(other), load_map(other))
    if functions:
        call = insn(0x85, src=1, imm=1) + insn(0x95)
        body, like, unlike = call + body, call + like, call + unlike
    with setting(HARDEN, "0"):
        plain, different = loaded(body), loaded(unlike)
    with setting(HARDEN, "2"):
        blinded = loaded(like)
    # The kernel shows a program of several functions as it was before blinding.
    assert shared(plain, blinded) == ("v1" if functions else "v1b")
    assert list(forms(blinded)) == (FORMS if functions else ["v1b", "v1hb"])
    assert blinded["fingerprint"] == blinded["fingerprints"][0]
    for form in forms(blinded):
        assert forms(different)[form] != forms(blinded)[form]


def test_hidden_addresses(maps):
    """With kptr_restrict=2 the targets of calls are not told, and the form without them is the one that all have."""
    call = insn(0xB7, 1) + insn(0x85, imm=5) + insn(0xBF, 2, 0) + insn(0x85, imm=8)
    code = call + uses(load_map(maps[0]))
    with setting(HARDEN, "0"), objects.Program(prog_types.SCHED_CLS, insns=code).load() as fd:
        number = objects.object_id(fd)
        with setting(KPTR, "0"):
            open_ = identity(number)
        with setting(KPTR, "1"):
            assert identity(number) == open_
        with setting(KPTR, "2"):
            hidden = identity(number)
        other = code.replace(insn(0x85, imm=5), insn(0x85, imm=7))
        with objects.Program(prog_types.SCHED_CLS, insns=other).load() as twin, setting(KPTR, "0"):
            unlike = identity(objects.object_id(twin))
    assert list(forms(open_)) == FORMS and list(forms(hidden)) == ["v1h", "v1hb"]
    assert shared(open_, hidden) == "v1h" and hidden["fingerprint"].startswith("v1h:")
    assert forms(unlike)["v1"] != forms(open_)["v1"] and forms(unlike)["v1h"] == forms(open_)["v1h"]
    assert hidden["rodata_sha256"] == open_["rodata_sha256"]


def test_hidden_and_blinded_is_not_told():
    with setting(HARDEN, "2"), objects.Program(prog_types.SCHED_CLS, insns=bodies()["arithmetic"]).load() as fd:
        number = objects.object_id(fd)
        with setting(KPTR, "2"):
            found = identity(number)
    assert found["fingerprint"] is found["fingerprints"] is None
    assert found["unavailable"]["fingerprint"] == "hidden by kptr_restrict"


def configured(value: bytes, frozen: bool = True, flags: int = map_flags.F_RDONLY_PROG) -> dict:
    with objects.Map(map_types.ARRAY, 4, 16, 1, flags=flags).create() as fd:
        objects.update(fd, bytes(4), value)
        if frozen:
            objects.freeze(fd)
        return loaded(uses(load_map(fd, 2)))


def test_constants_are_told_apart():
    one, again, other = configured(b"a" * 16), configured(b"a" * 16), configured(b"b" * 16)
    assert one == again
    assert one["fingerprints"] == other["fingerprints"]
    assert one["rodata_sha256"] != other["rodata_sha256"]
    assert (
        configured(b"a" * 16, frozen=False)["rodata_sha256"] == loaded(objects.returns(1))["rodata_sha256"] == NOTHING
    )


def test_content_of_other_frozen_maps():
    def hashed(entries: dict[int, int]) -> str:
        with objects.Map(map_types.HASH, 4, 4, 500).create() as fd:
            for key, value in entries.items():
                objects.update(fd, key.to_bytes(4, sys.byteorder), value.to_bytes(4, sys.byteorder))
            objects.freeze(fd)
            return loaded(uses(load_map(fd)))["rodata_sha256"]

    many = {number: number for number in range(400)}
    assert hashed(many) == hashed(dict(reversed(many.items()))) != hashed(many | {7: 8})


def test_algorithm_of_tags_is_found_by_what_was_not_rewritten():
    """Linux 6.18 makes tags with SHA-256, older kernels with SHA-1."""
    code = uses()
    with objects.Program(prog_types.SCHED_CLS, insns=code).load() as fd:
        (record,) = prog_info.read(Selector({"id": objects.object_id(fd)}), ["identity"])
    name = record["identity"]["tag_algorithm"]
    assert name in ("sha1", "sha256")
    assert hashlib.new(name, code).hexdigest()[:16] == record["tag"]


def test_algorithm_is_that_of_the_host(maps):
    """Another program of the host tells it where the one that was asked for was rewritten; so do its functions."""
    rewritten = bodies()["helpers"]
    with objects.Program(prog_types.SCHED_CLS, insns=uses()).load():
        known = loaded(rewritten)["tag_algorithm"]
    assert known is not None
    assert loaded(uses(load_map(maps[0])))["tag_algorithm"] == known


def test_every_program_of_clang(compiled, tmp_path):
    """Two loads of an object with other maps, one of them hardened, are the same; two programs never are."""
    pairs = []
    for source in objects.sources():
        built = objects.compile_object(source, tmp_path, btf=source != objects.WITHOUT_BTF)
        with objects.bpffs() as place, setting(HARDEN, "2"):
            objects.load_object(built, place / "again")
            for path, (kind, number) in objects.pinned_ids(place / "again" / "prog").items():
                first = compiled / source.partition(".")[0] / "prog" / path.name
                with objects.open_pin(first) as fd:
                    pairs.append((path.name, identity(objects.object_id(fd)), identity(number)))
                assert kind == "prog"
    assert len(pairs) > 20
    for name, plain, hardened in pairs:
        assert shared(plain, hardened) in ("v1", "v1b"), name
        assert plain["source_id"] == hardened["source_id"], name
        assert plain["rodata_sha256"] == hardened["rodata_sha256"], name
    with_source = [plain["source_id"] for _name, plain, _hardened in pairs if plain["source_id"]]
    assert len(set(with_source)) == len(with_source) > 20


def test_source_id_is_that_of_the_object(monkeypatch, tmp_path, bpftool):
    """A comment changes nothing; the text of a line that makes code, and the name of a function do."""
    folder = tmp_path / "source"
    folder.mkdir()
    monkeypatch.setattr(objects, "SOURCES", folder)
    text = """
    struct __sk_buff;
    static __attribute__((noinline)) int part(struct __sk_buff *skb) { return 1; }
    __attribute__((section("tc"))) int whole(struct __sk_buff *skb) { return part(skb); }
    __attribute__((section("license"))) char licence[] = "GPL";
    """

    def source_id(text: str) -> str:
        (folder / "x.bpf.c").write_text(text)
        with objects.bpffs() as place:
            objects.load_object(objects.compile_object("x.bpf.c", tmp_path), place / "x")
            with objects.open_pin(place / "x" / "prog" / "whole") as fd:
                return identity(objects.object_id(fd))["source_id"]

    first = source_id(text)
    assert source_id(text + "/* the end */") == first
    assert source_id(text.replace("part", "piece")) != first
    assert source_id(text.replace("return part", "return 2 + part")) != first


def test_the_module(compiled):
    records = run_module("bpf_prog_info", {"include": ["identity"]})["programs"]
    assert len(records) > 20
    for record in records:
        found = record["identity"]
        assert set(found) - {"unavailable"} == {
            "source_id", "fingerprint", "fingerprints", "rodata_sha256", "kernel_build", "tag_algorithm",
        }  # fmt: skip
        assert len(found["kernel_build"]) == 64 and found["tag_algorithm"]
        assert (found["source_id"] is None) == (found.get("unavailable", {}).get("source_id") == "no BTF")
