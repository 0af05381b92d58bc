# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sysctls of BPF on the running kernel. Each test puts all of them back; /etc/sysctl.d is a folder of its own.

kernel.unprivileged_bpf_disabled is never set to 1 here: that would last until the next boot.
"""

from __future__ import annotations

import collections
import os
import pathlib
import re
import shutil
import signal
import subprocess

import modules
import objects
import pytest
import syscalls

from ansible_collections.ebpf.fleet.plugins.module_utils._module.sysctl_task import DEFAULT_FILE
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl

ENABLE, HARDEN, KALLSYMS, LIMIT = sysctl.JIT_ENABLE, sysctl.JIT_HARDEN, sysctl.JIT_KALLSYMS, sysctl.JIT_LIMIT
KPTR, PARANOID, STATS, LATCH = sysctl.KPTR, sysctl.PARANOID, sysctl.STATS, sysctl.UNPRIVILEGED
FILE = pathlib.Path(DEFAULT_FILE)
_MS_BIND = 0x1000

#: Another value than the present one, or None where there is none that can be taken back.
OTHER = {
    STATS: lambda now: 1 - now,
    KPTR: lambda now: (now + 1) % 3,
    PARANOID: lambda now: 1 if now == 2 else 2,
    LATCH: {0: 2, 2: 0}.get,
    ENABLE: lambda now: None if always_on() else 1 - min(now, 1),
    HARDEN: lambda now: (now + 1) % 3,
    KALLSYMS: lambda now: 1 - now,
    LIMIT: lambda now: now - now // 8,
}


def path(name: str) -> pathlib.Path:
    return pathlib.Path("/proc/sys", *name.split("."))


def read(name: str) -> int:
    return int(path(name).read_text())


def takes(name: str, value: int) -> bool:
    """Try what the kernel says to a value, without the collection, and put the old one back."""
    before = read(name)
    try:
        fd = os.open(path(name), os.O_WRONLY)
    except OSError:
        return False
    try:
        os.write(fd, b"%d\n" % value)
    except OSError:
        return False
    finally:
        os.close(fd)
    path(name).write_text(f"{before}\n")
    return True


def always_on() -> bool:
    return not takes(ENABLE, 1 - min(read(ENABLE), 1))


def here() -> list[str]:
    return [name for name in sorted(sysctl.NAMES) if path(name).exists()]


@pytest.fixture(autouse=True)
def kept():
    """Put every setting back after a test."""
    before = {name: read(name) for name in here()}
    yield before
    for name in sorted(before, key=lambda name: name == LATCH):
        if read(name) != before[name]:
            path(name).write_text(f"{before[name]}\n")


@pytest.fixture(autouse=True)
def folder(tmp_path):
    """An empty folder in the place of /etc/sysctl.d, in the mount namespace of the tests."""
    target = FILE.parent
    target.mkdir(exist_ok=True)
    source = tmp_path / "sysctl.d"
    source.mkdir()
    if objects._libc.mount(bytes(source), bytes(target), None, _MS_BIND, None):
        pytest.skip(f"cannot mount a folder on {target}")
    yield source
    assert objects._libc.umount2(bytes(target), objects._MNT_DETACH) == 0


@pytest.fixture
def watched(strace, tmp_path):
    if not syscalls.works(strace, tmp_path):
        pytest.skip("strace cannot trace processes here")
    place = tmp_path / "trace"
    place.mkdir()
    return place


def set_to(settings: dict, prefix: tuple[str, ...] = (), **options) -> dict:
    return modules.run_module("bpf_sysctl", {"settings": settings, **options}, prefix=prefix)


def refused(settings: dict, prefix: tuple[str, ...] = (), **options) -> dict:
    with pytest.raises(modules.ModuleFailed) as caught:
        set_to(settings, prefix, **options)
    return caught.value.result


def oracle(name: str) -> int:
    """What sysctl(8) says about a setting."""
    return int(subprocess.run(["sysctl", "-n", name], capture_output=True, text=True, check=True).stdout)


needs_sysctl = pytest.mark.skipif(shutil.which("sysctl") is None, reason="sysctl(8) is missing")


# ------------------------------------------------------------ each setting


@needs_sysctl
@pytest.mark.parametrize("name", sorted(sysctl.NAMES))
def test_each_setting_is_set_kept_and_left_alone_the_second_time(kept, folder, name):
    if name not in kept or OTHER[name](kept[name]) is None:
        pytest.skip(f"{name} has no other value here that can be taken back")
    value = OTHER[name](kept[name])
    told = set_to({name: value}, _ansible_check_mode=True, _ansible_diff=True)
    assert told["changed"] and read(name) == kept[name] and os.listdir(folder) == []
    done = set_to({name: value}, _ansible_diff=True)
    assert done["changed"] and done["diff"] == told["diff"] and oracle(name) == value
    again = set_to({name: value})
    assert again["changed"] is False and again["sysctls"] == done["sysctls"]
    assert done["sysctls"][0]["valid"] is True and done["sysctls"][0]["persistent"] == value
    # the file says it to those who read it at boot
    path(name).write_text(f"{kept[name]}\n")
    subprocess.run(["sysctl", "-q", "-p", str(FILE)], check=True)
    assert read(name) == value
    back = set_to({name: kept[name]}, state="absent")
    assert back["changed"] and read(name) == kept[name] and os.listdir(folder) == []


def test_all_settings_in_one_task(kept):
    wanted = {name: OTHER[name](kept[name]) for name in kept if OTHER[name](kept[name]) is not None}
    result = set_to(wanted)
    assert {record["name"]: record["running"] for record in result["sysctls"]} == wanted
    assert {name: read(name) for name in wanted} == wanted
    assert set_to(wanted)["changed"] is False


# ------------------------------------------------------------ what the kernel refuses


@pytest.mark.parametrize("value", [0, 2])
def test_a_kernel_without_interpreter_takes_one_only(value):
    if not always_on():
        pytest.skip("this kernel has an interpreter")
    before = read(ENABLE)
    result = refused({ENABLE: value})
    assert result["msg"].startswith(f"cannot write {ENABLE}={value}: ")
    assert "CONFIG_BPF_JIT_ALWAYS_ON" in result["msg"] and read(ENABLE) == before and not FILE.exists()


@pytest.mark.parametrize("value", [0, 1, 2])
def test_a_kernel_with_interpreter_takes_all_three(value):
    if always_on():
        pytest.skip("this kernel has no interpreter (CONFIG_BPF_JIT_ALWAYS_ON)")
    set_to({ENABLE: value}, persist=False)
    assert read(ENABLE) == value


@pytest.fixture
def unconfigured(tmp_path):
    """A prefix for commands that shall find no configuration of the kernel, which therefore has to be asked."""
    hide = "mount --bind /dev/null /proc/config.gz 2>/dev/null; "
    for place in ("/boot", "/usr/lib/modules"):
        hide += f"[ ! -d {place} ] || mount --bind {tmp_path} {place} || exit 1; "
    return ("unshare", "-m", "sh", "-c", hide + 'exec "$@"', "sh")


def test_the_answer_of_the_kernel_names_the_cause_without_its_configuration(unconfigured):
    if not always_on():
        pytest.skip("this kernel has an interpreter")
    assert set_to({ENABLE: 0}, unconfigured, _ansible_check_mode=True)["sysctls"][0]["valid"] == "unknown"
    result = refused({ENABLE: 0}, unconfigured)
    assert "CONFIG_BPF_JIT_ALWAYS_ON" in result["msg"] and result["failure"]["name"] == "EINVAL"
    assert not FILE.exists()


def test_what_was_written_before_a_failure_is_told(kept, unconfigured):
    # with an interpreter the kernel refuses to print addresses that kptr_restrict hides
    path(KPTR).write_text("2\n")
    value = OTHER[LIMIT](kept[LIMIT])
    result = refused({LIMIT: value, ENABLE: 2, STATS: 1 - kept[STATS]}, unconfigured)
    assert result["failure"]["call"] == f"write {path(ENABLE)}" and result["changed"] is True
    assert result["written"] == [{"name": LIMIT, "value": value, "before": kept[LIMIT]}]
    assert (read(LIMIT), read(ENABLE), read(STATS)) == (value, kept[ENABLE], kept[STATS]) and not FILE.exists()


def test_a_limit_above_the_largest_is_refused_by_the_kernel():
    before = read(LIMIT)
    assert set_to({LIMIT: 2**62}, _ansible_check_mode=True)["sysctls"][0]["valid"] == "unknown"
    result = refused({LIMIT: 2**62})
    assert result["failure"]["name"] == "EINVAL" and read(LIMIT) == before and not FILE.exists()


def test_a_low_limit_is_refused_before_the_kernel_is_asked():
    result = refused({LIMIT: read(LIMIT) // 4 - 1})
    assert "is too low" in result["msg"] and "failure" not in result


def test_the_latch_is_refused_without_a_word():
    if read(LATCH) == 1:
        pytest.skip("it is locked already")
    assert "accept_latch" in refused({LATCH: 1})["msg"] and "accept_latch" in refused({LATCH: 1}, runtime=False)["msg"]


# ------------------------------------------------------------ other places


READ_ONLY = ("unshare", "-m", "sh", "-c", 'mount --bind -o ro /proc/sys /proc/sys && exec "$@"', "sh")
OTHER_NETWORK = ("unshare", "-n")


def test_a_read_only_proc_sys_is_told_in_check_mode_too(kept):
    value = OTHER[KPTR](kept[KPTR])
    for mode in (True, False):
        result = refused({KPTR: value}, READ_ONLY, _ansible_check_mode=mode)
        assert result["failure"]["name"] == "EROFS" and "mount of /proc/sys is read-only" in result["msg"]
    assert not FILE.exists()
    assert set_to({KPTR: value}, READ_ONLY, runtime=False)["sysctls"][0]["persistent"] == value
    # what is so already needs no write
    assert set_to({KPTR: kept[KPTR]}, READ_ONLY, persist=False)["changed"] is False


def test_in_another_network_namespace_values_can_be_read_and_kept(kept):
    (record,) = modules.run_module("bpf_sysctl_info", {"names": [LIMIT]}, OTHER_NETWORK)["sysctls"]
    try:
        os.stat("/proc/1/ns/net")
        initial = os.readlink("/proc/1/ns/net") == os.readlink("/proc/self/ns/net")
    except OSError:
        initial = False
    if initial:
        assert record["running"] == kept[LIMIT]
    else:
        assert record["running"] is None and record["unavailable"]["running"] == sysctl.OTHER_NAMESPACE
    value = OTHER[HARDEN](kept[HARDEN])
    for mode in (True, False):
        result = refused({HARDEN: value}, OTHER_NETWORK, _ansible_check_mode=mode)
        assert "only in the initial network namespace" in result["msg"] and result["failure"]["name"] == "ENOENT"
    assert not FILE.exists()
    result = set_to({HARDEN: value}, OTHER_NETWORK, runtime=False)
    assert result["sysctls"][0]["persistent"] == value and read(HARDEN) == kept[HARDEN]


def test_root_without_the_capability_is_told_which(kept):
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is missing")
    prefix = ("setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin")
    result = refused({HARDEN: OTHER[HARDEN](kept[HARDEN])}, prefix)
    assert result["failure"]["name"] == "EPERM" and "CAP_SYS_ADMIN" in result["msg"] and not FILE.exists()


# ------------------------------------------------------------ how it is done


def opened(lines: list[str]) -> collections.Counter:
    """Count (path, "r" or "w") of the files below /proc/sys and of sysctl.d that were opened."""
    counts: collections.Counter = collections.Counter()
    for line in lines:
        found = re.match(r'open(?:at)?\(.*?"((?:/proc/sys/|/\S*sysctl)[^"]*)", ([^)]*)\) = \d', line)
        if found and "O_DIRECTORY" not in found[2]:
            counts[found[1], "w" if re.search("O_WRONLY|O_RDWR", found[2]) else "r"] += 1
    return counts


def test_each_file_is_opened_once_where_nothing_changes(kept, watched, strace):
    set_to(kept, accept_latch=True)
    set_to(kept, syscalls.command(strace, watched))
    counts = opened(syscalls.read(watched))
    expected = {str(path(name)) for name in kept} | {str(FILE)}
    assert expected <= {file for file, _mode in counts} and set(counts.values()) == {1}
    assert {mode for _file, mode in counts} == {"r"}


def test_the_info_module_opens_each_file_once(kept, watched, strace):
    FILE.write_text("kernel.kptr_restrict = 1\n")
    modules.run_module("bpf_sysctl_info", prefix=syscalls.command(strace, watched))
    lines = syscalls.read(watched)
    counts = opened(lines)
    assert {str(path(name)) for name in kept} | {str(FILE)} <= {file for file, _mode in counts}
    assert set(counts.values()) == {1} and syscalls.violations(lines, pathlib.Path("/nowhere")) == []


def test_a_change_reads_writes_and_reads_again(kept, watched, strace):
    set_to({KPTR: OTHER[KPTR](kept[KPTR])}, syscalls.command(strace, watched))
    counts = opened(syscalls.read(watched))
    assert (counts[str(path(KPTR)), "r"], counts[str(path(KPTR)), "w"]) == (2, 1)
    assert all(count <= 2 for count in counts.values())


@pytest.mark.parametrize("conflicts", ["report", "fix"])
def test_check_mode_makes_no_call_that_changes_anything(kept, watched, strace, tmp_path, conflicts):
    (FILE.parent / "10-other.conf").write_text("kernel.kptr_restrict = 9\n")
    wanted = {name: OTHER[name](kept[name]) for name in kept if OTHER[name](kept[name]) is not None}
    prefix = syscalls.command(strace, watched)
    result = set_to(wanted, prefix, conflicts=conflicts, _ansible_check_mode=True, _ansible_diff=True)
    lines = syscalls.read(watched)
    assert result["changed"] and len(result["files"]) == (2 if conflicts == "fix" else 1)
    assert syscalls.violations(lines, tmp_path / "none") == []
    assert {name: read(name) for name in kept} == kept and os.listdir(FILE.parent) == ["10-other.conf"]


def test_the_same_watch_sees_what_the_task_does_for_good(kept, watched, strace, tmp_path):
    set_to({KPTR: OTHER[KPTR](kept[KPTR])}, syscalls.command(strace, watched))
    found = syscalls.violations(syscalls.read(watched), tmp_path / "none")
    assert any("/proc/sys/kernel/kptr_restrict" in line for line in found) and any("rename" in line for line in found)


@pytest.mark.parametrize("before", [None, "# mine\nkernel.kptr_restrict = 0\n"])
def test_killed_before_the_rename_the_old_file_is_whole(kept, watched, strace, before):
    if before is not None:
        FILE.write_text(before)
    calls = "?rename,?renameat,?renameat2"
    kill = (strace, "-f", "-o", str(watched / "calls"), f"--trace={calls}", f"--inject={calls}:signal=SIGKILL")
    words = [*kill, *modules.command("bpf_sysctl", {"settings": {KPTR: 1}, "runtime": False})]
    done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == -signal.SIGKILL and "rename" in (watched / "calls").read_text()
    assert (FILE.read_text() if FILE.exists() else None) == before
    # what it left is in nobody's way
    assert set_to({KPTR: 1}, runtime=False)["changed"]
    assert FILE.read_text().endswith("kernel.kptr_restrict = 1\n")


def test_mode_owner_and_other_lines_of_a_file_stay(folder):
    FILE.write_text("# mine\nvm.swappiness = 10\n")
    FILE.chmod(0o640)
    os.chown(FILE, 12345, 54321)
    set_to({KPTR: 1}, runtime=False)
    status = FILE.stat()
    assert (status.st_mode & 0o7777, status.st_uid, status.st_gid) == (0o640, 12345, 54321)
    assert FILE.read_text() == "# mine\nvm.swappiness = 10\nkernel.kptr_restrict = 1\n"
    assert os.listdir(folder) == [FILE.name]
