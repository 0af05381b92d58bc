# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pins: what bpf_pin_info tells, beside what bpftool and stat(2) tell."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

import objects
import oracle
import pytest
from modules import run_module

from ansible_collections.ebpf.fleet.plugins.module_utils._module import maps, pins, programs
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types, prog_types


def read(*paths: Path) -> dict[str, dict]:
    return {record["path"]: record for record in pins.read([str(path) for path in paths] or None)}


def test_every_pin_is_listed_with_what_it_holds(compiled):
    expected = {str(path): found for path, found in objects.pinned_ids(compiled).items()}
    told = {path: (record["kind"], record["id"]) for path, record in read(compiled).items()}
    assert {path: told[path] for path in expected} == expected
    assert len(expected) >= 40


def test_bpftool_knows_the_same_pins(compiled, bpftool):
    told = read(compiled)
    for noun in ("prog", "map"):
        shown = {path: entry for entry in oracle.shown(noun).values() for path in entry.get("pinned", [])}
        mine = {path: entry for path, entry in shown.items() if path.startswith(str(compiled) + "/")}
        assert set(mine) == {path for path, record in told.items() if record["kind"] == noun}
        for path, entry in mine.items():
            assert (told[path]["id"], told[path]["type"]) == (entry["id"], entry["type"])
            assert entry["name"].startswith(told[path]["name"])
            assert told[path]["tag"] == entry.get("tag")


def test_mode_owner_and_mount_are_those_of_stat(bpffs):
    with objects.Map(map_types.ARRAY).create() as fd:
        path = objects.pin(fd, bpffs / "mine")
        os.chown(path, 65534, 65533)
        path.chmod(0o640)
        record = read(path)[str(path)]
    assert (record["mode"], record["uid"], record["gid"]) == ("0640", 65534, 65533)
    assert record["mount"] == str(bpffs)


def test_module_tells_what_the_core_tells(compiled):
    told = run_module("bpf_pin_info", {"paths": [str(compiled)]})
    assert told["changed"] is False
    assert {record["path"]: record for record in told["pins"]} == read(compiled)


def test_selected_by_path(bpffs):
    with objects.Map(map_types.ARRAY).create() as one, objects.Program(prog_types.XDP).load() as other:
        (bpffs / "folder").mkdir()
        first, second = objects.pin(one, bpffs / "folder" / "one"), objects.pin(other, bpffs / "folder2")
        assert set(read(bpffs / "folder")) == {str(first)}
        assert set(read(second)) == {str(second)}
        assert set(read(first, second)) == {str(first), str(second)}


def test_column_is_filled_for_what_is_pinned_and_empty_for_the_rest(bpffs):
    with objects.Map(map_types.ARRAY).create() as one, objects.Map(map_types.ARRAY).create() as other:
        paths = [str(objects.pin(one, bpffs / name)) for name in ("b", "a")]
        found = {record["id"]: record for record in maps.read(None, ("pinned",))}
        assert found[objects.object_id(one)]["pinned"] == sorted(paths)
        assert found[objects.object_id(other)]["pinned"] == []
        assert "unavailable" not in found[objects.object_id(other)]


def test_program_that_only_its_pin_keeps(bpffs):
    with objects.Program(prog_types.XDP).load() as fd:
        path = objects.pin(fd, bpffs / "kept")
        number = objects.object_id(fd)
    assert ("prog", number) not in oracle.holders()
    found = {record["id"]: record for record in programs.read(None, ("pinned", "pids"))}
    assert found[number]["pinned"] == [str(path)]
    assert not found[number]["pids"]


def test_names_that_are_not_text(bpffs):
    with objects.Map(map_types.ARRAY).create() as fd:
        objects.pin(fd, Path(os.fsdecode(os.fsencode(bpffs) + b"/new\nline and \xff")))
        (record,) = [record for record in read(bpffs).values() if record["kind"]]
    assert record["path"] == str(bpffs) + "/new\nline and \\xff"
    assert record["id"]


def test_mount_point_with_a_space(tmp_path):
    target = tmp_path / "with space"
    target.mkdir()
    subprocess.run(["mount", "-t", "bpf", "none", str(target)], check=True)
    try:
        with objects.Map(map_types.ARRAY).create() as fd:
            path = objects.pin(fd, target / "one")
            assert read(target)[str(path)]["mount"] == str(target)
    finally:
        subprocess.run(["umount", str(target)], check=True)


@contextlib.contextmanager
def mounted(target: Path, *options: str):
    subprocess.run(["mount", *options, str(target)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(target)], check=True)


def columns(number: int) -> tuple:
    (record,) = [record for record in maps.read(None, ("pinned",)) if record["id"] == number]
    return record["pinned"], record.get("unavailable", {}).get("pinned")


def test_single_pin_that_is_mounted_as_a_file(bpffs, tmp_path):
    target = tmp_path / "pin"
    target.touch()
    with objects.Map(map_types.ARRAY).create() as fd:
        path = objects.pin(fd, bpffs / "one")
        with mounted(target, "--bind", str(path)):
            path.unlink()
            record = read(target)[str(target)]
            assert (record["id"], record["mount"]) == (objects.object_id(fd), str(target))
            assert columns(objects.object_id(fd)) == ([str(target)], None)


def test_what_is_mounted_over_a_bpffs_is_not_taken_for_pins(bpffs):
    with objects.Map(map_types.ARRAY).create() as one, objects.Map(map_types.ARRAY).create() as other:
        path = objects.pin(one, bpffs / "one")
        with mounted(bpffs, "-t", "tmpfs", "none"):
            (bpffs / "plain").write_text("")
            told = {path: record["unavailable"]["kind"] for path, record in read(bpffs).items()}
            assert told == {str(bpffs): "EACCES"}
            # what is below can hold it
            assert columns(objects.object_id(one)) == columns(objects.object_id(other)) == (None, "EACCES")
        assert columns(objects.object_id(one)) == ([str(path)], None)


def test_what_is_mounted_inside_a_bpffs_is_not_taken_for_pins(bpffs):
    inside = bpffs / "folder"
    inside.mkdir()
    with objects.Map(map_types.ARRAY).create() as fd, mounted(inside, "-t", "tmpfs", "none"):
        (inside / "plain").write_text("")
        assert not [path for path in read(bpffs) if path.startswith(str(inside))]
        assert columns(objects.object_id(fd)) == ([], None)


def test_entries_that_hold_nothing_do_not_fail_the_list(bpffs):
    # Kernels with preloaded iterators put two files into every bpffs; those cannot be opened as objects everywhere.
    preloaded = [path for path in bpffs.iterdir() if path.name.endswith(".debug")]
    if not preloaded:
        pytest.skip("this kernel preloads nothing into a bpffs")
    found = read(bpffs)
    for path in preloaded:
        record = found[str(path)]
        assert record["kind"] is not None or record["unavailable"]["kind"]


def test_nothing_is_left_behind(tmp_path):
    before = Path("/proc/self/mountinfo").read_text()
    with pytest.raises(RuntimeError), objects.bpffs() as place, objects.Map(map_types.ARRAY).create() as fd:
        objects.pin(fd, place / "one")
        raise RuntimeError
    assert Path("/proc/self/mountinfo").read_text() == before
    assert not place.exists()
