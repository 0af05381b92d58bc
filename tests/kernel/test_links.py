# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links: the record of every type that this kernel can make, beside what made it and what bpftool prints."""

from __future__ import annotations

import json
import subprocess
import time

import links
import objects
import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms, syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import device, link, pin
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import attach_types, commands, link_types, prog_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view import link as view

#: key -> (reason, whether bpftool's value is the same fact as the record's)
DIFFERENCES = {
    "type": (
        "bpftool prints a type younger than itself as a number (7.1: netfilter, tcx, ...)",
        lambda value, record: value == record["type"] or link_types.NAMES[value] == record["type"],
    ),
    "prog_type": (
        "bpftool prints a type younger than itself as a number",
        lambda value, record: value == record["prog_type"] or prog_types.NAMES[value] == record["prog_type"],
    ),
    "event_type": (
        "a type without a name is a string in a record, so that the key has one type",
        lambda value, record: str(value) == record["event_type"],
    ),
    "pids": ("needs a bpftool built with its own BPF programs", lambda value, record: True),
}


def read_link(fd: objects.Fd) -> link.Link:
    found = link.Reader().read(0, fd.number)
    assert found.error is None
    return found


def record_of(made: links.Made) -> dict:
    """Return the record as a module would make it, with everything looked up that a view wants to know."""
    found = read_link(made.fd)
    wanted = view.addresses([found])
    symbols = kallsyms.find_addresses(wanted) if wanted else {}
    types = {made.prog_id: prog_types.NAMES.index(made.expected["prog_type"])} if "prog_type" in made.expected else {}
    devnames = {found.id: made.devname} if made.devname else {}
    return view.View(types, symbols, devnames).record(found)


def printed(made: links.Made, bpftool: str) -> dict:
    command = [bpftool, "-j", "link", "show", "id", str(made.id)]

    def run() -> str:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    return json.loads(links.inside(made.netns, run) if made.netns else run())


@pytest.mark.parametrize("name", links.MAKERS)
def test_record_tells_what_was_made(name):
    with links.made_or_skipped(name) as made:
        record = record_of(made)
        common = {"id": made.id, "type": link_types.NAMES[made.type], "prog_id": made.prog_id}
    told = {key: value for key, value in record.items() if value is not None}
    if name == "perf_clock":
        assert int(told.pop("event_type")) >= 6
    if "unavailable" in record:
        assert set(told.pop("unavailable").values()) == {"unsupported"}
        made.expected = {key: value for key, value in made.expected.items() if key not in record["unavailable"]}
    assert told == {**common, **made.expected}
    assert set(record) - {"unavailable"} == set(view.KEYS)


@pytest.mark.parametrize("name", links.MAKERS)
def test_record_equals_what_bpftool_prints(name, bpftool):
    with links.made_or_skipped(name) as made:
        record, shown = record_of(made), printed(made, bpftool)
    assert shown["id"] == record["id"]
    for key, value in shown.items():
        if key in DIFFERENCES:
            assert DIFFERENCES[key][1](value, record), key
        else:
            assert (type(record[key]), record[key]) == (type(value), value), key


#: key of fdinfo -> key of the record, where they differ
FDINFO_KEYS = {"name": "file", "event_type": "perf_type", "uprobe_cnt": "func_cnt"}
#: what fdinfo alone has, or has in other words: perf names its links and events, cgroups have paths
FDINFO_ONLY = {"link_type", "link_id", "prog_tag", "task_type", "cgroup_path", "type", "config"}


def _fdinfo_value(key: str, text: str) -> str | int:
    if key == "attach_type":
        return attach_types.NAMES[int(text.split()[0])]
    return int(text, 0) if text[0] in "-0123456789" else text


@pytest.mark.parametrize("name", links.MAKERS)
def test_record_equals_what_fdinfo_says(name):
    """The kernel writes fdinfo in functions of their own."""
    with links.made_or_skipped(name) as made:
        record = record_of(made)
        lines = link.Reader(fdinfo=True).read(0, made.fd.number).fdinfo.decode().splitlines()[4:]
    # uprobe_multi goes on with a table, netfilter puts its numbers into one line
    pairs = [line.replace(": ", ":\t").split(":\t") for line in lines if line.count(":") == 1]
    said = {key: text for key, text in pairs if key not in FDINFO_ONLY}
    assert said
    for key, text in said.items():
        mine = "tracepoint" if key == "tp_name" and made.type == link_types.PERF_EVENT else FDINFO_KEYS.get(key, key)
        assert record[mine] == _fdinfo_value(key, text), key


def test_scan_lists_the_links_of_the_host_in_order(bpftool):
    with links.many(3) as fds:
        mine = {objects.object_id(fd) for fd in fds}
        found = [one.id for one in link.scan()]
        shown = subprocess.run([bpftool, "-j", "link", "show"], capture_output=True, text=True, timeout=60, check=True)
    assert found == sorted(found)
    assert mine <= set(found)
    assert mine <= {entry["id"] for entry in json.loads(shown.stdout)}


def test_a_link_costs_one_call_where_there_is_no_text_to_fetch(monkeypatch):
    calls = []
    door = syscall.bpf
    monkeypatch.setattr(syscall, "bpf", lambda cmd, attr, size: calls.append(cmd) or door(cmd, attr, size))
    with links.many(5) as fds:
        calls.clear()
        reader = link.Reader()
        for fd in fds:
            reader.read(0, fd.number)
    assert calls == [commands.BPF_OBJ_GET_INFO_BY_FD] * 5


def test_a_removed_control_group_is_zero():
    with links.made_or_skipped("cgroup_skb") as made:
        before = record_of(made)
        path = next(path for path in links.cgroup_root().iterdir() if path.stat().st_ino == before["cgroup_id"])
        path.rmdir()
        # The kernel lets go of the links of a removed group in its own time.
        deadline = time.monotonic() + 60
        while (record := record_of(made))["cgroup_id"] and time.monotonic() < deadline:
            time.sleep(0.05)
    assert record["cgroup_id"] == 0
    assert "unavailable" not in record


@pytest.mark.parametrize("name", ["xdp", "tcx_ingress"])
def test_a_removed_device_is_detached(name, bpftool):
    with links.made_or_skipped(name) as made:
        links.ip(made.netns, "link", "del", links.DEVICE)
        record, shown = record_of(made), printed(made, bpftool)
    assert (record["ifindex"], record["devname"]) == (0, "(detached)")
    assert shown.get("devname", "(detached)") == "(detached)"


def test_an_interface_of_an_unknown_namespace_is_not_guessed():
    with links.made_or_skipped("xdp") as made:
        found = read_link(made.fd)
    record = view.View({}, {}, {}).record(found)
    assert record["devname"] is None
    assert record["unavailable"] == {"devname": "network namespace not reachable"}


def test_the_device_of_an_xdp_link_in_a_namespace_that_nobody_sees(monkeypatch):
    """Only a descriptor keeps it, so the host seems to have one namespace; our lo has the same index as that one."""
    monkeypatch.setattr(device, "is_only_namespace", lambda: True)
    shape = objects.Program(prog_types.XDP, insns=objects.returns(2), attach=attach_types.XDP)
    with links.new_netns() as netns, shape.load() as program:
        links.ip(netns, "link", "set", "lo", "up")
        with links.inside(netns, lambda: links.link_create(program, 1, attach_types.XDP)) as fd:
            found = [read_link(fd)]
            assert device.device_names(found) == {}
            assert links.inside(netns, lambda: device.device_names(found)) == {found[0].id: "lo"}


def test_a_pinned_link_is_found_by_its_pin(bpffs):
    with links.made_or_skipped("cgroup_skb") as made:
        path = objects.pin(made.fd, bpffs / "mine")
        (found,) = pin.scan([bytes(path)])
        assert (found.kind, found.object.id, found.object.type) == ("link", made.id, link_types.CGROUP)
        assert found.object.fields == read_link(made.fd).fields


def test_fdinfo_is_read_when_it_is_asked_for():
    with links.made_or_skipped("cgroup_skb") as made:
        assert read_link(made.fd).fdinfo is None
        text = link.Reader(fdinfo=True).read(0, made.fd.number).fdinfo
        assert f"link_id:\t{made.id}\n".encode() in text


def test_the_kernel_hands_back_what_it_does_not_fill_in(monkeypatch):
    """What `_objects/link.py` rests on: the struct is copied in and out, and only known fields are written between."""
    member = {"ifindex": (16, "I"), "cookie": (48, "Q")}
    monkeypatch.setitem(link.link_layout.LINK_BY_TYPE, link_types.XDP, member)
    with links.made_or_skipped("xdp") as made:
        found = read_link(made.fd)
    assert found.fields == {"ifindex": made.expected["ifindex"]}
    assert found.missing == {"cookie": "unsupported"}
