# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import signal

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kconfig
from ansible_collections.ebpf.fleet.plugins.module_utils._module import config_file, sysctl_change
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import jit_memory, sysctl, sysctl_write
from ansible_collections.ebpf.fleet.plugins.modules import bpf_sysctl
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

FILE = "/etc/sysctl.d/99-zz-ebpf-fleet.conf"
KPTR = sysctl.KPTR
HARDEN = sysctl.JIT_HARDEN
LATCH = sysctl.UNPRIVILEGED
LIMIT = sysctl.JIT_LIMIT
ENABLE = sysctl.JIT_ENABLE


@pytest.fixture
def run(sysctls, capsys):
    def call(settings, **options):
        sysctls.calls.clear()
        return run_module(bpf_sysctl.main, capsys, settings=settings, **options)

    return call


@pytest.fixture
def warned(monkeypatch):
    """What the module warns of; ansible's own list lasts as long as the process."""
    found = []
    monkeypatch.setattr(sysctl_change.Module, "warn", lambda self, text: found.append(text))
    return found


@pytest.fixture
def twice(run):
    """Run a task in check mode, for good, and again: the first tells what the second does, the third does nothing."""

    def call(settings, **options):
        told = run(settings, _ansible_check_mode=True, _ansible_diff=True, **options)
        done = run(settings, _ansible_diff=True, **options)
        again = run(settings, **options)
        assert told["changed"] == done["changed"] and told["diff"] == done["diff"] and told["files"] == done["files"]
        assert again["changed"] is False and again["files"] == []
        for one in (told, done, again):
            for record in one["sysctls"]:
                del record["valid"]
        assert told["sysctls"] == done["sysctls"] == again["sysctls"]
        return done

    return call


def lines(text):
    return [line for line in (text or "").splitlines() if not line.startswith("#")]


# ------------------------------------------------------------ present


def test_a_setting_is_written_and_kept(sysctls, twice):
    result = twice({HARDEN: 2})
    assert result["changed"] and result["files"] == [sysctls.path(FILE)]
    assert sysctls.values[HARDEN] == 2 and lines(sysctls.get(FILE)) == ["net.core.bpf_jit_harden = 2"]
    (record,) = result["sysctls"]
    assert (record["running"], record["effective"], record["persistent"], record["locked"]) == (2, 2, 2, False)
    before, after = result["diff"]["before"], result["diff"]["after"]
    assert before["settings"] == {HARDEN: {"running": 0, "effective": 0, "persistent": None}}
    assert after["settings"] == {HARDEN: {"running": 2, "effective": 2, "persistent": 2}}
    assert before["files"] == {sysctls.path(FILE): None} and "bpf_jit_harden = 2" in after["files"][sysctls.path(FILE)]


def test_all_settings_in_one_task(sysctls, twice):
    wanted = {name: 1 for name in sysctl.NAMES if name not in (LIMIT, LATCH)}
    wanted.update({LIMIT: 500000, LATCH: 2})
    result = twice(wanted)
    assert sysctls.values == wanted
    assert [record["name"] for record in result["sysctls"]] == sorted(sysctl.NAMES)
    assert lines(sysctls.get(FILE)) == [f"{name} = {wanted[name]}" for name in sorted(wanted)]


@pytest.mark.parametrize(
    ("options", "running", "kept"),
    [({"persist": False}, 2, None), ({"runtime": False}, 0, ["net.core.bpf_jit_harden = 2"])],
)
def test_either_half_alone(sysctls, twice, options, running, kept):
    twice({HARDEN: 2}, **options)
    assert sysctls.values[HARDEN] == running
    assert (sysctls.get(FILE) and lines(sysctls.get(FILE))) == kept


def test_an_own_file_keeps_what_else_is_in_it_and_its_mode(sysctls, twice):
    sysctls.put("/etc/sysctl.d/50-mine.conf", "# mine\r\nvm.swappiness = 1\r\nkernel/kptr_restrict = 0\r\n")
    os.chmod(sysctls.path("/etc/sysctl.d/50-mine.conf"), 0o640)
    twice({KPTR: 1}, file=sysctls.path("/etc/sysctl.d/50-mine.conf"))
    assert sysctls.get("/etc/sysctl.d/50-mine.conf") == "# mine\r\nvm.swappiness = 1\r\nkernel/kptr_restrict = 1\r\n"
    assert os.stat(sysctls.path("/etc/sysctl.d/50-mine.conf")).st_mode & 0o777 == 0o640


def test_files_keep_their_selinux_context_and_new_ones_get_that_of_the_policy(sysctls, run, monkeypatch):
    mine, given = sysctls.path("/etc/sysctl.d/50-mine.conf"), []
    sysctls.put("/etc/sysctl.d/50-mine.conf", "kernel.kptr_restrict = 0\n")
    fake = {
        "selinux_enabled": lambda self: True,
        "selinux_context": lambda self, path: ["system_u", "object_r", f"old_{os.path.basename(path)}", "s0"],
        "selinux_default_context": lambda self, path, mode=0: ["system_u", "object_r", "policy_t", "s0"],
        "set_context_if_different": lambda self, path, context, changed, diff=None: given.append((path, context[2])),
    }
    for name, function in fake.items():
        monkeypatch.setattr(sysctl_change.Module, name, function)
    run({KPTR: 1}, file=mine)
    run({KPTR: 1})
    assert given == [(mine, "old_50-mine.conf"), (sysctls.path(FILE), "policy_t")]


def test_numbers_may_be_strings(sysctls, run):
    run({KPTR: "0x1"})
    assert sysctls.values[KPTR] == 1 and run({KPTR: "1"})["changed"] is False


def test_nothing_is_asked_for(run):
    assert run({}) == {**run({}), "changed": False, "sysctls": [], "files": [], "reboot_required": False}


def test_check_mode_writes_nothing(sysctls, run):
    result = run({HARDEN: 2, LIMIT: 500000}, _ansible_check_mode=True)
    assert result["changed"] and sysctls.writes == [] and sysctls.files() == {}
    assert {record["name"]: (record["running"], record["valid"]) for record in result["sysctls"]} == {
        HARDEN: (2, True),
        LIMIT: (500000, "unknown"),
    }


def test_what_the_kernel_took_is_valid(run):
    assert run({LIMIT: 500000})["sysctls"][0]["valid"] is True
    assert run({LIMIT: 500000}, runtime=False)["sysctls"][0]["valid"] is True
    assert run({LIMIT: 600000}, runtime=False)["sysctls"][0]["valid"] == "unknown"


# ------------------------------------------------------------ absent


def test_absent_takes_our_line_out_and_leaves_the_running_value(sysctls, run, twice):
    run({HARDEN: 2, KPTR: 1})
    result = twice({HARDEN: None}, state="absent")
    assert sysctls.values[HARDEN] == 2 and lines(sysctls.get(FILE)) == ["kernel.kptr_restrict = 1"]
    assert result["sysctls"][0]["persistent"] is None and result["sysctls"][0]["running"] == 2


def test_absent_with_a_value_gives_it_to_the_running_kernel(sysctls, run, twice):
    run({HARDEN: 2})
    twice({HARDEN: 0}, state="absent")
    assert sysctls.values[HARDEN] == 0 and sysctls.get(FILE) is None


def test_absent_leaves_the_lines_of_other_files(sysctls, run):
    sysctls.put("/etc/sysctl.d/10-other.conf", "net.core.bpf_jit_harden = 1\n")
    result = run({HARDEN: None}, state="absent")
    assert result["changed"] is False and result["sysctls"][0]["persistent"] == 1


def test_absent_takes_lines_out_of_the_single_file_too(sysctls, twice):
    sysctls.values[HARDEN] = 2
    sysctls.put("/etc/sysctl.conf", "# by hand\nnet.core.bpf_jit_harden=2\nkernel.panic=10\n")
    twice({HARDEN: None, KPTR: None}, state="absent", file=sysctls.path("/etc/sysctl.conf"))
    assert sysctls.get("/etc/sysctl.conf") == "# by hand\nkernel.panic=10\n" and sysctls.values[HARDEN] == 2


# ------------------------------------------------------------ the latch


def test_the_latch_wants_to_be_accepted_in_check_mode_too(sysctls, run):
    for mode in (True, False):
        result = run({LATCH: 1}, _ansible_check_mode=mode)
        assert result["failed"] and "accept_latch" in result["msg"]
    assert sysctls.writes == [] and sysctls.files() == {}
    assert run({LATCH: 1}, accept_latch=True)["sysctls"][0]["locked"] is True


def test_a_locked_setting_is_kept_for_the_next_boot(sysctls, twice):
    sysctls.values[LATCH] = 1
    result = twice({LATCH: 2})
    assert result["reboot_required"] is True and result["sysctls"][0]["reboot_required"] is True
    assert sysctls.values[LATCH] == 1 and lines(sysctls.get(FILE)) == ["kernel.unprivileged_bpf_disabled = 2"]


def test_a_locked_setting_fails_a_strict_task_and_nothing_is_kept(sysctls, run):
    sysctls.values[LATCH] = 1
    result = run({LATCH: 2, HARDEN: 1}, strict=True)
    assert result["failed"] and result["msg"].startswith(f"cannot write {LATCH}=2: it is locked at 1 until reboot")
    assert sysctls.writes == [] and sysctls.files() == {}


def test_what_is_locked_already_needs_no_word(sysctls, twice):
    sysctls.values[LATCH] = 1
    assert twice({LATCH: 1})["reboot_required"] is False


# ------------------------------------------------------------ what is refused


def test_one_bad_setting_keeps_the_good_ones_from_being_written(sysctls, run):
    result = run({HARDEN: 1, KPTR: 9, LATCH: 1})
    assert result["failed"] and f"{KPTR}=9 is out of range" in result["msg"] and "accept_latch" in result["msg"]
    assert sysctls.writes == [] and sysctls.files() == {}


def test_a_kernel_without_interpreter_is_known_by_its_configuration(sysctls, run):
    sysctls.known_always_on = True
    result = run({ENABLE: 0})
    assert "CONFIG_BPF_JIT_ALWAYS_ON" in result["msg"] and sysctls.writes == []


def test_a_kernel_without_interpreter_is_known_by_its_answer(sysctls, run):
    sysctls.always_on = True
    assert run({ENABLE: 0}, _ansible_check_mode=True)["sysctls"][0]["valid"] == "unknown"
    result = run({ENABLE: 0})
    assert result["msg"].startswith(f"cannot write {ENABLE}=0: ") and "CONFIG_BPF_JIT_ALWAYS_ON" in result["msg"]
    assert result["failure"]["name"] == "EINVAL" and sysctls.files() == {}


def test_a_low_limit_needs_force(sysctls, run):
    sysctls.in_use = (50000, None)
    assert "200000, the larger of" in run({LIMIT: 199999})["msg"]
    assert run({LIMIT: 199999}, force=True)["changed"] and sysctls.values[LIMIT] == 199999


def test_a_limit_above_that_of_the_kernel_is_refused_by_it(run):
    result = run({LIMIT: 2000000})
    assert result["failure"]["name"] == "EINVAL" and "largest limit" in result["msg"]


def test_a_setting_that_is_not_there_can_only_be_kept(sysctls, run, monkeypatch):
    sysctls.missing.add(LATCH)
    result = run({LATCH: 2})
    assert result["failed"] and "This kernel does not have it" in result["msg"]
    assert result["failure"] == {**result["failure"], "name": "ENOENT", "call": f"write {sysctl.path(LATCH)}"}
    (record,) = run({LATCH: 2}, runtime=False)["sysctls"]
    assert (record["running"], record["persistent"], record["unavailable"]["running"]) == (None, 2, "unsupported")


@pytest.mark.parametrize(("number", "name", "words"), [(30, "EROFS", "read-only"), (13, "EACCES", "become")])
@pytest.mark.parametrize("mode", [True, False])
def test_a_file_that_cannot_be_written_is_told_before_anything_is(sysctls, run, number, name, words, mode):
    sysctls.refusals[HARDEN] = number
    result = run({HARDEN: 1, KPTR: 1}, _ansible_check_mode=mode)
    assert result["failure"]["name"] == name and words in result["msg"] and "KPTR" not in result["msg"]
    assert sysctls.writes == [] and sysctls.files() == {}
    assert run({HARDEN: 1}, runtime=False)["changed"]


# ------------------------------------------------------------ what goes wrong later


def test_a_failure_in_the_middle_tells_what_was_written(sysctls, run):
    sysctls.values[LIMIT] = 400000
    sysctls.errors[KPTR] = 5
    result = run({LIMIT: 500000, KPTR: 1, STATS: 1})
    assert result["failed"] and result["changed"] and result["failure"]["name"] == "EIO"
    assert result["written"] == [{"name": LIMIT, "value": 500000, "before": 400000}]
    assert result["msg"].endswith(f"(written before that: {LIMIT}=500000)")
    assert sysctls.writes == [(LIMIT, 500000), (KPTR, 1)] and sysctls.files() == {}


STATS = sysctl.STATS


def test_a_file_that_fails_at_last_tells_what_was_written(sysctls, run, monkeypatch):
    def refuse(module, path, content):
        raise config_file.errors.kernel_error(f"write {path}", 28)

    monkeypatch.setattr(config_file, "replace", refuse)
    result = run({HARDEN: 1})
    assert result["failure"]["name"] == "ENOSPC" and result["written"][0]["name"] == HARDEN


def test_a_value_that_does_not_stay_is_an_error(sysctls, run):
    sysctls.stubborn.add(HARDEN)
    result = run({HARDEN: 1})
    assert result["failed"] and result["msg"].startswith("the settings did not stay as they were written: ")


def test_a_directory_that_cannot_be_written_is_told_before_anything_is(sysctls, run, monkeypatch):
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **how: "sysctl.d" not in str(path) and real(path, mode, **how))
    result = run({HARDEN: 1})
    assert result["failure"]["name"] == "EACCES" and "persist" in result["msg"] and sysctls.writes == []


@pytest.mark.parametrize("target", ["/dev/null", "directory"])
def test_a_masked_file_is_not_written(sysctls, run, target):
    sysctls.put("/etc/directory/x", "")
    os.symlink(target if target.startswith("/") else sysctls.path("/etc/directory"), sysctls.path(FILE))
    result = run({HARDEN: 1})
    assert result["failed"] and "masked or not a file" in result["msg"] and sysctls.writes == []


def test_killed_between_write_and_rename_the_old_file_is_whole(sysctls, run, monkeypatch, capsys):
    sysctls.put(FILE, "# old\nkernel.kptr_restrict = 0\n")
    child = os.fork()
    if not child:
        sysctl_change.Module.atomic_move = lambda self, src, dest: os.kill(os.getpid(), signal.SIGKILL)
        try:
            run({KPTR: 1})
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert sysctls.get(FILE) == "# old\nkernel.kptr_restrict = 0\n"
    assert run({KPTR: 1})["changed"] and sysctls.get(FILE) == "# old\nkernel.kptr_restrict = 1\n"


# ------------------------------------------------------------ order


def test_writes_come_in_the_order_of_their_dependencies(sysctls, run):
    sysctls.values[KPTR] = 2
    run({ENABLE: 2, KPTR: 1, LATCH: 2, HARDEN: 1, LIMIT: 500000})
    assert [name for name, _value in sysctls.writes] == [LIMIT, HARDEN, KPTR, ENABLE, LATCH]
    run({ENABLE: 1})
    run({ENABLE: 2, KPTR: 2})
    assert [name for name, _value in sysctls.writes] == [ENABLE, KPTR]


def test_each_file_is_read_once_where_nothing_changes(sysctls, run):
    run({name: sysctls.values[name] for name in sysctl.NAMES}, persist=False)
    assert sorted(sysctls.calls) == [("read", name) for name in sorted(sysctl.NAMES)]


# ------------------------------------------------------------ other files

OTHER = "/etc/sysctl.d/10-other.conf"
LATER = "/etc/sysctl.d/zz-later.conf"
VENDOR = "/usr/lib/sysctl.d/50-vendor.conf"


def test_conflicts_are_reported_and_warned_of_where_they_decide(sysctls, run, warned):
    sysctls.put(OTHER, "kernel.kptr_restrict = 0\n")
    result = run({KPTR: 1})
    assert result["sysctls"][0]["conflicts"] == [sysctls.path(OTHER)] and warned == []
    sysctls.put(LATER, "kernel.kptr_restrict = 2\n")
    result = run({KPTR: 1})
    assert result["sysctls"][0]["persistent"] == 2
    assert warned == [f"a boot sets {KPTR} to 2, not to 1: {sysctls.path(LATER)} decides"]


def test_conflicts_fail_before_anything_is_written(sysctls, run):
    sysctls.put(OTHER, "kernel.kptr_restrict = 0\n")
    result = run({KPTR: 1}, conflicts="fail")
    assert result["failed"] and sysctls.path(OTHER) in result["msg"] and sysctls.writes == []
    assert list(sysctls.files()) == [OTHER]
    sysctls.put(OTHER, "kernel.kptr_restrict = 1\nkernel.kptr_* = 0\n")
    assert run({KPTR: 1}, conflicts="fail")["changed"]


def test_conflicts_are_fixed_by_comments_and_packages_are_overridden(sysctls, twice):
    sysctls.put(OTHER, "# x\nkernel.kptr_restrict = 0\nvm.swappiness = 1\n")
    sysctls.put("/run/sysctl.d/20-run.conf", "net.core.bpf_jit_harden = 1\nkernel.kptr_restrict = 2\n")
    sysctls.put("/etc/sysctl.conf", "kernel.kptr_restrict = 2\n")
    sysctls.put(VENDOR, "kernel.kptr_restrict = 2\nvm.panic_on_oom = 0\n")
    result = twice({KPTR: 1, HARDEN: 2}, conflicts="fix")
    assert [record["conflicts"] for record in result["sysctls"]] == [[], []]
    files = sysctls.files()
    assert files[OTHER] == "# x\n# ebpf.fleet: kernel.kptr_restrict = 0\nvm.swappiness = 1\n"
    assert lines(files["/run/sysctl.d/20-run.conf"]) == [] and lines(files["/etc/sysctl.conf"]) == []
    assert files[VENDOR] == "kernel.kptr_restrict = 2\nvm.panic_on_oom = 0\n"
    assert lines(files["/etc/sysctl.d/50-vendor.conf"]) == ["vm.panic_on_oom = 0"]
    edited = [OTHER, "/run/sysctl.d/20-run.conf", "/etc/sysctl.conf", "/etc/sysctl.d/50-vendor.conf", FILE]
    assert result["files"] == sorted(map(sysctls.path, edited))


def test_a_file_that_decides_is_in_the_way_too(sysctls, run, twice):
    sysctls.put(LATER, "kernel.kptr_restrict = 2\n")
    assert sysctls.path(LATER) in run({KPTR: 1}, conflicts="fail")["msg"]
    result = twice({KPTR: 1}, conflicts="fix")
    assert result["sysctls"][0]["persistent"] == 1 and result["sysctls"][0]["conflicts"] == []
    assert sysctls.get(LATER) == "# ebpf.fleet: kernel.kptr_restrict = 2\n"


def test_what_cannot_be_fixed_is_refused(sysctls, run):
    # systemd takes that as an order to leave the setting alone
    sysctls.put(LATER, "-kernel.kptr_restrict\n")
    for conflicts in ("fail", "fix"):
        assert "a line without a value" in run({KPTR: 1}, conflicts=conflicts)["msg"] and sysctls.writes == []


def test_a_link_to_the_single_file_stays_one(sysctls, twice):
    sysctls.put("/etc/sysctl.conf", "kernel.kptr_restrict = 2\n")
    os.symlink("../sysctl.conf", sysctls.path("/etc/sysctl.d/99-sysctl.conf"))
    twice({KPTR: 1}, conflicts="fix")
    assert os.path.islink(sysctls.path("/etc/sysctl.d/99-sysctl.conf"))
    assert sysctls.get("/etc/sysctl.conf") == "# ebpf.fleet: kernel.kptr_restrict = 2\n"


def test_a_link_out_of_what_may_be_edited_is_left_alone(sysctls, run):
    sysctls.put("/usr/share/x.conf", "kernel.kptr_restrict = 2\n")
    os.symlink(sysctls.path("/usr/share/x.conf"), sysctls.path(OTHER))
    result = run({KPTR: 1}, conflicts="fix")
    assert result["failed"] and "it is a link to" in result["msg"] and sysctls.writes == []


def test_where_conflicts_matter_a_file_must_be_readable(sysctls, run, monkeypatch, warned):
    sysctls.put("/etc/sysctl.d/zz-locked.conf", "")
    real = open

    def locked(path, *args, **kwargs):
        if str(path).endswith("zz-locked.conf"):
            raise PermissionError(13, "no", path)
        return real(path, *args, **kwargs)

    monkeypatch.setattr("builtins.open", locked)
    for conflicts in ("fail", "fix"):
        assert "cannot be read (EACCES)" in run({KPTR: 1}, conflicts=conflicts)["msg"] and sysctls.writes == []
    assert run({KPTR: 1})["changed"] and "cannot be read (EACCES)" in warned[0]


def test_hardening_makes_kallsyms_useless_and_says_so(run, warned):
    result = run({HARDEN: 2, sysctl.JIT_KALLSYMS: 1})
    assert result["sysctls"][1]["effective"] == 0
    assert "bpf_jit_kallsyms=1 has no effect" in warned[0]


@pytest.mark.parametrize("harden", [0, 1, 2])
@pytest.mark.parametrize("wanted", [None, 0, 1, 2])
@pytest.mark.parametrize("kallsyms", [0, 1])
def test_what_is_effective_follows_hardening_and_is_no_change(sysctls, run, warned, harden, wanted, kallsyms):
    sysctls.values.update({HARDEN: harden, sysctl.JIT_KALLSYMS: 1})
    settings = {sysctl.JIT_KALLSYMS: kallsyms, **({} if wanted is None else {HARDEN: wanted})}
    record = run(settings, persist=False)["sysctls"][-1]
    hidden = kallsyms == 1 and (harden if wanted is None else wanted) > 0
    assert (record["running"], record["effective"]) == (kallsyms, 0 if hidden else kallsyms)
    assert bool(warned) is hidden and run(settings, persist=False)["changed"] is False


@pytest.mark.parametrize("conflicts", ["report", "fail", "fix"])
@pytest.mark.parametrize("own", [None, 0, 1])
@pytest.mark.parametrize(
    ("other", "value"), [(None, 1), *((path, value) for path in (OTHER, LATER) for value in (0, 1, 2))]
)
def test_what_a_boot_sets_whatever_the_files_say(sysctls, run, warned, conflicts, own, other, value):
    for path, number in ((FILE, own), (other, value)):
        if path is not None and number is not None:
            sysctls.put(path, f"kernel.kptr_restrict = {number}\n")
    before = sysctls.files()
    result = run({KPTR: 1}, conflicts=conflicts)
    conflicting = other is not None and value != 1
    if conflicts == "fail" and conflicting:
        assert result["failed"] and sysctls.files() == before and sysctls.writes == []
        return
    (record,) = result["sysctls"]
    overruled = conflicting and conflicts == "report" and other == LATER
    assert (record["persistent"], bool(warned)) == (value if overruled else 1, overruled)
    # the file that does not decide is in conflict with the one that does
    named = {True: FILE, False: other}[overruled] if conflicting and conflicts == "report" else None
    assert record["conflicts"] == ([sysctls.path(named)] if named else [])
    assert run({KPTR: 1}, conflicts=conflicts)["changed"] is False


def test_where_procps_writes_each_line_a_latch_in_front_of_ours_decides(sysctls, run, warned, monkeypatch):
    monkeypatch.setattr(sysctl, "is_systemd", lambda: False)
    sysctls.put(OTHER, f"{LATCH} = 1\n")
    (record,) = run({LATCH: 2})["sysctls"]
    assert (record["persistent"], record["persistent_systemd"], record["conflicts"]) == (1, 2, [sysctls.path(FILE)])
    assert warned == [f"a boot sets {LATCH} to 1, not to 2: {sysctls.path(OTHER)} decides"]
    (record,) = run({LATCH: 2}, conflicts="fix")["sysctls"]
    assert (record["persistent"], record["conflicts"]) == (2, [])


def test_of_two_lines_in_one_file_the_other_value_goes(sysctls, twice):
    sysctls.put(OTHER, "kernel.kptr_restrict = 0\nkernel/kptr_restrict=1\n")
    sysctls.put(FILE, "kernel.kptr_restrict = 2\nkernel.kptr_restrict = 1\n")
    assert twice({KPTR: 1}, conflicts="fix")["sysctls"][0]["conflicts"] == []
    assert sysctls.get(OTHER) == "# ebpf.fleet: kernel.kptr_restrict = 0\nkernel/kptr_restrict=1\n"
    assert sysctls.get(FILE) == "kernel.kptr_restrict = 1\n"


# ------------------------------------------------------------ what the kernel is asked


def test_the_configuration_is_looked_at_only_for_another_jit(sysctls, run, monkeypatch):
    asked = []
    monkeypatch.setattr(kconfig, "option", lambda name: asked.append(name) or "y")
    monkeypatch.setattr(sysctl_write, "always_on", REAL_ALWAYS_ON)
    run({ENABLE: 1})
    assert asked == []
    assert "CONFIG_BPF_JIT_ALWAYS_ON" in run({ENABLE: 0})["msg"] and asked == ["CONFIG_BPF_JIT_ALWAYS_ON"]


REAL_ALWAYS_ON = sysctl_write.always_on


def test_programs_are_looked_at_only_for_a_lower_limit(sysctls, run, monkeypatch):
    def complain():
        raise AssertionError("looked")

    monkeypatch.setattr(jit_memory, "in_use", complain)
    assert run({LIMIT: 500000})["changed"] and not run({LIMIT: 500000})["changed"]
    with pytest.raises(AssertionError, match="looked"):
        run({LIMIT: 100000})


def test_a_result_is_small(sysctls, run, tmp_path):
    result = run({name: sysctls.values[name] for name in sysctl.NAMES})
    assert len(json.dumps(result).replace(str(tmp_path), "")) < 5000
