# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.bpffs import Entry
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import btf, link, map, prog
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.pin import Pin
from ansible_collections.ebpf.fleet.plugins.module_utils._view import pin as view


class Stat:
    st_mode = 0o100640
    st_uid = 5
    st_gid = 0


def pinned(kind=None, found=None, path=b"/sys/fs/bpf/a", error=None, stat=Stat):
    made = Pin(Entry(path, stat, error), b"/sys/fs/bpf")
    made.kind = kind
    made.object = found
    return made


def only(found):
    (one,) = found
    return one


def test_a_pinned_program(kernel):
    kernel.add_program(30, type=6, name=b"filter", tag=b"\x01\x23\x45\x67\x89\xab\xcd\xef")
    record = view.record(pinned("prog", only(prog.scan()[1])))
    assert record == {
        "path": "/sys/fs/bpf/a",
        "mount": "/sys/fs/bpf",
        "kind": "prog",
        "id": 30,
        "type": "xdp",
        "name": "filter",
        "tag": "0123456789abcdef",
        "mode": "0640",
        "uid": 5,
        "gid": 0,
    }
    assert tuple(record) == view.KEYS


def test_a_pinned_map_has_no_tag_and_a_pinned_link_no_name(kernel):
    kernel.add_map(40, type=2, name=b"table")
    kernel.add_link(50, type=6, ifindex=2)
    kernel.add_btf(60)
    table = view.record(pinned("map", only(map.scan()[1])))
    assert (table["id"], table["type"], table["name"], table["tag"]) == (40, "array", "table", None)
    xdp = view.record(pinned("link", only(link.scan())))
    assert (xdp["id"], xdp["type"], xdp["name"], xdp["tag"]) == (50, "xdp", None, None)
    blob = view.record(pinned("btf", only(btf.scan())))
    assert (blob["kind"], blob["id"], blob["type"], blob["name"]) == ("btf", 60, None, None)
    assert not any("unavailable" in record for record in (table, xdp, blob))


def test_types_that_nobody_knows(kernel):
    kernel.add_link(50, type=4711)
    kernel.add_map(40, type=4711)
    assert view.record(pinned("link", only(link.scan())))["type"] == "4711"
    assert view.record(pinned("map", only(map.scan()[1])))["type"] == "4711"


def test_a_file_that_holds_no_object():
    record = view.record(pinned())
    assert (record["kind"], record["id"], record["mode"]) == (None, None, "0640")
    assert "unavailable" not in record


def test_a_pin_that_could_not_be_opened_keeps_what_its_inode_tells():
    record = view.record(pinned(error=kernel_error("BPF_OBJ_GET", errno.EACCES)))
    assert (record["mode"], record["uid"]) == ("0640", 5)
    assert record["unavailable"] == dict.fromkeys(("kind", "id", "type", "name", "tag"), "EACCES")


def test_a_folder_that_could_not_be_looked_into_has_only_its_path():
    record = view.record(pinned(error=kernel_error("list bpffs directory", errno.EPERM), stat=None))
    assert record["unavailable"] == dict.fromkeys(set(view.KEYS) - {"path", "mount"}, "EPERM")


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EPERM])
def test_an_object_that_could_not_be_read(kernel, number):
    kernel.add_program(30).info_errno = number
    found = only(prog.scan()[1])
    found.id = 0  # a pin is read without an id at hand
    record = view.record(pinned("prog", found))
    assert (record["kind"], record["id"]) == ("prog", None)
    assert record["unavailable"] == dict.fromkeys(("id", "type", "name", "tag"), errno.errorcode[number])


def test_hostile_paths_and_names(kernel):
    kernel.add_map(40, name=b"\xff\n")
    record = view.record(pinned("map", only(map.scan()[1]), b"/sys/fs/bpf/\xff\n\x1b[31m"))
    assert (record["path"], record["name"]) == ("/sys/fs/bpf/\\xff\n\x1b[31m", "\\xff\n")


@pytest.mark.parametrize(("mode", "text"), [(0o100000, "0000"), (0o100600, "0600"), (0o101777, "1777")])
def test_the_mode_has_four_digits(mode, text):
    class Mode(Stat):
        st_mode = mode

    assert view.record(pinned(stat=Mode))["mode"] == text
