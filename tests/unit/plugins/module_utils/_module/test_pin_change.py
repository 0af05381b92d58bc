# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import pin_write
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands
from ansible_collections.ebpf.fleet.plugins.modules import bpf_pin
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def run(bpffs, kernel, capsys):
    kernel.add_program(30, name=b"a_long_name_cut", type=6)
    kernel.add_map(40, name=b"one")
    kernel.add_map(41, name=b"two")
    kernel.add_link(50, type=6)
    bpffs.add(b"/bpf/two", kernel.objects["map"][41])

    def call(path, **args):
        return run_module(bpf_pin.main, capsys, path=bpffs.text(path), **args)

    return call


@pytest.fixture
def twice(run, bpffs):
    """Run a task in check mode, for good, and again: the first tells what the second does, the third does nothing."""

    def call(path, **args):
        before = bpffs.listing(), list(bpffs.mounts)
        told = run(path, _ansible_check_mode=True, _ansible_diff=True, **args)
        assert (bpffs.listing(), list(bpffs.mounts)) == before
        done = run(path, _ansible_diff=True, **args)
        again = run(path, **args)
        assert told["changed"] and done["changed"] and told["diff"] == done["diff"]
        assert again["changed"] is False and again["pins"] == done["pins"]
        return told, done

    return call


@pytest.mark.parametrize(
    ("args", "held"),
    [
        ({"kind": "map", "id": 40}, ("map", 40)),
        ({"kind": "map", "name": "one"}, ("map", 40)),
        ({"kind": "prog", "id": 30}, ("prog", 30)),
        ({"tag": "0102030405060708"}, ("prog", 30)),
        ({"kind": "link", "id": 50}, ("link", 50)),
    ],
)
def test_every_kind_by_its_selectors(bpffs, twice, args, held):
    told, done = twice(b"/bpf/x/y/new", **args)
    assert bpffs.listing()[b"/bpf/x/y/new"] == held
    (record,) = done["pins"]
    assert (record["path"], record["kind"], record["id"]) == (bpffs.text(b"/bpf/x/y/new"), *held)
    assert record["mount"] == bpffs.text(b"/bpf") and record["mode"] == "0600" and "unavailable" not in record
    unknown = dict.fromkeys(("mode", "uid", "gid"), "check mode")
    assert told["pins"] == [{**record, **dict.fromkeys(unknown), "unavailable": unknown}]
    assert done["diff"]["before"] == {"mounts": [], "directories": [], "pins": []}
    assert done["diff"]["after"]["directories"] == [bpffs.text(b"/bpf/x"), bpffs.text(b"/bpf/x/y")]


def test_a_second_name(bpffs, twice):
    twice(b"/bpf/three", pinned=bpffs.text(b"/bpf/two"))
    assert bpffs.listing() == {b"/bpf/two": ("map", 41), b"/bpf/three": ("map", 41)}


def test_the_same_object_is_left_alone(run, bpffs, kernel):
    result = run(b"/bpf/two", kind="map", id=41, _ansible_diff=True)
    assert result["changed"] is False and result["diff"]["before"] == result["diff"]["after"]
    assert kernel.count(commands.BPF_OBJ_PIN) == 0


@pytest.mark.parametrize("mode", [True, False])
def test_another_object_is_replaced_only_by_force(run, bpffs, kernel, mode):
    result = run(b"/bpf/two", kind="map", id=40, _ansible_check_mode=mode)
    assert result["failed"] and result["msg"].endswith(
        "holds map 41 (hash two), not map 40 (hash one): with force: true it is replaced"
    )
    assert bpffs.listing() == {b"/bpf/two": ("map", 41)} and kernel.count(commands.BPF_OBJ_PIN) == 0


def test_force(bpffs, twice):
    os.chmod(bpffs.root + b"/bpf/two", 0o644)
    _told, done = twice(b"/bpf/two", kind="prog", id=30, force=True)
    assert bpffs.listing() == {b"/bpf/two": ("prog", 30)} and done["pins"][0]["mode"] == "0644"
    assert [one["kind"] for one in (*done["diff"]["before"]["pins"], *done["diff"]["after"]["pins"])] == ["map", "prog"]


def test_what_cannot_be_opened_is_another_object(run, bpffs):
    bpffs.add(b"/bpf/odd", errno.ENOENT)
    assert "holds something that cannot be opened" in run(b"/bpf/odd", kind="map", id=40)["msg"]
    assert run(b"/bpf/odd", kind="map", id=40, force=True)["changed"]


def test_a_mount(bpffs, twice):
    os.mkdir(bpffs.root + b"/new")
    _told, done = twice(b"/new/x/a", kind="map", id=40, mount=True, mount_point=bpffs.text(b"/new"))
    assert bpffs.mounts == [b"/bpf", b"/new"] and done["pins"][0]["mount"] == bpffs.text(b"/new")
    assert done["diff"]["after"]["mounts"] == [bpffs.text(b"/new")]


def test_unpinned(bpffs, twice):
    told, done = twice(b"/bpf/two", state="absent")
    assert told["pins"] == done["pins"] == [] and bpffs.listing() == {}
    assert [one["id"] for one in done["diff"]["before"]["pins"]] == [41] and done["diff"]["after"] == {"pins": []}


def test_nothing_to_unpin(run):
    assert run(b"/bpf/none", state="absent")["changed"] is False
    assert run(b"/nowhere/none", state="absent", kind="map", name="x")["changed"] is False


@pytest.mark.parametrize("mode", [True, False])
@pytest.mark.parametrize(
    "args", [{"kind": "map", "id": 40}, {"kind": "map", "name": "one"}, {"kind": "prog"}, {"tag": "01"}]
)
def test_another_object_is_unpinned_only_by_force(run, bpffs, args, mode):
    result = run(b"/bpf/two", state="absent", _ansible_check_mode=mode, **args)
    assert "holds map 41 (hash two), which has not " in result["msg"] and len(bpffs.listing()) == 1
    assert run(b"/bpf/two", state="absent", force=True, _ansible_check_mode=mode, **args)["changed"]


def test_the_right_object_is_unpinned(run, bpffs, kernel):
    bpffs.add(b"/bpf/p", kernel.objects["prog"][30])
    bpffs.add(b"/bpf/q", kernel.objects["prog"][30])
    assert "which has not pinned" in run(b"/bpf/two", state="absent", pinned=bpffs.text(b"/bpf/p"))["msg"]
    assert run(b"/bpf/p", state="absent", pinned=bpffs.text(b"/bpf/q"))["changed"]
    assert run(b"/bpf/q", state="absent", kind="prog", name="a_long_name_cut_by_the_kernel")["changed"]
    assert run(b"/bpf/two", state="absent", kind="map", name="two")["changed"]


def test_who_was_faster(run, bpffs, kernel):
    """Between the first look and the act somebody else pins another object there."""

    def swap(_call):
        if kernel.count(commands.BPF_OBJ_GET) == 2:
            bpffs.add(b"/bpf/two", kernel.objects["prog"][30])

    kernel.before(commands.BPF_OBJ_GET, swap)
    result = run(b"/bpf/two", state="absent")
    assert "holds program 30 (xdp a_long_name_cut) by now" in result["msg"] and len(bpffs.listing()) == 1


@pytest.mark.parametrize("number", [40, 41])
def test_who_pins_at_the_same_time(run, bpffs, kernel, number):
    kernel.before(commands.BPF_OBJ_PIN, lambda _call: bpffs.add(b"/bpf/new", kernel.objects["map"][number]))
    result = run(b"/bpf/new", kind="map", id=40)
    assert bool(result.get("failed")) is (number == 41) and (number == 40 or "not as it was left" in result["msg"])


def test_who_replaces_or_unpins_at_the_same_time(run, bpffs, kernel):
    """The same task ends well twice."""

    def replace(_call):
        if kernel.count(commands.BPF_OBJ_GET) == 2:
            bpffs.add(b"/bpf/two", kernel.objects["map"][40])

    kernel.before(commands.BPF_OBJ_GET, replace)
    assert run(b"/bpf/two", kind="map", id=40, force=True)["pins"][0]["id"] == 40
    assert kernel.count(commands.BPF_OBJ_PIN) == 0

    def vanish(_call):
        if os.path.exists(bpffs.root + b"/bpf/two"):
            os.unlink(bpffs.root + b"/bpf/two")

    kernel.before(commands.BPF_OBJ_GET_INFO_BY_FD, vanish)
    assert run(b"/bpf/two", state="absent")["changed"]


def test_a_pin_that_does_not_stay(run, bpffs, monkeypatch):
    monkeypatch.setattr(pin_write, "pin_new", lambda fd, path: None)
    result = run(b"/bpf/new", kind="map", id=40)
    assert result["failed"] and "new is not as it was left: pins is []" in result["msg"]


def test_refusals_of_the_kernel_have_their_sentence(run, bpffs, kernel):
    bpffs.pin_errno = errno.EPERM
    result = run(b"/bpf/new", kind="map", id=40)
    assert result["failure"]["call"] == "BPF_OBJ_PIN" and "not on a BPF file system" in result["failure"]["hint"]
    assert result["msg"].startswith("cannot pin an object at ") and result["changed"] is False
    result = run(b"/bpf/x/new", kind="map", id=40)
    assert result["msg"].endswith(f"The task made this before, and it stays: directory {bpffs.text(b'/bpf/x')}")
    assert result["changed"] and b"/bpf/x" in bpffs.listing()
    kernel.can_list = False
    result = run(b"/bpf/new", kind="map", id=40)
    assert result["failure"]["call"] == "BPF_MAP_GET_FD_BY_ID"


def test_tasks_that_say_too_little_or_too_much(run, bpffs):
    assert "one of" in run(b"/bpf/new").get("msg") or "any of" in run(b"/bpf/new").get("msg")
    assert "kind" in run(b"/bpf/new", id=40)["msg"]
    assert "mutually exclusive" in run(b"/bpf/new", kind="map", id=40, name="one")["msg"]
    result = run(b"/bpf/new", kind="map", name="on")
    assert result["near_matches"][0]["id"] == 40 and bpffs.listing() == {b"/bpf/two": ("map", 41)}
    assert "directory" in run(b"/bpf", kind="map", id=40)["msg"]
