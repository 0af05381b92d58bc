# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""hacking/uapi.py: what it reads, and that every kind of planted difference is caught."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[3]

_spec = importlib.util.spec_from_file_location("hacking_uapi", ROOT / "hacking" / "uapi.py")
uapi = importlib.util.module_from_spec(_spec)
sys.modules["hacking_uapi"] = uapi  # NamedTuple with string annotations looks its module up
_spec.loader.exec_module(uapi)

needs_header = pytest.mark.skipif(not uapi.HEADER.exists(), reason=f"no {uapi.HEADER} (package linux-libc-dev)")
needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="no C compiler to ask about layouts"
)
needs_btf = pytest.mark.skipif(
    not (uapi.VMLINUX.exists() and shutil.which("bpftool")), reason="no bpftool or no BTF of the running kernel"
)

SMALL = """
/* a comment with enum bpf_cmd { BPF_WRONG = 7 }; inside */
#define BPF_F_ALLOW_MULTI (1U << 1)
#define BPF_F_REPLACE BPF_F_REPLACE /* itself */
#define BPF_LIST(x, y) x, y
enum bpf_cmd { BPF_MAP_CREATE, BPF_MAP_LOOKUP_ELEM, // with a comment, and a comma
  BPF_PROG_TEST_RUN = 10, BPF_PROG_RUN = BPF_PROG_TEST_RUN, BPF_PROG_GET_NEXT_ID, __MAX_BPF_CMD,
  BPF_COMMON_ATTRS = 1 << 16, };
enum bpf_map_type { BPF_MAP_TYPE_UNSPEC, BPF_MAP_TYPE_HASH,
  BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED = 19, BPF_MAP_TYPE_CGROUP_STORAGE = BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED, };
enum bpf_prog_type { BPF_PROG_TYPE_UNSPEC, BPF_PROG_TYPE_SOCKET_FILTER };
enum bpf_attach_type { BPF_CGROUP_INET_INGRESS, BPF_CGROUP_INET_EGRESS };
enum bpf_link_type { BPF_LINK_TYPE_UNSPEC = 0, BPF_LINK_TYPE_TCX = 11, MAX_BPF_LINK_TYPE };
enum { BPF_F_NO_PREALLOC = (1U << 0), BPF_F_RDONLY = (1U << 3), };
#define __BPF_FUNC_MAPPER(FN) \\
 FN(unspec), \\
 FN(map_lookup_elem),
"""


@pytest.fixture
def header(tmp_path):
    def write(text):
        path = tmp_path / "bpf.h"
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.fixture
def tables(tmp_path):
    """A copy of our tables with one edit: tables("map_types.py", old, new)."""

    def edit(name, old, new):
        folder = tmp_path / "tables"
        shutil.copytree(uapi.TABLES, folder)
        text = (folder / name).read_text("utf-8")
        assert text.count(old) == 1
        (folder / name).write_text(text.replace(old, new), "utf-8")
        return folder

    return edit


class TestReading:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("7", 7), ("0x10U", 16), ("(1ULL << 3)", 8), ("A | 1", 5), ("~0", -1), ("-2", -2), ("A + 3 - 1", 6)],
    )
    def test_evaluates_integer_expressions(self, text, value):
        assert uapi.evaluate(text, {"A": 4}) == value

    @pytest.mark.parametrize("text", ["", "sizeof(int)", "B", "1 ? 2 : 3", "A(1)", '"x"', "1 * 2", "not 1"])
    def test_refuses_everything_else(self, text):
        with pytest.raises(ValueError, match="not an integer expression"):
            uapi.evaluate(text, {"A": 4})

    def test_counts_on_after_a_given_value_and_drops_sentinels_and_comments(self, header):
        commands = uapi.read_header(header(SMALL)).group("bpf_cmd")
        assert commands == {
            "BPF_MAP_CREATE": 0,
            "BPF_MAP_LOOKUP_ELEM": 1,
            "BPF_PROG_TEST_RUN": 10,
            "BPF_PROG_RUN": 10,
            "BPF_PROG_GET_NEXT_ID": 11,
            "BPF_COMMON_ATTRS": 65536,
        }

    def test_finds_an_anonymous_enum_by_a_member(self, header):
        source = uapi.read_header(header(SMALL))
        assert source.group("BPF_F_RDONLY") == {"BPF_F_NO_PREALLOC": 1, "BPF_F_RDONLY": 8}
        assert source.group("BPF_F_WRONLY") == {}

    def test_takes_macros_with_a_number_only(self, header):
        assert uapi.read_header(header(SMALL)).macros == {"BPF_F_ALLOW_MULTI": 2}

    def test_preprocessor_lines_inside_an_enum_are_no_members(self):
        assert uapi.read_members("A,\n#if 1\nB,\n#endif\nC", {}) == {"A": 0, "B": 1, "C": 2}

    def test_reads_both_spellings_of_the_helper_macro(self, header):
        assert uapi.read_header(header(SMALL)).helpers == {"unspec": 0, "map_lookup_elem": 1}
        new = (
            "#define ___BPF_FUNC_MAPPER(FN, ctx...) \\\n FN(unspec, 0, ##ctx) \\\n FN(tail_call, 12, ##ctx)\n\nFN(n, 9)"
        )
        assert uapi.read_helpers(new) == {"unspec": 0, "tail_call": 12}

    def test_a_header_without_the_macro_has_no_helpers(self):
        assert uapi.read_helpers("#define FN 1") == {}

    def test_deprecated_names_count_under_their_old_name(self, header):
        group = uapi.FILES["map_types.py"][1][0]
        members = uapi.members_of(uapi.read_header(header(SMALL)), group)
        assert members == {"BPF_MAP_TYPE_UNSPEC": 0, "BPF_MAP_TYPE_HASH": 1, "BPF_MAP_TYPE_CGROUP_STORAGE": 19}


class TestNumbers:
    def differences(self, path, folder=uapi.TABLES):
        return uapi.compare_numbers(uapi.read_header(path), folder)

    def test_our_tables_may_know_more(self, header):
        assert self.differences(header(SMALL)) == []

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("BPF_PROG_GET_NEXT_ID,", "BPF_NEW_CMD,", "commands.py: BPF_NEW_CMD is 11, BPF_NEW_CMD here is missing"),
            ("BPF_MAP_TYPE_HASH,", "BPF_MAP_TYPE_HASH = 2,", "map_types.py: BPF_MAP_TYPE_HASH is 2, HASH here is 1"),
            ("TYPE_TCX = 11", "TYPE_TCX = 12", "link_types.py: NAMES[12] is 'uprobe_multi', should be 'tcx'"),
            ("FN(map_lookup_elem)", "FN(other)", "helper_ids.py: NAMES[1] is 'map_lookup_elem', should be 'other'"),
            ("RDONLY = (1U << 3)", "RDONLY = (1U << 4)", "map_flags.py: BPF_F_RDONLY is 16, F_RDONLY here is 8"),
            ("MULTI (1U << 1)", "MULTI (1U << 2)", "map_flags.py: BPF_F_ALLOW_MULTI is 4, F_ALLOW_MULTI here is 2"),
            ("INET_EGRESS", "INET_NEW", "attach_types.py: BPF_CGROUP_INET_NEW is 1, CGROUP_INET_NEW here is missing"),
            ("SOCKET_FILTER", "NEW", "prog_types.py: BPF_PROG_TYPE_NEW is 1, NEW here is missing"),
        ],
    )  # fmt: skip
    def test_a_planted_difference_in_the_header_is_caught(self, header, old, new, expected):
        assert old in SMALL
        assert expected in self.differences(header(SMALL.replace(old, new)))

    @pytest.mark.parametrize(
        ("name", "old", "new", "expected"),
        [
            ("commands.py", "BPF_MAP_LOOKUP_ELEM = 1\n", "", "BPF_MAP_LOOKUP_ELEM is 1"),
            ("commands.py", '10: "BPF_PROG_TEST_RUN"', '10: "BPF_PROG_RUN"', "COMMAND_NAMES[10] is 'BPF_PROG_RUN'"),
            ("map_types.py", '"hash",  # 1', '"hush",  # 1', "NAMES[1] is 'hush', should be 'hash'"),
            ("map_flags.py", '0x8: "rdonly"', '0x8: "rdonIy"', "NAMES[8] is 'rdonIy', should be 'rdonly'"),
        ],
    )
    def test_a_planted_difference_in_our_tables_is_caught(self, header, tables, name, old, new, expected):
        found = self.differences(header(SMALL), tables(name, old, new))
        assert len(found) == 1
        assert found[0].startswith(f"{name}: {expected}")

    def test_a_file_that_is_no_uapi_header_is_not_equal(self, header):
        with pytest.raises(uapi.CannotAsk, match="no enum bpf_cmd"):
            self.differences(header("int main(void);"))


class TestGenerate:
    def test_refuses_a_header_without_all_groups(self, header, tmp_path):
        with pytest.raises(uapi.CannotAsk, match="too old to generate from"):
            uapi.generate(header(SMALL.replace("= 19", "").replace("TYPE_TCX = 11", "TYPE_TCX")), tmp_path)
        assert [each.name for each in tmp_path.iterdir()] == ["bpf.h"]

    def test_refuses_to_forget(self):
        old = {"A": 1, "B": 2, "NAMES": ("a", "b"), "TEXTS": {1: "a"}}
        assert uapi.lost(old, {"A": 1, "B": 3, "C": 4, "NAMES": ("a", "b", "c"), "TEXTS": {1: "b"}}) == []
        assert uapi.lost(old, {"A": 1, "NAMES": ("a",), "TEXTS": {}}) == ["B", "NAMES", "TEXTS"]

    def test_an_older_header_leaves_the_tables_alone(self, header, tmp_path, monkeypatch):
        group = uapi.Group("bpf_prog_type", "BPF_PROG_TYPE_", table="NAMES")
        monkeypatch.setattr(uapi, "FILES", {"prog_types.py": ("Doc.", (group,))})
        (tmp_path / "prog_types.py").write_text("XDP = 6\n", "utf-8")
        with pytest.raises(uapi.CannotAsk, match=r"older than our prog_types\.py, it would drop: XDP"):
            uapi.generate(header(SMALL), tmp_path)
        assert (tmp_path / "prog_types.py").read_text("utf-8") == "XDP = 6\n"

    def test_writes_what_exact_then_finds_unchanged(self, header, tmp_path, monkeypatch):
        group = uapi.Group("bpf_prog_type", "BPF_PROG_TYPE_", table="NAMES")
        monkeypatch.setattr(uapi, "FILES", {"prog_types.py": ("Doc.", (group,))})
        path = header(SMALL)
        uapi.generate(path, tmp_path)
        assert uapi.load(tmp_path / "prog_types.py") == {
            "UNSPEC": 0,
            "SOCKET_FILTER": 1,
            "NAMES": ("unspec", "socket_filter"),
        }
        assert uapi.compare_exactly(uapi.read_header(path), tmp_path) == []
        (tmp_path / "prog_types.py").write_text("edited", "utf-8")
        assert uapi.compare_exactly(uapi.read_header(path), tmp_path) != []

    def test_two_groups_of_one_file_must_not_share_a_constant(self, header, monkeypatch):
        groups = (uapi.Group("bpf_prog_type", "BPF_PROG_TYPE_"), uapi.Group("bpf_map_type", "BPF_MAP_TYPE_"))
        monkeypatch.setattr(uapi, "FILES", {"x.py": ("Doc.", groups)})
        with pytest.raises(uapi.CannotAsk, match="UNSPEC would be defined twice"):
            uapi.write_file(uapi.read_header(header(SMALL)), "x.py")

    def test_a_hole_cannot_become_a_tuple(self, header):
        source = uapi.read_header(header(SMALL))
        with pytest.raises(uapi.CannotAsk, match="has holes"):
            uapi.write_group(source, uapi.Group("bpf_link_type", "BPF_LINK_TYPE_", table="NAMES"))

    @pytest.mark.parametrize("name", sorted(uapi.FILES))
    def test_committed_files_say_that_they_are_generated(self, name):
        assert "do not edit, generate anew" in (uapi.TABLES / name).read_text("utf-8")


@needs_compiler
class TestLayout:
    STRUCTS = """
struct bpf_func_info { unsigned insn_off; unsigned type_id; };
struct bpf_line_info { unsigned insn_off, file_name_off, line_off, line_col; };
struct bpf_prog_info { unsigned type; unsigned id; };
struct bpf_map_info { int x; }; struct bpf_btf_info { int x; }; struct bpf_token_info { int x; };
struct bpf_link_info { int x; }; union bpf_attr { int x; };
"""

    def test_members_a_header_lacks_are_newer(self, header):
        assert uapi.compare_layout(header(self.STRUCTS), uapi.TABLES) == []

    def test_unless_it_is_said_to_be_the_newest(self, header):
        found = uapi.compare_layout(header(self.STRUCTS), uapi.TABLES, exact=True)
        assert "layout.py: PROG_INFO.tag is not at 8 (the header has no such member)" in found
        assert not [line for line in found if "LINE_INFO" in line]

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("insn_off; unsigned type_id", "type_id; unsigned insn_off", "FUNC_INFO.insn_off is not at 0"),
            ("unsigned type; unsigned id;", "unsigned type; unsigned short id;", "PROG_INFO.id is not 4 bytes long"),
            ("unsigned type; unsigned id;", "unsigned type; int id;", "PROG_INFO.id has the other signedness"),
            ("bpf_attr { int x; }", "bpf_attr { int x[43]; }", "union bpf_attr is longer than ATTR_SIZE = 168"),
        ],
    )  # fmt: skip
    def test_a_planted_difference_is_caught(self, header, old, new, expected):
        assert old in self.STRUCTS
        assert f"layout.py: {expected}" in uapi.compare_layout(header(self.STRUCTS.replace(old, new)), uapi.TABLES)

    def test_a_broken_header_is_not_equal(self, header):
        with pytest.raises(uapi.CannotAsk, match="does not understand the header"):
            uapi.compare_layout(header(self.STRUCTS + "\n#error broken\n"), uapi.TABLES)


class TestCompilerAnswers:
    """The words of gcc and clang, so that a machine with one of them checks the reading of both."""

    def judge(self, *complaints, exact=False):
        text = "\n".join(f"/tmp/x/layout.c:2:16: error: {each}" for each in complaints)
        return uapi.judge(SimpleNamespace(stderr=text, returncode=1), ["a is not at 0"], exact)

    @pytest.mark.parametrize(
        "words",
        ["static assertion failed: ''", "static assertion failed due to requirement 'x'", "static_assert failed"],
    )
    def test_a_failed_assertion_is_a_difference(self, words):
        assert self.judge(words) == ["layout.py: a is not at 0"]

    @pytest.mark.parametrize(
        "words",
        [
            "'struct s' has no member named 'm'",
            "no member named 'm' in 'struct s'",
            "invalid use of undefined type 'struct s'",
            "offsetof of incomplete type 'struct s'",
            "incomplete definition of type 'struct s'",
        ],
    )
    def test_an_absent_member_is_newer_whatever_follows(self, words):
        assert self.judge(words, "expression in static assertion is not an integer") == []
        assert len(self.judge(words, exact=True)) == 1

    def test_other_words_are_no_answer(self):
        with pytest.raises(uapi.CannotAsk, match="does not understand the question"):
            self.judge("expected ';'")

    def test_a_crash_is_no_answer(self):
        with pytest.raises(uapi.CannotAsk, match="the compiler failed"):
            uapi.judge(SimpleNamespace(stderr="killed", returncode=137), [], False)

    def test_without_a_compiler_the_question_cannot_be_asked(self, monkeypatch):
        monkeypatch.setattr(uapi.shutil, "which", lambda name: None)
        with pytest.raises(uapi.CannotAsk, match="no C compiler"):
            uapi.find_compiler()

    def test_a_layout_without_its_c_type_is_an_error(self):
        layouts = uapi.load_layouts(uapi.TABLES)
        with pytest.raises(uapi.CannotAsk, match=r"layout\.py and LAYOUTS differ: NEW_LAYOUT"):
            uapi.fields_of({**layouts, "NEW_LAYOUT": {"a": (0, "I")}})
        with pytest.raises(uapi.CannotAsk, match="PROG_INFO"):
            uapi.fields_of({name: each for name, each in layouts.items() if name != "PROG_INFO"})


U32, U64, CHAR = 1, 2, 3


def btf_types(*, id_bits=32, extra=()):
    """A small kernel: three enums, bpf_prog_info with type, id and an anonymous union."""

    def member(name, type_id, bits):
        return {"name": name, "type_id": type_id, "bits_offset": bits}

    def enum(number, name, values):
        values = [{"name": each, "val": value} for each, value in values.items()]
        return {"id": number, "kind": "ENUM", "name": name, "values": values}

    return [
        {"id": U32, "kind": "INT", "name": "unsigned int", "size": 4},
        {"id": U64, "kind": "INT", "name": "unsigned long", "size": 8},
        {"id": CHAR, "kind": "INT", "name": "char", "size": 1},
        {"id": 4, "kind": "TYPEDEF", "name": "__u32", "type_id": U32},
        {"id": 5, "kind": "ARRAY", "name": "(anon)", "type_id": CHAR, "nr_elems": 8},
        {"id": 6, "kind": "UNION", "name": "(anon)", "size": 8, "members": [member("tag", 5, 0)]},
        {
            "id": 7,
            "kind": "STRUCT",
            "name": "bpf_prog_info",
            "size": 16,
            "members": [member("type", 4, 0), member("id", 4, id_bits), member("(anon)", 6, 64), *extra],
        },
        enum(8, "bpf_cmd", {"BPF_MAP_CREATE": 0, "__MAX_BPF_CMD": 1}),
        enum(9, "bpf_map_type", {"BPF_MAP_TYPE_UNSPEC": 0}),
        enum(10, "bpf_prog_type", {"BPF_PROG_TYPE_UNSPEC": 0}),
        enum(11, "bpf_attach_type", {"BPF_CGROUP_INET_INGRESS": 0}),
        enum(12, "bpf_func_id", {"BPF_FUNC_unspec": 0, "BPF_FUNC_map_lookup_elem": 1, "__BPF_FUNC_MAX_ID": 2}),
    ]


class TestBtf:
    def test_a_kernel_that_knows_less_is_equal(self):
        assert uapi.compare_btf(uapi.Btf(btf_types()), uapi.TABLES) == []

    def test_members_are_flattened_through_anonymous_unions(self):
        assert uapi.Btf(btf_types()).members("struct bpf_prog_info") == {"type": (0, 4), "id": (4, 4), "tag": (8, 8)}
        assert uapi.Btf(btf_types()).members("struct bpf_map_info") == {}

    def test_a_moved_field_is_caught(self):
        found = uapi.compare_btf(uapi.Btf(btf_types(id_bits=64)), uapi.TABLES)
        assert found == ["layout.py: PROG_INFO.id is (4, 4), the kernel has (8, 4)"]

    def test_a_field_we_do_not_know_is_caught(self):
        extra = ({"name": "brand_new", "type_id": U64, "bits_offset": 1856},)
        found = uapi.compare_btf(uapi.Btf(btf_types(extra=extra)), uapi.TABLES)
        assert found == ["layout.py: lacks struct bpf_prog_info.brand_new"]

    def test_a_new_helper_is_caught(self):
        types = btf_types()
        types[-1]["values"].append({"name": "BPF_FUNC_brand_new", "val": 212})
        found = uapi.compare_btf(uapi.Btf(types), uapi.TABLES)
        assert found == ["helper_ids.py: NAMES[212] is 'missing', should be 'brand_new'"]

    def test_a_file_without_btf_cannot_be_asked(self, monkeypatch, tmp_path):
        monkeypatch.setattr(uapi.shutil, "which", lambda name: name)
        monkeypatch.setattr(
            uapi.subprocess, "run", lambda *args, **kwargs: subprocess.CompletedProcess(args, 255, "", "no BTF here")
        )
        with pytest.raises(uapi.CannotAsk, match="no BTF here"):
            uapi.read_btf(tmp_path)

    def test_without_bpftool_it_cannot_be_asked(self, monkeypatch, tmp_path):
        monkeypatch.setattr(uapi.shutil, "which", lambda name: None)
        with pytest.raises(uapi.CannotAsk, match="no bpftool"):
            uapi.read_btf(tmp_path)


class TestCommandLine:
    def test_equal_is_0_and_silent(self, header, capsys):
        assert uapi.main(["check", "--no-layout", str(header(SMALL))]) == 0
        assert capsys.readouterr() == ("", "")

    def test_different_is_1_with_one_line_each(self, header, capsys):
        path = header(SMALL.replace("BPF_PROG_TYPE_SOCKET_FILTER", "BPF_PROG_TYPE_NEW"))
        assert uapi.main(["check", str(path), "--no-layout"]) == 1
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 2
        assert all(re.match(r"prog_types\.py: \S+ is ", line) for line in lines)

    def test_a_question_that_cannot_be_asked_is_2(self, tmp_path, capsys):
        assert uapi.main(["check", str(tmp_path / "absent.h")]) == 2
        assert "no header" in capsys.readouterr().err

    @needs_header
    @needs_compiler
    def test_our_tables_agree_with_this_machines_header(self, capsys):
        assert uapi.main(["check"]) == 0, capsys.readouterr()

    @needs_btf
    def test_our_tables_agree_with_the_running_kernel(self, capsys):
        assert uapi.main(["check", "--btf"]) == 0, capsys.readouterr()
