# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RLIMIT_MEMLOCK on the running kernel: of children of the tests, and of sessions by PAM with a limits.d of our own."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import threading

import modules
import objects
import pytest
import syscalls

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import pam_limits

NAME = "fleet-test-sleeper-with-a-long-name"
LIMITS_D = pathlib.Path(pam_limits.DIRECTORY, "limits.d")
_MS_BIND = 0x1000
_WITHOUT = ("setpriv", "--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource")

needs_prlimit = pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit(1) is missing")
needs_setpriv = pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv(1) is missing")


@pytest.fixture
def sleeper(tmp_path):
    """A starter of processes with a name of their own, which end with the test."""
    program = tmp_path / NAME
    program.symlink_to(shutil.which("sleep"))
    with contextlib.ExitStack() as stack:

        def start(seconds="120"):
            child = stack.enter_context(subprocess.Popen([str(program), seconds]))
            stack.callback(child.kill)
            # a child that has not come to its exec is called like this process
            while pathlib.Path(f"/proc/{child.pid}/comm").read_text() != NAME[:15] + "\n":
                pass
            return child.pid

        yield start


@pytest.fixture
def limits_d(tmp_path):
    """An empty folder in the place of limits.d, in the mount namespace of the tests."""
    if not LIMITS_D.is_dir():
        pytest.skip("this host has no PAM limits")
    source = tmp_path / "limits.d"
    source.mkdir()
    if objects._libc.mount(bytes(source), bytes(LIMITS_D), None, _MS_BIND, None):
        pytest.skip(f"cannot mount a folder on {LIMITS_D}")
    yield source
    assert objects._libc.umount2(bytes(LIMITS_D), objects._MNT_DETACH) == 0


@pytest.fixture
def watched(strace, tmp_path):
    if not syscalls.works(strace, tmp_path):
        pytest.skip("strace cannot trace processes here")
    place = tmp_path / "trace"
    place.mkdir()
    return place


def set_to(scope: str, prefix: tuple[str, ...] = (), **options) -> dict:
    return modules.run_module("bpf_memlock", {"scope": scope, **options}, prefix=prefix)


def refused(scope: str, prefix: tuple[str, ...] = (), **options) -> dict:
    with pytest.raises(modules.ModuleFailed) as caught:
        set_to(scope, prefix, **options)
    return caught.value.result


def oracle(pid: int) -> list[str]:
    """What prlimit(1) says: soft and hard."""
    words = ["prlimit", "--pid", str(pid), "--memlock", "--output", "SOFT,HARD", "--noheadings", "--raw"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()


def told(result: dict, pid: int) -> list[str]:
    (record,) = [record for record in result["limits"] if record["pid"] == pid]
    return [str(record["soft"]), str(record["hard"])]


# ------------------------------------------------------------ processes


@needs_prlimit
def test_a_limit_really_changes_and_once(sleeper):
    pid = sleeper()
    before = oracle(pid)
    checked = set_to("process", pid=pid, soft="4K", _ansible_check_mode=True, _ansible_diff=True)
    assert oracle(pid) == before and checked["changed"]
    done = set_to("process", pid=pid, soft="4K", _ansible_diff=True)
    assert oracle(pid) == told(done, pid) == told(checked, pid) == ["4096", before[1]]
    assert done["diff"] == checked["diff"] and done["changed"]
    assert set_to("process", pid=pid, soft="4096")["changed"] is False
    both = set_to("process", pid=pid, soft=0, hard="2K")
    assert both["changed"] and oracle(pid) == ["0", "2048"]


@needs_prlimit
def test_patterns_find_all_of_a_name_that_the_kernel_cut(sleeper):
    pids = sorted([sleeper(), sleeper()])
    result = set_to("process", process_name=NAME, soft="4K")
    assert [record["pid"] for record in result["limits"]] == pids
    assert [oracle(pid)[0] for pid in pids] == ["4096", "4096"]
    cgroup = pathlib.Path(f"/proc/{pids[0]}/cgroup").read_text().splitlines()[-1].split(":", 2)[2]
    listed = modules.run_module("bpf_memlock_info", {"process_name": NAME[:20] + "*", "cgroup": cgroup})
    assert [record["pid"] for record in listed["limits"]] == pids
    bare = [{key: value for key, value in record.items() if key != "headroom"} for record in listed["limits"]]
    for record in bare:
        record.pop("unavailable", None)
    assert bare == result["limits"]


def test_the_task_and_the_shells_above_it_are_not_among_its_processes(tmp_path):
    """Each run has others, and would find something to change in them for ever."""
    note = tmp_path / "pids"
    shell = f'echo $$ >>{note}; sh -c \'echo $$ >>{note}; exec "$@"\' sh "$@"; true'
    result = set_to("process", ("setsid", "-w", "sh", "-c", shell, "sh"), process_name="*", soft=0, policy="at_least")
    own = [int(pid) for pid in note.read_text().split()]
    listed = [record["pid"] for record in result["limits"]]
    assert len(own) == 2 and not set(own) & set(listed)
    assert os.getpid() in listed and result["changed"] is False


@needs_prlimit
@needs_setpriv
def test_raising_without_the_right_is_refused_before_anything_is_set(sleeper):
    low, high = sleeper(), sleeper()
    resource.prlimit(low, resource.RLIMIT_MEMLOCK, (0, 1024))
    before = {pid: oracle(pid) for pid in (low, high)}
    for check in (True, False):
        result = refused("process", _WITHOUT, process_name=NAME, soft=512, hard="2K", _ansible_check_mode=check)
        assert "lacks CAP_SYS_RESOURCE" in result["msg"] and result["failure"]["name"] == "EPERM"
        assert {pid: oracle(pid) for pid in (low, high)} == before
    assert told(set_to("process", _WITHOUT, pid=low, soft="1K"), low) == ["1024", "1024"] == oracle(low)


def test_the_kernel_refuses_what_the_right_is_missing_for_and_so_does_the_module(sleeper):
    """The bit that the module looks at is the one that the kernel goes by."""
    pid = sleeper()
    resource.prlimit(pid, resource.RLIMIT_MEMLOCK, (0, 1024))
    try:
        resource.prlimit(pid, resource.RLIMIT_MEMLOCK, (0, 2048))
        allowed = True
    except (PermissionError, ValueError):
        allowed = False
    if allowed:
        assert set_to("process", pid=pid, hard="4K")["changed"]
    else:
        assert "CAP_SYS_RESOURCE" in refused("process", pid=pid, hard="4K")["msg"]


def test_processes_may_come_and_go_meanwhile(tmp_path):
    program = tmp_path / NAME
    program.symlink_to(shutil.which("sleep"))
    stop = threading.Event()

    def churn():
        while not stop.is_set():
            children = [subprocess.Popen([str(program), "0.05"]) for _turn in range(5)]
            for child in children:
                child.wait()

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        found = [set_to("process", process_name=NAME, soft=soft) for soft in (4096, 2048, 1024, 512)]
    finally:
        stop.set()
        thread.join()
    for result, soft in zip(found, (4096, 2048, 1024, 512), strict=True):
        assert {record["soft"] for record in result["limits"]} <= {soft}
    gone = refused("process", pid=4194303, soft=0)
    assert "there is no such process" in gone["msg"]


# ------------------------------------------------------------ how it is done


def limit_calls(lines: list[str]) -> list[str]:
    return [line for line in lines if re.match(r"prlimit64|setrlimit", line) and "RLIMIT_MEMLOCK, {" in line]


@pytest.mark.parametrize("check", [True, False])
def test_check_mode_sets_no_limit(sleeper, watched, strace, tmp_path, check):
    pids = [sleeper(), sleeper()]
    prefix = syscalls.command(strace, watched)
    result = set_to("process", prefix, process_name=NAME, soft="4K", _ansible_check_mode=check, _ansible_diff=True)
    lines = syscalls.read(watched)
    assert result["changed"] and [record["soft"] for record in result["limits"]] == [4096, 4096]
    if check:
        assert syscalls.violations(lines, tmp_path / "none") == []
    else:
        # the same watch sees what the task does for good, and nothing besides
        assert len(syscalls.violations(lines, tmp_path / "none")) == len(limit_calls(lines)) == len(pids)


def test_check_mode_writes_no_line(limits_d, watched, strace, tmp_path):
    prefix = syscalls.command(strace, watched)
    result = set_to("user", prefix, user="nobody", soft="4K", _ansible_check_mode=True, _ansible_diff=True)
    assert result["changed"] and syscalls.violations(syscalls.read(watched), tmp_path / "none") == []
    assert os.listdir(limits_d) == []


# It knows one unit that does not run, and what its drop-in of ours says.
SYSTEMCTL = """#!/bin/sh
limit=8192 dropin=$(echo /etc/systemd/system/fleet-test.service.d/*.conf)
[ ! -e "$dropin" ] || limit=4096
[ -e "$dropin" ] || dropin=
default=8192
[ ! -e /etc/systemd/system.conf.d/50-ebpf-fleet.conf ] || default=4096
case "$*" in
*show*fleet-test.service) echo "LoadState=loaded
MainPID=0
FragmentPath=/usr/lib/systemd/system/fleet-test.service
DropInPaths=$dropin
NeedDaemonReload=no
LimitMEMLOCK=$limit
LimitMEMLOCKSoft=$limit" ;;
*show*) echo "DefaultLimitMEMLOCK=$default
DefaultLimitMEMLOCKSoft=$default" ;;
esac
"""


@pytest.fixture
def systemd(tmp_path):
    """A prefix for commands that shall see a host run by systemd, of which nothing is left when they end."""
    if not pathlib.Path("/etc/systemd").is_dir():
        pytest.skip("this host has no /etc/systemd to be covered")
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(SYSTEMCTL)
    program.chmod(0o755)
    places = "mount -t tmpfs none /run && mkdir -p /run/systemd/system && mount -t tmpfs none /etc/systemd"
    return ("unshare", "-m", "sh", "-c", f'{places} && PATH={program.parent}:$PATH exec "$@"', "sh")


@pytest.mark.parametrize("where", [{"scope": "unit", "unit": "fleet-test"}, {"scope": "manager"}])
@pytest.mark.parametrize("check", [True, False])
def test_check_mode_asks_systemd_and_writes_no_drop_in(systemd, watched, strace, tmp_path, where, check):
    prefix = (*systemd, *syscalls.command(strace, watched))
    result = set_to(prefix=prefix, soft="4K", hard="4K", _ansible_check_mode=check, _ansible_diff=True, **where)
    assert result["changed"] and result["limits"][0]["soft"] == 4096
    found = syscalls.violations(syscalls.read(watched), tmp_path / "none")
    # run_command of ansible-core starts systemctl, and that nothing else
    calls = [re.findall(r'"([^"]*)"', line)[1:] for line in found if line.startswith("execve(") and "= 0" in line]
    verbs = [call[2] for call in calls]
    others = [line for line in found if not line.startswith("execve(")]
    if check:
        assert set(verbs) == {"show"} and others == []
    else:
        # the same watch sees what the task does for good
        assert verbs.count("daemon-reload") == 1 and set(verbs) == {"show", "daemon-reload"}
        assert [line for line in others if line.startswith("rename") and "50-ebpf-fleet.conf" in line]


def test_a_trial_is_one_child_and_leaves_nothing(watched, strace, tmp_path):
    result = modules.run_module(
        "bpf_memlock_info", {"pid": os.getpid(), "probe": True}, prefix=syscalls.command(strace, watched)
    )
    found = syscalls.violations(syscalls.read(watched), tmp_path / "none")
    assert found and all("BPF_MAP_CREATE" in line or "RLIMIT_MEMLOCK" in line for line in found)
    assert sum("BPF_MAP_CREATE" in line for line in found) == 2
    # both by the same process, and that is not the task
    makers = [path for path in watched.glob("calls.*") if "BPF_MAP_CREATE" in path.read_text()]
    (maker,) = makers
    assert "execve" not in maker.read_text()
    assert result["probed"] == result["charged"] == modules.run_module("bpf_memlock_info", {"pid": 1})["charged"]


def test_no_trial_in_check_mode(watched, strace, tmp_path):
    prefix = syscalls.command(strace, watched)
    result = modules.run_module("bpf_memlock_info", {"probe": True, "_ansible_check_mode": True}, prefix=prefix)
    assert (result["probed"], result["unavailable"]["probed"]) == (None, "check mode")
    assert syscalls.violations(syscalls.read(watched), tmp_path / "none") == []


def test_who_holds_objects_is_listed_with_headroom_where_it_counts():
    with objects.Map(2).create():
        result = modules.run_module("bpf_memlock_info")
    (record,) = [record for record in result["limits"] if record["pid"] == os.getpid()]
    own = [value if value >= 0 else "unlimited" for value in resource.getrlimit(resource.RLIMIT_MEMLOCK)]
    assert [record["soft"], record["hard"]] == own
    if result["charged"]:
        assert record["headroom"]["charged"] >= objects.PAGE
    else:
        assert record["headroom"] is None and record["unavailable"]["headroom"] == "this kernel charges nothing"


# ------------------------------------------------------------ sessions


def session(user: str) -> list[str]:
    """What a session of a user gets, in KiB; a skip where sessions don't go through PAM's limits."""
    pam = pathlib.Path("/etc/pam.d/runuser")
    if not (shutil.which("runuser") and pam.exists() and "pam_limits" in pam.read_text()):
        pytest.skip("runuser does not go through pam_limits here")
    words = ["runuser", "-u", user, "--", "sh", "-c", "ulimit -S -l; ulimit -H -l"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()


def test_a_session_gets_what_its_lines_say(limits_d):
    before = session("nobody")
    set_to("user", user="nobody", soft="12K", hard="20K")
    assert session("nobody") == ["12", "20"]
    (limits_d / "90-later.conf").write_text("nobody soft memlock 8\n")
    result = set_to("user", user="nobody", soft="12K", hard="20K")
    assert session("nobody") == ["8", "20"]
    # what counts is what PAM does
    assert (result["limits"][0]["soft"], result["overridden_by"]) == (8192, str(LIMITS_D / "90-later.conf"))
    (limits_d / "90-later.conf").unlink()
    assert set_to("user", user="nobody", state="absent")["changed"]
    assert session("nobody") == before and os.listdir(limits_d) == []


@pytest.mark.parametrize("before", [None, "# mine\nnobody soft memlock 4\n"])
def test_killed_before_the_rename_the_old_file_is_whole(limits_d, watched, strace, before):
    file = limits_d / pathlib.Path(pam_limits.default_file()).name
    if before is not None:
        file.write_text(before)
    calls = "?rename,?renameat,?renameat2"
    kill = (strace, "-f", "-o", str(watched / "calls"), f"--trace={calls}", f"--inject={calls}:signal=SIGKILL")
    words = [*kill, *modules.command("bpf_memlock", {"scope": "user", "user": "nobody", "soft": "8K"})]
    done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == -signal.SIGKILL and "rename" in (watched / "calls").read_text()
    assert (file.read_text() if file.exists() else None) == before
    assert set_to("user", user="nobody", soft="8K")["changed"]
    assert file.read_text().endswith("nobody\tsoft\tmemlock\t8\n")
