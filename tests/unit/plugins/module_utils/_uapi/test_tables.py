# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables are data: nothing to import, nothing to run, names that are unique and of one spelling."""

from __future__ import annotations

import ast
import importlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import (
    attach_types,
    commands,
    helper_ids,
    link_types,
    map_flags,
    map_types,
    prog_types,
)

FOLDER = Path(__file__).resolve().parents[5] / "plugins" / "module_utils" / "_uapi"
FILES = sorted(FOLDER.glob("*.py"))
NAMED = {
    "prog_types": prog_types.NAMES,
    "map_types": map_types.NAMES,
    "attach_types": attach_types.NAMES,
    "link_types": link_types.NAMES,
    "helpers": helper_ids.NAMES,
}


def test_the_folder_is_found():
    assert len(FILES) >= 11


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
class TestData:
    def test_imports_nothing_but_the_future(self, path):
        tree = ast.parse(path.read_text("utf-8"))
        imported = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
        found = [(getattr(node, "module", ""), [alias.name for alias in node.names]) for node in imported]
        assert found == [("__future__", ["annotations"])]

    def test_has_no_behaviour(self, path):
        tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
        kinds = {type(node) for node in tree.body}
        assert kinds <= {ast.Expr, ast.ImportFrom, ast.Assign}
        assert not [node for node in ast.walk(tree) if isinstance(node, (ast.Call, ast.Lambda))]

    def test_public_names_are_constants(self, path):
        module = importlib.import_module(f"ansible_collections.ebpf.fleet.plugins.module_utils._uapi.{path.stem}")
        public = [name for name in vars(module) if not name.startswith("_") and name != "annotations"]
        assert public
        assert all(name.isupper() for name in public)


@pytest.mark.parametrize("names", NAMED.values(), ids=NAMED)
class TestNames:
    def test_no_name_stands_twice(self, names):
        assert len(set(names)) == len(names)

    def test_names_are_spelled_as_bpftool_does(self, names):
        assert [name for name in names if not re.fullmatch(r"[a-z0-9_]+", name)] == []


# Anchors from the kernel's history, spread over the tables: a shift by one anywhere before them shows.
@pytest.mark.parametrize(
    ("names", "number", "name"),
    [
        (prog_types.NAMES, 0, "unspec"),
        (prog_types.NAMES, 6, "xdp"),
        (prog_types.NAMES, 26, "tracing"),
        (prog_types.NAMES, 32, "netfilter"),
        (map_types.NAMES, 1, "hash"),
        (map_types.NAMES, 19, "cgroup_storage"),
        (map_types.NAMES, 21, "percpu_cgroup_storage"),
        (map_types.NAMES, 27, "ringbuf"),
        (map_types.NAMES, 33, "arena"),
        (attach_types.NAMES, 0, "cgroup_inet_ingress"),
        (attach_types.NAMES, 17, "flow_dissector"),
        (attach_types.NAMES, 36, "sk_lookup"),
        (attach_types.NAMES, 46, "tcx_ingress"),
        (attach_types.NAMES, 57, "trace_uprobe_session"),
        (link_types.NAMES, 7, "perf_event"),
        (link_types.NAMES, 14, "sockmap"),
        (link_types.PERF_LINK_NAMES, 6, "event"),
        (link_types.TASK_FD_NAMES, 5, "uretprobe"),
        (link_types.ITER_ORDER_NAMES, 1, "self_only"),
        (helper_ids.NAMES, 12, "tail_call"),
        (helper_ids.NAMES, 160, "ktime_get_coarse_ns"),
        (helper_ids.NAMES, 211, "cgrp_storage_delete"),
    ],
)
def test_anchors(names, number, name):
    assert names[number] == name


@pytest.mark.parametrize("module", [prog_types, map_types, attach_types], ids=lambda module: module.__name__[-12:])
def test_constants_are_the_names_in_capitals(module):
    constants = {name.lower(): value for name, value in vars(module).items() if name.isupper() and name != "NAMES"}
    assert constants == {name: number for number, name in enumerate(module.NAMES)}


def test_the_helper_ids_are_complete_and_frozen():
    assert len(helper_ids.NAMES) == 212
    assert not [name for name in helper_ids.NAMES if name.startswith("bpf_")]


class TestCommands:
    def test_every_command_has_the_name_of_its_constant(self):
        assert {vars(commands)[name] for name in commands.COMMAND_NAMES.values()} == set(commands.COMMAND_NAMES)
        assert all(vars(commands)[name] == number for number, name in commands.COMMAND_NAMES.items())

    def test_numbers_have_no_holes_and_the_flag_is_no_command(self):
        assert sorted(commands.COMMAND_NAMES) == list(range(39))
        assert commands.BPF_COMMON_ATTRS == 1 << 16

    def test_anchors(self):
        assert commands.BPF_OBJ_GET_INFO_BY_FD == 15
        assert commands.BPF_LINK_GET_NEXT_ID == 31
        assert commands.COMMAND_NAMES[10] == "BPF_PROG_TEST_RUN"  # not its alias BPF_PROG_RUN


class TestMapFlags:
    def test_every_name_is_one_bit_in_rising_order(self):
        assert list(map_flags.NAMES) == [1 << bit for bit in range(20)]

    def test_every_name_is_that_of_its_constant(self):
        assert all(getattr(map_flags, f"F_{name.upper()}") == mask for mask, name in map_flags.NAMES.items())

    def test_anchors(self):
        assert (map_flags.F_RDONLY, map_flags.F_WRONLY, map_flags.F_MMAPABLE) == (8, 16, 1024)
        assert (map_flags.ANY, map_flags.NOEXIST, map_flags.EXIST, map_flags.F_LOCK) == (0, 1, 2, 4)
        assert (map_flags.F_QUERY_EFFECTIVE, map_flags.F_ALLOW_MULTI) == (1, 2)


@pytest.mark.skipif(shutil.which("bpftool") is None, reason="no bpftool: no independent list of names")
@pytest.mark.parametrize("group", NAMED)
def test_bpftool_has_the_same_names_in_the_same_order(group):
    done = subprocess.run(
        ["bpftool", "feature", "list_builtins", group], capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        pytest.skip(f"this bpftool has no list of {group} (older than 7.1): {done.stderr.strip()}")
    theirs = [re.sub("^bpf_", "", name) for name in done.stdout.split()]
    assert theirs == list(NAMED[group][: len(theirs)])
    assert len(theirs) > 8
