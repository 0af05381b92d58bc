# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.systemd import Systemctl
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import systemd_limit
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.limit_pair import UNLIMITED, Unfit
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.systemd_limit import Manager, Unit
from ansible_collections.ebpf.fleet.tests.unit.support.fake_systemd import FakeSystemd

DEFAULT = (65536, 65536)


@pytest.fixture
def host(tmp_path, monkeypatch):
    return FakeSystemd(tmp_path).install(monkeypatch)


def read(place, host):
    return place.read(Systemctl(host.run))


def content(path):
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except FileNotFoundError:
        return None


@pytest.mark.parametrize(
    ("name", "full", "section"),
    [
        ("a", "a.service", "Service"),
        ("a.service", "a.service", "Service"),
        ("a@.service", "a@.service", "Service"),
        ("a@b.c.service", "a@b.c.service", "Service"),
        ("a.socket", "a.socket", "Socket"),
        ("srv-x.mount", "srv-x.mount", "Mount"),
        ("a.swap", "a.swap", "Swap"),
        (r"dev-a\x2db.swap", r"dev-a\x2db.swap", "Swap"),
    ],
)
def test_a_unit_has_a_name_a_section_and_a_file(host, name, full, section):
    unit = Unit(name)
    assert (unit.name, unit.section) == (full, section)
    assert unit.file == f"{host.system}/{full}.d/50-ebpf-fleet.conf"
    assert unit.is_template is (full == "a@.service")


@pytest.mark.parametrize("name", ["", "a.timer", "a.slice", "session-1.scope", "../a.service", "a/b", ".service.d"])
def test_what_has_no_limit_is_refused(name):
    with pytest.raises(Unfit, match="only services, sockets, mounts and swaps have a LimitMEMLOCK"):
        Unit(name)


def test_files_that_systemd_would_not_read_are_refused(host):
    assert Unit("a", f"{host.system}/a.service.d/x.conf").file.endswith("x.conf")
    assert Manager(f"{host.manager}/system.conf").file.endswith("system.conf")
    assert Manager(f"{host.manager}/system.conf.d/x.conf")
    for file in ("a.service.d/x", "b.service.d/x.conf", "a.service"):
        with pytest.raises(Unfit, match=r"is no drop-in of it: give a \.conf file in .*/a\.service\.d$"):
            Unit("a", f"{host.system}/{file}")
    for file in ("user.conf", "system.conf.d/x", "system.conf.d/sub/x.conf"):
        with pytest.raises(Unfit, match="systemd does not read"):
            Manager(f"{host.manager}/{file}")


def test_what_systemd_knows_of_a_unit(host):
    host.add_unit("a.service", pid=7)
    seen = read(Unit("a"), host)
    assert seen == (None, DEFAULT, [f"{host.system}/a.service"], [("a.service", 7)], False)
    path = host.write("a.service.d/60-x.conf", "[Service]\nLimitMEMLOCK=1024:infinity\n")
    assert read(Unit("a"), host).stale is True
    host.reload()
    seen = read(Unit("a"), host)
    assert (seen.pair, seen.paths[1:], seen.stale) == ((1024, UNLIMITED), [path], False)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("not-found", "systemd knows no such unit"),
        ("masked", "has this unit masked"),
        ("bad-setting", r"cannot load this unit \(bad-setting\)"),
        ("", r"\(no state\)"),
    ],
)
def test_a_unit_that_is_not_there_says_why(host, state, words):
    host.add_unit("a.service", state=state)
    with pytest.raises(AssertionError) as caught:
        assert read(Unit("a"), host).missing is None
    caught.match(words)


def test_a_template_is_told_by_its_files_and_its_instances(host):
    host.write("a@.service", "")
    assert read(Unit("a@.service"), host) == (None, (None, None), [], [], False)
    host.add_unit("a@1.service", pid=7).add_unit("a@2.service", pid=9)
    seen = read(Unit("a@.service"), host)
    assert (seen.mains, seen.stale) == ([("a@1.service", 7), ("a@2.service", 9)], False)
    host.write("a@.service.d/x.conf", "[Service]\nLimitMEMLOCK=4\n")
    assert read(Unit("a@.service"), host).stale is True
    assert read(Unit("b@.service"), host).missing


def test_properties_that_a_release_does_not_know_are_unknown():
    seen = Unit("a").read(Systemctl(lambda words: (0, "LoadState=loaded\nLimitMEMLOCK=4\nMainPID=\n", "")))
    assert seen == (None, (None, None), [], [], False)


def test_the_manager_has_its_files_by_name_and_hides_by_folder(host):
    vendor = host.root + "/usr/lib/systemd"
    assert read(Manager(), host) == (None, DEFAULT, [], [], False)
    for folder in (vendor, host.manager):
        os.makedirs(folder + "/system.conf.d")
        for name in ("system.conf", "system.conf.d/b.conf", "system.conf.d/no"):
            with open(f"{folder}/{name}", "w", encoding="utf-8") as handle:
                handle.write("")
    with open(f"{vendor}/system.conf.d/a.conf", "w", encoding="utf-8") as handle:
        handle.write("")
    names = [f"{host.manager}/system.conf", f"{vendor}/system.conf.d/a.conf", f"{host.manager}/system.conf.d/b.conf"]
    assert read(Manager(), host).paths == names


def test_a_folder_that_cannot_be_listed_is_an_error(host, monkeypatch):
    def listdir(path):
        raise PermissionError(errno.EACCES, "no", path)

    monkeypatch.setattr(os, "listdir", listdir)
    with pytest.raises(Denied, match=r"list .*/system\.conf\.d"):
        read(Manager(), host)


def test_drop_ins_go_by_their_names_whatever_folder_they_are_in():
    paths = ["/lib/a.service", "/run/a.service.d/10.conf", "/etc/service.d/70.conf"]
    ours = "/etc/a.service.d/50.conf"
    assert systemd_limit.in_order(paths, ours) == [paths[0], paths[1], ours, paths[2]]
    assert systemd_limit.in_order([*paths, ours], ours) == [paths[0], paths[1], ours, paths[2]]
    assert systemd_limit.in_order([], ours) == [ours]


@pytest.mark.parametrize(
    ("files", "source", "pair"),
    [
        ({}, None, (None, None)),
        ({"a.service": "4"}, "a.service", (4, 4)),
        ({"a.service": "4", "10.conf": "8:16"}, "10.conf", (8, 16)),
        ({"10.conf": "8", "50.conf": "1", "70.conf": "lots"}, "50.conf", (1, 1)),
        ({"50.conf": "1", "70.conf": "infinity"}, "70.conf", (UNLIMITED, UNLIMITED)),
    ],
)
def test_the_last_file_counts(files, source, pair):
    names = ["/l/a.service", "/e/a.service.d/10.conf", "/e/a.service.d/70.conf"]
    place = Unit("a", "/e/a.service.d/50.conf")

    def read(path):
        text = files.get(os.path.basename(path))
        return text and f"[Service]\nLimitMEMLOCK={text}\n".encode()

    found, limit = systemd_limit.settle(place, names, read)
    assert (found and os.path.basename(found), limit) == (source, pair)
