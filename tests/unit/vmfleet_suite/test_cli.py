# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import signal

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError
from ansible_collections.ebpf.fleet.tests.vmfleet.suite import cli


@pytest.fixture
def without_qemu(monkeypatch):
    monkeypatch.setattr(cli.commands, "missing", lambda programs: ["qemu-system-x86_64"])


def test_a_machine_without_qemu_installs_it(without_qemu, monkeypatch):
    ran = []
    monkeypatch.setattr(cli.commands, "install", lambda: ran.append("install"))
    cli.provide()
    assert ran == ["install"]


def test_a_machine_that_cannot_have_qemu_says_so_in_one_sentence_and_fails(without_qemu, monkeypatch, capsys):
    def install():
        raise FleetError("apt-get update failed: see above")

    monkeypatch.setattr(cli.commands, "install", install)
    assert cli.main(["smoke"]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "vmfleet: error: no fleet: qemu-system-x86_64 missing here, and cannot be installed: "
        "apt-get update failed: see above"
    ]


def test_the_tool_gets_the_machines_of_the_suite_and_starts_it_again(monkeypatch, tmp_path):
    ran = []
    monkeypatch.setattr(cli.commands, "missing", lambda programs: [])
    monkeypatch.setattr(cli, "ARTEFACTS", tmp_path / "artefacts")
    monkeypatch.setattr(cli, "passed_on", lambda words: ran.append(words) or 3)
    (tmp_path / "run" / "linux-510").mkdir(parents=True)
    (tmp_path / "run" / "linux-510" / "console.log").write_text("booted")
    assert cli.main(["full", "smoke", "--run-dir", str(tmp_path / "run"), "case_jit"]) == 3
    cut = ran[0].index("--")
    assert "bullseye name=linux-510" in ran[0][:cut]
    assert ran[0][cut + 3 :] == ["full", "--here", "smoke", "case_jit"]
    again = cli.parser().parse_intermixed_args(ran[0][cut + 3 :])
    assert (again.here, again.only) == (True, ["smoke", "case_jit"])
    assert (tmp_path / "artefacts/consoles/linux-510/console.log").read_text() == "booted"


def test_what_a_case_needs_on_this_machine_is_told_before_a_machine_is_made(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(cli, "on_a_fleet", lambda args, specs: 0)
    assert cli.main(["full", "case_code"]) == 1
    told = capsys.readouterr().err
    assert "case_code needs clang" in told and "make oracles" in told
    assert cli.main(["full", "case_jit"]) == cli.main(["smoke"]) == 0


def test_a_step_that_does_not_exist_is_told_with_those_that_do(capsys):
    assert cli.main(["full", "case_gone"]) == 1
    assert "no step is called case_gone; there are smoke, " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP"])
def test_who_stops_the_suite_stops_the_tool(name):
    number = signal.Signals[f"SIG{name}"]
    before = signal.getsignal(number)
    # it stops us, and ends when it is told to itself
    script = f"trap 'exit 7' {name}; kill -{name} $PPID; for turn in $(seq 100); do sleep 0.1; done"
    assert cli.passed_on(["sh", "-c", script]) == 7
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("words", [["smoke", "--record"], ["full", "bpf_prog_info", "--record"]])
def test_a_matrix_is_not_made_of_a_part(words, capsys):
    with pytest.raises(SystemExit):
        cli.main(words)
    assert "--record needs all machines" in capsys.readouterr().err


def test_a_step_that_is_not_there(monkeypatch, capsys):
    assert cli.main(["full", "smoke", "jit"]) == 1
    assert "no step is called jit; there are smoke, bpf_audit_module, " in capsys.readouterr().err
