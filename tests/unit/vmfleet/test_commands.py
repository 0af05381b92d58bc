# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import commands
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError


def test_output():
    assert commands.output("echo", "a b") == "a b\n"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo first; echo E: cause >&2; echo last >&2; exit 3", r"sh failed \(3\): E: cause"),
        ("echo only out; exit 1", "only out"),
        ("exit 1", "it said nothing"),
        ("for i in 1 2 3; do echo $i >&2; done; exit 1", "2 / 3"),
    ],
)
def test_a_failure_in_one_sentence(script, why):
    with pytest.raises(FleetError, match=why):
        commands.output("sh", "-c", script)


def test_missing_programs_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        FleetError,
        match=r"qemu-img and qemu-system-x86_64 and .* missing on this machine: install with .*vmfleet deps",
    ):
        commands.require(commands.TO_RUN)


def test_every_program_has_a_package():
    assert {*commands.TO_BUILD, *commands.TO_RUN} <= set(commands.PROGRAMS)


def test_rights_are_asked_for(monkeypatch):
    monkeypatch.setattr(commands.os, "geteuid", lambda: 1000)
    with pytest.raises(FleetError, match="building an image needs root"):
        commands.require_root("building an image")


def test_packages_are_installed_from_fresh_lists(monkeypatch):
    calls = []
    monkeypatch.setattr(commands.os, "geteuid", lambda: 0)
    monkeypatch.setattr(commands, "require", lambda programs: None)

    def run(words, **_options):
        calls.append(words)
        return commands.subprocess.CompletedProcess(words, int("install" in words))

    monkeypatch.setattr(commands.subprocess, "run", run)
    with pytest.raises(FleetError, match="apt-get install failed"):
        commands.install()
    assert [words[2] for words in calls] == ["update", "install"]
    assert {"qemu-system-x86", "debian-archive-keyring", "mmdebstrap"} <= set(calls[1])
