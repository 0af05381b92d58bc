# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pins that bpf_pin makes, replaces and takes away, on file systems of the test's own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import churn
import objects
import pytest
from modules import ModuleFailed, run_module

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types, prog_types


@pytest.fixture
def family(bpffs):
    """One object of each kind that can be pinned: kind -> descriptor."""
    with contextlib.ExitStack() as stack:
        found = {
            "map": stack.enter_context(objects.Map(map_types.HASH, name=b"fleet_pin_map").create()),
            "prog": stack.enter_context(objects.Program(prog_types.XDP, name=b"fleet_pin_prog").load()),
        }
        iterator = churn.iterator()
        if iterator is not None:
            program = stack.enter_context(iterator.load())
            found["link"] = stack.enter_context(churn.link(program))
        yield found


def held(place: Path) -> dict[str, tuple[str, int]]:
    return {str(path.relative_to(place)): found for path, found in objects.pinned_ids(place).items()}


def refused(**args) -> str:
    with pytest.raises(ModuleFailed) as caught:
        run_module("bpf_pin", args)
    return caught.value.result["msg"]


@pytest.mark.parametrize("kind", ["map", "prog", "link"])
def test_pinned_and_unpinned(bpffs, family, kind):
    if kind not in family:
        pytest.skip("this kernel has no links that could be made here")
    number = objects.object_id(family[kind])
    args = {"path": str(bpffs / "a" / "b" / "new"), "kind": kind, "id": number}
    told = run_module("bpf_pin", dict(args, _ansible_check_mode=True))
    assert told["changed"] and held(bpffs) == {} and not (bpffs / "a").exists()
    done = run_module("bpf_pin", args)
    assert done["changed"] and held(bpffs) == {"a/b/new": (kind, number)}
    assert run_module("bpf_pin", args)["changed"] is False
    assert run_module("bpf_pin_info", {"paths": [str(bpffs / "a")]})["pins"] == done["pins"]
    gone = {"path": args["path"], "state": "absent"}
    assert run_module("bpf_pin", dict(gone, _ansible_check_mode=True))["changed"] and len(held(bpffs)) == 1
    assert run_module("bpf_pin", gone)["changed"] and held(bpffs) == {}
    assert run_module("bpf_pin", gone)["changed"] is False and (bpffs / "a" / "b").is_dir()


def test_selectors_lead_to_the_object(bpffs, family):
    path = str(bpffs / "new")
    tag = run_module("bpf_prog_info", {"id": objects.object_id(family["prog"])})["programs"][0]["tag"]
    objects.pin(family["prog"], bpffs / "other")
    expected = ("prog", objects.object_id(family["prog"]))
    for selector in ({"kind": "prog", "name": "fleet_pin_prog"}, {"pinned": str(bpffs / "other")}):
        run_module("bpf_pin", dict(selector, path=path))
        assert held(bpffs)["new"] == expected
        run_module("bpf_pin", {"path": path, "state": "absent"})
    # other tests have programs that do as little
    try:
        run_module("bpf_pin", {"path": path, "tag": tag})
        assert held(bpffs)["new"] == expected
    except ModuleFailed as error:
        assert "programs have tag=" in error.result["msg"]
        assert expected[1] in [one["id"] for one in error.result["near_matches"]]


def test_another_object_is_replaced_only_by_force_and_in_one_step(bpffs, family):
    path = objects.pin(family["map"], bpffs / "x")
    path.chmod(0o640)
    program = {"path": str(path), "kind": "prog", "id": objects.object_id(family["prog"])}
    assert "with force: true it is replaced" in refused(**program)
    assert held(bpffs)["x"][0] == "map"
    missing, stop = [], threading.Event()

    def look():
        while not stop.is_set():
            try:
                objects.open_pin(path).close()
            except FileNotFoundError as error:
                missing.append(error)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        assert run_module("bpf_pin", dict(program, force=True))["changed"]
    finally:
        stop.set()
        watcher.join()
    assert not missing and held(bpffs) == {"x": ("prog", program["id"])}
    assert path.stat().st_mode & 0o777 == 0o640
    assert "which has not kind=map" in refused(path=str(path), state="absent", kind="map")
    assert run_module("bpf_pin", {"path": str(path), "state": "absent", "kind": "map", "force": True})["changed"]


def test_killed_before_the_rename_the_next_run_clears_up(bpffs, family):
    path = objects.pin(family["map"], bpffs / "x")
    with objects.Map(map_types.ARRAY).create() as other:
        number = objects.object_id(other)
        code = """
import os, signal, sys
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, pin, pin_write
os.rename = lambda *_args: os.kill(os.getpid(), signal.SIGKILL)
pin_write.replace(ids.open_id(ids.MAP, int(sys.argv[1])), pin.read_path(os.fsencode(sys.argv[2])))
"""
        done = subprocess.run([sys.executable, "-B", "-c", code, str(number), str(path)], check=False)
        assert done.returncode == -signal.SIGKILL and len(held(bpffs)) == 2
        assert run_module("bpf_pin", {"path": str(path), "kind": "map", "id": number, "force": True})["changed"]
        assert held(bpffs) == {"x": ("map", number)}


def test_a_file_system_is_mounted_only_when_asked_for(tmp_path, bpffs, family):
    point = tmp_path / "mounted"
    args = {"path": str(point / "x" / "y"), "kind": "map", "id": objects.object_id(family["map"])}
    assert "is not on a BPF file system" in refused(**args)
    args.update(mount=True, mount_point=str(point))
    before = Path("/proc/self/mountinfo").read_text()
    assert run_module("bpf_pin", dict(args, _ansible_check_mode=True))["changed"]
    assert Path("/proc/self/mountinfo").read_text() == before and not point.exists()
    try:
        assert run_module("bpf_pin", args)["changed"]
        assert held(point) == {"x/y": ("map", args["id"])}
        assert run_module("bpf_pin", args)["changed"] is False
        (line,) = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(point) in line]
        assert " - bpf " in line and "mode=700" in line and "nosuid" in line
    finally:
        subprocess.run(["umount", str(point)], check=False)


def test_nothing_that_is_in_a_folder_is_hidden(tmp_path, family):
    (tmp_path / "precious").write_text("x")
    args = {"path": str(tmp_path / "x"), "kind": "map", "id": objects.object_id(family["map"])}
    assert "it would hide what is in there, such as precious" in refused(mount=True, mount_point=str(tmp_path), **args)


def test_what_is_mounted_over_a_bpffs_counts(bpffs, family):
    subprocess.run(["mount", "-t", "tmpfs", "none", str(bpffs)], check=True)
    try:
        args = {"path": str(bpffs / "x"), "kind": "map", "id": objects.object_id(family["map"])}
        assert "is not on a BPF file system" in refused(**args)
    finally:
        subprocess.run(["umount", str(bpffs)], check=True)


def test_refusals(bpffs, family, tmp_path):
    number = objects.object_id(family["map"])
    objects.pin(family["map"], bpffs / "pin")
    (bpffs / "dir").mkdir()
    os.symlink("pin", bpffs / "link")
    (tmp_path / "file").write_text("x")
    for path, words in (
        (bpffs / "a.b", "the name a.b has a dot"),
        (bpffs / "a.b" / "c", "the name a.b has a dot"),
        (bpffs / "dir", "is a directory"),
        (bpffs / "link", "is a symbolic link to pin"),
        (bpffs / "pin" / "x", "Not a directory"),
        (tmp_path / "file", "is a file on another file system"),
        (bpffs / ("x" * 256), "File name too long"),
    ):
        assert words in refused(path=str(path), kind="map", id=number)
    assert "is a directory" in refused(path=str(bpffs / "dir"), state="absent")
    assert (tmp_path / "file").read_text() == "x" and (bpffs / "dir").is_dir()
    assert run_module("bpf_pin", {"path": str(bpffs / "a.b"), "state": "absent"})["changed"] is False


def test_the_last_holder_of_an_object(bpffs):
    with objects.Map(map_types.HASH).create() as fd:
        number = objects.object_id(fd)
        run_module("bpf_pin", {"path": str(bpffs / "kept"), "kind": "map", "id": number})
    assert run_module("bpf_map_info", {"id": number})["maps"]
    run_module("bpf_pin", {"path": str(bpffs / "kept"), "state": "absent"})
    assert not run_module("bpf_map_info", {"id": number})["maps"]
