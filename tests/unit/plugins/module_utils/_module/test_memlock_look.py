# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import time

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.systemd import Systemctl
from ansible_collections.ebpf.fleet.plugins.module_utils._module import memlock_look
from ansible_collections.ebpf.fleet.plugins.module_utils._module.memlock import Wanted
from ansible_collections.ebpf.fleet.plugins.module_utils._module.memlock_look import Look, plan
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.limit_pair import UNLIMITED, Unfit
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.systemd_limit import Manager, Unit
from ansible_collections.ebpf.fleet.tests.unit.support.fake_systemd import FakeSystemd

OURS = "a.service.d/50-ebpf-fleet.conf"
DEFAULT = (65536, 65536)


@pytest.fixture
def host(tmp_path, monkeypatch):
    return FakeSystemd(tmp_path).install(monkeypatch).add_unit("a.service", pid=7)


def look(host, place=None):
    return Look(place or Unit("a"), Systemctl(host.run))


def wanted(soft=None, hard=None, at_least=False, present=True):
    return Wanted((soft, hard), at_least, present, None, False)


def limit(host, name, text):
    return host.write(name, f"[Service]\nLimitMEMLOCK={text}\n")


def test_a_limit_is_what_systemd_goes_by_and_its_file_the_last(host):
    assert look(host).effective() == (None, DEFAULT)
    path = limit(host, "a.service.d/10.conf", "4:8")
    # not read yet
    assert look(host).effective() == (path, DEFAULT)
    host.reload()
    assert look(host).effective() == (path, (4, 8))


def test_systemd_is_outdated_where_files_say_something_else(host):
    assert not look(host).is_outdated(True)
    limit(host, OURS, "4")
    assert look(host).is_outdated(True) and look(host).is_outdated(False)
    host.reload()
    assert not look(host).is_outdated(True)
    os.unlink(f"{host.system}/{OURS}")
    # what is left says nothing: only a removal is ours to make known
    assert look(host).is_outdated(False) and not look(host).is_outdated(True)


def test_other_changes_of_a_unit_are_not_ours_to_load(host, monkeypatch):
    limit(host, OURS, "4")
    host.reload()
    found = look(host)
    found.seen = found.seen._replace(stale=True)
    assert not found.is_outdated(True)


@pytest.mark.parametrize(
    ("others", "want", "text"),
    [
        ({}, wanted(1, 2), "1:2"),
        ({}, wanted(UNLIMITED, UNLIMITED), "infinity"),
        # one half: the other one is what counts now
        ({}, wanted(soft=4), "4:65536"),
        ({"10.conf": "8:infinity"}, wanted(soft=4), "4:infinity"),
        ({"10.conf": "4"}, wanted(hard=16), "4:16"),
        # exact has a setting of ours though others say the same
        ({"10.conf": "4"}, wanted(4, 4), "4"),
        ({"10.conf": "4"}, wanted(4, 4, at_least=True), None),
        ({"10.conf": "4"}, wanted(2, 8, at_least=True), "4:8"),
        ({}, wanted(1, 2, at_least=True), None),
    ],
)
def test_plans(host, others, want, text):
    for name, value in others.items():
        limit(host, f"a.service.d/{name}", value)
    host.reload()
    found = look(host)
    content = plan(found, want)
    assert found.text(content) == text
    if content is not None:
        host.write(OURS, content.decode())
        host.reload()
        assert plan(look(host), want) == content


def test_a_setting_that_says_the_same_in_other_words_stays(host):
    limit(host, OURS, "64K:1M")
    assert plan(look(host), wanted(65536, 1 << 20)) == b"[Service]\nLimitMEMLOCK=64K:1M\n"


def test_a_setting_is_taken_away(host):
    host.write(OURS, "[Service]\nLimitMEMLOCK=4\nUser=a\n")
    assert plan(look(host), wanted(present=False)) == b"[Service]\nUser=a\n"
    assert plan(look(host, Unit("b")), wanted(present=False)) is None


def test_what_cannot_be_planned(host):
    with pytest.raises(Unfit, match="systemd knows no such unit"):
        plan(look(host, Unit("b")), wanted(4, 4))
    with pytest.raises(Unfit, match="give hard as well"):
        plan(look(host), wanted(soft=1 << 20))
    host.write("t@.service", "")
    with pytest.raises(Unfit, match="give soft and hard"):
        plan(look(host, Unit("t@.service")), wanted(soft=4))


def test_a_restart_is_due_where_the_process_is_older_than_its_limit(host):
    limit(host, OURS, "4")
    host.reload()
    found = look(host)
    assert found.pending((4, 4), False) == ["a.service"]
    assert found.pending(DEFAULT, False) == []
    # a process that is younger has changed its limit itself
    host.started[7] = time.time() + 5
    assert found.pending((4, 4), False) == []
    assert found.pending((4, 4), True) == ["a.service"]
    assert found.pending((None, None), True) == []


def test_a_removed_setting_is_dated_by_its_folder(host):
    path = limit(host, OURS, "4")
    host.reload()
    os.unlink(path)
    assert look(host).pending((9, 9), False) == ["a.service"]
    os.rmdir(os.path.dirname(path))
    # no trace of ours: the process may run with what it likes
    assert look(host).pending((9, 9), False) == []


def test_a_process_that_is_gone_needs_no_restart(host, monkeypatch):
    def gone(pid):
        raise memlock_look.errors.Vanished("prlimit", 3)

    monkeypatch.setattr(memlock_look.rlimit, "memlock", gone)
    assert look(host).pending((4, 4), True) == []
    monkeypatch.undo()


def test_a_host_without_systemd_is_told_in_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(memlock_look.systemd, "BOOTED", str(tmp_path / "no"))
    with pytest.raises(Unfit, match=r"^systemd does not run this host \(.* is missing\): set the limit where"):
        memlock_look.open_systemctl(None)


def test_the_manager_is_looked_at_the_same_way(host):
    os.makedirs(f"{host.manager}/system.conf.d")
    with open(f"{host.manager}/system.conf.d/10.conf", "w", encoding="utf-8") as handle:
        handle.write("[Manager]\nDefaultLimitMEMLOCK=4:8\n")
    found = look(host, Manager())
    assert found.is_outdated(True)
    assert found.text(plan(found, wanted(hard=16))) == "4:16"
