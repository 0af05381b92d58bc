# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import config_file, memlock_user
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import pam_limits
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.limit_pair import Unfit
from ansible_collections.ebpf.fleet.plugins.modules import bpf_memlock
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

OURS = "limits.d/50-ebpf-fleet.conf"


@pytest.fixture
def security(tmp_path, monkeypatch):
    monkeypatch.setattr(pam_limits, "DIRECTORY", str(tmp_path / "security"))
    (tmp_path / "security/limits.d").mkdir(parents=True)
    return tmp_path / "security"


@pytest.fixture
def run(security, capsys):
    def call(check=False, **args):
        args = {"scope": "user", "user": "a", **args}
        return run_module(bpf_memlock.main, capsys, _ansible_check_mode=check, _ansible_diff=True, **args)

    return call


def record(security, soft, hard, file=OURS):
    empty = {"pid": None, "comm": None, "unit": None}
    return {"scope": "user", "user": "a", "soft": soft, "hard": hard, "file": str(security / file), **empty}


def test_a_user_gets_lines_and_loses_them(security, run):
    checked = run(check=True, soft="4K", hard="unlimited")
    assert not (security / OURS).exists()
    done = run(soft="4K", hard="unlimited")
    assert (security / OURS).read_text().endswith("a\tsoft\tmemlock\t4\na\thard\tmemlock\tunlimited\n")
    assert done["limits"] == checked["limits"] == [record(security, 4096, "unlimited")]
    assert done["diff"] == checked["diff"] and done["changed"] and checked["changed"]
    assert done["diff"]["before"] == {"file": str(security / OURS), "soft": None, "hard": None, "content": None}
    assert run(soft="4K", hard="unlimited")["changed"] is False
    gone = run(state="absent")
    assert (gone["changed"], gone["limits"], (security / OURS).exists()) == (True, [], False)
    assert run(state="absent")["changed"] is False


def test_only_what_is_named_changes(security, run):
    run(soft="4K", hard="8K")
    assert run(hard="16K")["limits"] == [record(security, 4096, 16384)]
    assert "soft\tmemlock\t4\n" in (security / OURS).read_text()
    result = run(soft="1M")
    assert result["failed"] and "soft 1048576 is above the hard limit, which is 16384" in result["msg"]


def test_lines_of_others_stay_in_the_file_of_the_users_choice(security, run):
    theirs = security / "limits.conf"
    theirs.write_text("# x\nb soft memlock 1\na soft nofile 4\n")
    run(user="a", soft="4K", file=str(theirs))
    assert theirs.read_text() == "# x\nb soft memlock 1\na soft nofile 4\na\tsoft\tmemlock\t4\n"
    run(state="absent", file=str(theirs))
    assert theirs.read_text() == "# x\nb soft memlock 1\na soft nofile 4\n"


def test_a_later_file_that_wins_is_named(security, run):
    (security / "limits.d/90.conf").write_text("a soft memlock 1\nb hard memlock 1\n")
    result = run(soft="4K", hard="4K")
    assert result["overridden_by"] == str(security / "limits.d/90.conf")
    assert "gives a another memlock after" in str(result["warnings"])
    assert result["limits"] == [record(security, 1024, 4096, "limits.d/90.conf")]
    assert run(soft="4K", hard="4K")["changed"] is False


def test_a_later_file_that_says_the_same_or_something_else_is_none(security, run):
    (security / "limits.d/90.conf").write_text("a soft memlock 4\na soft nofile 1\n@a soft memlock 1\n")
    assert run(soft="4K")["overridden_by"] is None
    assert run(hard="4K")["overridden_by"] is None


@pytest.mark.parametrize(
    ("there", "args", "text"),
    [
        ("a - memlock 8", {"soft": "4K", "hard": "8K"}, None),
        ("a - memlock 8", {"soft": "8K", "hard": "16K"}, "hard\tmemlock\t16\n"),
        ("a - memlock 8", {"soft": "16K", "hard": "16K"}, "soft\tmemlock\t16\na\thard\tmemlock\t16\n"),
        ("a - memlock unlimited", {"soft": "16K", "hard": "unlimited"}, None),
        ("b - memlock 8", {"soft": "4K"}, "soft\tmemlock\t4\n"),
    ],
)
def test_at_least_writes_what_others_do_not_give(security, run, there, args, text):
    (security / "limits.d/10.conf").write_text(there)
    result = run(policy="at_least", **args)
    assert result["changed"] is (text is not None)
    if text:
        assert (security / OURS).read_text() == pam_limits.HEADING.decode() + "a\t" + text
        assert run(policy="at_least", **args)["changed"] is False


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"soft": "1000"}, "cannot set RLIMIT_MEMLOCK of user a: 1000 bytes are no whole number of KiB"),
        ({"soft": "4K", "user": "a b"}, "give a name, @group or *"),
        ({"soft": "4K", "file": "/etc/x.conf"}, "pam_limits does not read /etc/x.conf"),
    ],
)
def test_what_is_refused_is_refused_before_anything_is_written(security, run, args, words):
    result = run(**args)
    assert result["failed"] and words in result["msg"]
    assert not list(security.rglob("*.conf"))


def test_a_file_that_is_masked_is_not_written(security, run, monkeypatch):
    # were it tried after all, the device would be gone for all of this host
    monkeypatch.setattr(config_file, "replace", lambda *_args: pytest.fail("tried to write"))
    os.symlink("/dev/null", security / OURS)
    for check in (True, False):
        assert "it is masked or not a file (it stands for /dev/null)" in run(check=check, soft="4K")["msg"]
    assert run(state="absent")["changed"] is False


def test_a_host_without_pam_is_told_in_a_sentence(security, run, tmp_path):
    (security / "limits.d").rmdir()
    security.rmdir()
    for args in ({"soft": "4K"}, {"state": "absent"}):
        assert run(**args)["msg"].endswith(
            f"this host has no limits by PAM ({security} is missing): install its modules first"
        )
    with pytest.raises(Unfit):
        memlock_user.read_lines()


def test_lines_are_read_over_all_files_with_ours_as_it_will_be(security):
    (security / "limits.conf").write_bytes(b"a soft memlock 1\n")
    (security / OURS).write_bytes(b"a soft memlock 2\n")
    assert [line.soft for line in memlock_user.read_lines()] == [1024, 2048]
    assert [line.soft for line in memlock_user.read_lines(str(security / OURS), None)] == [1024]
