# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import cli

TOOL = pathlib.Path(__file__).resolve().parents[2] / "vmfleet"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMFLEET_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setattr(cli.commands, "require", lambda programs: None)
    return tmp_path


def error_of(capsys, *words):
    assert cli.main(list(words)) == 1
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["run", "bookworm"], "run needs a command: put it behind --"),
        (["run", "Bookworm", "--", "true"], "cannot read the machine 'Bookworm'"),
        (["up", "bookworm@"], "cannot read the machine 'bookworm@'"),
        (["build", "bookworm", "--packages", "a;b"], "'a;b' cannot be a package"),
        (["ssh", "one"], "no machine one in"),
        (["status"], "no fleet in"),
    ],
)
def test_mistakes_are_one_sentence(capsys, words, why):
    told = error_of(capsys, *words)
    assert why in told
    assert len(told.splitlines()) == 1


def test_other_machines_cannot_set_up_guests(capsys, monkeypatch):
    monkeypatch.setattr(cli.platform, "machine", lambda: "s390x")
    assert "guests are x86_64, and this machine is s390x" in error_of(capsys, "build", "bookworm")


def test_a_cache_that_cannot_be_is_told(capsys, monkeypatch):
    monkeypatch.setenv("VMFLEET_CACHE", "/proc/none")
    monkeypatch.setattr(cli, "builder_of", lambda args: cli.places.require_space(cli.places.cache(), 0, "it"))
    told = error_of(capsys, "run", "bookworm", "--", "true")
    assert "/proc/none" in told
    assert len(told.splitlines()) == 1


def test_the_words_behind_the_dashes_are_the_command(monkeypatch, cache):
    seen = []
    monkeypatch.setattr(cli, "builder_of", lambda args: "builder")
    monkeypatch.setattr(cli.session, "run", lambda *arguments: seen.extend(arguments) or 7)
    words = ["--run-dir", str(cache / "r"), "run", "bookworm=2", "--append", "a b", "--memory", "512", "--", "x", "--"]
    assert cli.main([*words, "run"]) == 7
    command, specs, run, builder, options = seen
    assert (command, builder, run.path) == (["x", "--", "run"], "builder", cache / "r")
    assert (specs[0].count, specs[0].append, options.memory) == (2, ("a", "b"), 512)


def test_up_is_a_run_in_the_background(monkeypatch, cache, capsys):
    seen = []
    monkeypatch.setattr(cli.session, "up", lambda words, run: seen.extend(words) or "inventory")
    assert cli.main(["up", "bookworm", "--cold", "--lifetime", "60"]) == 0
    assert seen[:2] == ["--run-dir", str(cache / "run")]
    assert seen[-3:] == ["--", "sleep", "60"]
    assert "--cold" in seen
    assert capsys.readouterr().out == "inventory\n"


def test_check_counts(cache, capsys):
    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out == "0 left\n"
    (cache / "images/x.part").mkdir(parents=True)
    assert cli.main(["check"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 left"


def test_it_starts_from_any_folder(tmp_path):
    done = subprocess.run([sys.executable, TOOL, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "USERLAND[@KERNEL_SUITE" in done.stdout
