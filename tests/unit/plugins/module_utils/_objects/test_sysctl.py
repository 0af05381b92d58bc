# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import netns, procfs
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl

HARDEN = "/proc/sys/net/core/bpf_jit_harden"
KALLSYMS = "/proc/sys/net/core/bpf_jit_kallsyms"


@pytest.fixture
def proc(monkeypatch):
    """A fake /proc/sys: path -> text or errno, anything else is missing; ``opened`` lists what was read."""
    texts: dict[str, bytes | int] = {}
    opened: list[str] = []

    def read(path):
        opened.append(path)
        text = texts.get(path, 2)
        if isinstance(text, int):
            raise kernel_error(f"open {path}", text)
        return text

    monkeypatch.setattr(procfs, "read", read)
    monkeypatch.setattr(netns, "read_initial", lambda paths: dict.fromkeys(paths, 1))
    texts["opened"] = opened
    return texts


def read_one(name):
    (setting,) = sysctl.read([name])
    return setting


def test_a_value_is_an_integer_and_effective_as_it_runs(proc):
    proc["/proc/sys/kernel/perf_event_paranoid"] = b"-1\n"
    assert read_one("kernel.perf_event_paranoid") == sysctl.Setting("kernel.perf_event_paranoid", -1, -1, {})


@pytest.mark.parametrize(
    ("kallsyms", "harden", "effective", "why"),
    [
        (b"1\n", b"0\n", 1, None),
        (b"1\n", b"1\n", 0, None),
        (b"1\n", b"2\n", 0, None),
        (b"0\n", b"0\n", 0, None),
        (b"0\n", 13, 0, None),
        (b"1\n", 13, None, "EACCES"),
        (13, b"2\n", 0, None),
        (13, b"0\n", None, "EACCES"),
        (13, 13, None, "EACCES"),
    ],
)
def test_kallsyms_is_off_while_hardening_is_on(proc, kallsyms, harden, effective, why):
    proc.update({KALLSYMS: kallsyms, HARDEN: harden})
    setting = read_one(sysctl.JIT_KALLSYMS)
    assert (setting.effective, setting.unavailable.get("effective")) == (effective, why)
    assert setting.running == (None if kallsyms == 13 else int(kallsyms))


@pytest.mark.parametrize(("number", "name"), [(1, "EPERM"), (13, "EACCES"), (5, "EIO")])
def test_an_unreadable_value_is_unknown_and_never_zero(proc, number, name):
    proc[HARDEN] = number
    assert read_one(sysctl.JIT_HARDEN) == sysctl.Setting(
        sysctl.JIT_HARDEN, None, None, {"running": name, "effective": name}
    )


@pytest.mark.parametrize(
    ("setting", "ostype", "initial", "why"),
    [
        (sysctl.JIT_HARDEN, True, False, sysctl.OTHER_NAMESPACE),
        (sysctl.JIT_HARDEN, True, True, sysctl.UNSUPPORTED),
        (sysctl.UNPRIVILEGED, True, False, sysctl.UNSUPPORTED),
        (sysctl.JIT_HARDEN, False, False, sysctl.NO_PROC_SYS),
    ],
)
def test_a_missing_file_says_why(proc, monkeypatch, tmp_path, setting, ostype, initial, why):
    for there, constant in ((ostype, "_ALWAYS_THERE"), (initial, "_INITIAL_NAMESPACE_FILE")):
        path = tmp_path / constant
        monkeypatch.setattr(sysctl, constant, str(path))
        if there:
            path.touch()
    assert read_one(setting).unavailable["running"] == why


@pytest.fixture
def elsewhere(proc, monkeypatch, tmp_path):
    """A network namespace without the files, and a fake initial one: path -> text or errno."""
    monkeypatch.setattr(sysctl, "_INITIAL_NAMESPACE_FILE", str(tmp_path / "nothing"))
    initial: dict[str, bytes | int] = {}
    monkeypatch.setattr(netns, "read_initial", lambda paths: {path: initial.get(path, 2) for path in paths})
    return initial


def test_another_network_namespace_shows_the_values_of_the_initial_one(elsewhere):
    elsewhere.update({KALLSYMS: b"1\n", HARDEN: b"2\n"})
    assert sysctl.values([sysctl.JIT_HARDEN]) == {sysctl.JIT_HARDEN: sysctl.Value(2, None, True)}
    assert read_one(sysctl.JIT_KALLSYMS) == sysctl.Setting(sysctl.JIT_KALLSYMS, 1, 0, {})


def test_what_the_initial_one_does_not_show_keeps_its_reason(elsewhere):
    elsewhere[HARDEN] = 1
    assert sysctl.values([sysctl.JIT_HARDEN])[sysctl.JIT_HARDEN] == sysctl.Value(None, sysctl.OTHER_NAMESPACE, False)


def test_only_what_is_missing_for_that_reason_is_looked_for_there(elsewhere, monkeypatch):
    asked = []
    monkeypatch.setattr(netns, "read_initial", lambda paths: asked.extend(paths) or dict.fromkeys(paths, 2))
    sysctl.read([sysctl.UNPRIVILEGED, sysctl.JIT_HARDEN])
    assert asked == [HARDEN]


def test_text_that_is_no_number_is_unknown(proc):
    proc["/proc/sys/kernel/kptr_restrict"] = b"yes\n"
    assert read_one("kernel.kptr_restrict").unavailable["running"] == sysctl.NOT_A_NUMBER


def test_each_file_is_opened_once(proc):
    sysctl.read()
    assert sorted(proc["opened"]) == sorted({"/proc/sys/" + name.replace(".", "/") for name in sysctl.NAMES})
    assert len(sysctl.NAMES) == 8


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        (" 2 \n", 2),
        ("-1", -1),
        ("0x10", 16),
        ("-0X1f", -31),
        ("010", 8),
        ("0", 0),
        ("00", 0),
        ("1 # comment", 1),
        ("1 0", 1),
        ("528482304", 528482304),
        ("", None),
        ("-", None),
        ("+1", None),
        ("1#", None),
        ("1_0", None),
        ("08", None),
        ("0x", None),
        ("0xg", None),
        ("on", None),
        ("--1", None),
        ("- 1", None),
        ("\u0661", None),
    ],
)
def test_numbers_are_read_as_the_kernel_reads_them(text, value):
    assert sysctl.parse_number(text) == value
    assert sysctl.parse_number(text.encode()) == value


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(["{:d}", "{:#x}", " {:d}\n"]))
def test_every_integer_is_read(value, form):
    assert sysctl.parse_number(form.format(value)) == value


@given(st.text() | st.binary())
def test_no_text_is_an_error(text):
    assert sysctl.parse_number(text) is None or isinstance(sysctl.parse_number(text), int)


@pytest.mark.parametrize("path", ["run/systemd/system", "usr/lib/systemd/systemd-sysctl", "lib/systemd/systemd-sysctl"])
def test_systemd_is_told_by_its_files(tmp_path, path):
    assert not sysctl.is_systemd(str(tmp_path))
    (tmp_path / path).mkdir(parents=True)
    assert sysctl.is_systemd(str(tmp_path))


@pytest.mark.parametrize(
    ("target", "booted", "systemd"),
    [
        ("../lib/systemd/systemd", False, True),
        ("/usr/lib/systemd/systemd", False, True),
        ("../bin/busybox", False, False),
        (None, False, False),
        (None, True, True),
    ],
)
def test_its_programs_alone_do_not_make_it_the_init(tmp_path, target, booted, systemd):
    (tmp_path / "usr/lib/systemd/systemd-sysctl").mkdir(parents=True)
    init = tmp_path / "sbin" / "init"
    init.parent.mkdir()
    if booted:
        (tmp_path / "run/systemd/system").mkdir(parents=True)
    if target:
        init.symlink_to(target)
    else:
        init.touch()
    assert sysctl.is_systemd(str(tmp_path)) is systemd


def test_the_real_values_are_those_of_the_files():
    for setting in sysctl.read():
        path = "/proc/sys/" + setting.name.replace(".", "/")
        try:
            with open(path, encoding="ascii") as handle:
                assert setting.running == int(handle.read())
        except OSError:
            assert setting.running is None
            assert setting.unavailable["running"]


# Process 1 may be closed to root too (a sandbox); this process stands for it, which is in the same namespace.
READ_ONE = """
import os, sys
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import netns
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl
netns.INITIAL = sys.argv[2]
if sys.argv[1] == "nobody":
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
(setting,) = sysctl.read([sysctl.JIT_HARDEN])
print(setting.running, setting.unavailable.get("running"))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to step down from it")
@pytest.mark.skipif(not os.path.exists(HARDEN), reason="no bpf_jit_harden here")
@pytest.mark.parametrize(
    ("prefix", "who", "output"),
    [
        ([], "nobody", "None EACCES"),
        (["unshare", "--net"], "root", "VALUE None"),
        (["unshare", "--net"], "nobody", f"None {sysctl.OTHER_NAMESPACE}"),
    ],
)
def test_the_real_kernel_shows_the_value_to_root_alone(prefix, who, output):
    done = subprocess.run(
        [*prefix, sys.executable, "-c", READ_ONE, who, f"/proc/{os.getpid()}/ns/net"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare failed" in done.stderr:
        pytest.skip("no network namespaces here")
    with open(HARDEN, encoding="ascii") as handle:
        assert done.stdout.strip() == output.replace("VALUE", handle.read().strip()), done.stderr
