# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import accelerator
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError

CPU = "processor\t: 0\nflags\t\t: fpu {} sse\nbugs\t: none\n"


@pytest.mark.parametrize("flags", ["", "svm_lock", "lvmx"])
def test_a_device_without_hardware_help_is_no_help(flags, tmp_path):
    assert "neither vmx nor svm" in accelerator.objection(CPU.format(flags), tmp_path)


@pytest.mark.parametrize("flag", ["vmx", "svm"])
def test_hardware_help_without_a_device(flag, tmp_path):
    assert "No such file" in accelerator.objection(CPU.format(flag), tmp_path / "kvm")
    (tmp_path / "kvm").write_text("not a device")
    assert "does not make a machine" in accelerator.objection(CPU.format(flag), tmp_path / "kvm")


@pytest.fixture
def probe(tmp_path, monkeypatch, fake_qemu):
    """A machine whose KVM looks well; the list tells how often a guest was booted, and its answer can be changed."""
    calls, answer = [], [True]
    monkeypatch.setattr(accelerator, "objection", lambda cpuinfo: "")
    monkeypatch.setattr(accelerator, "boots", lambda kind, image: calls.append(kind) or answer[0])
    return calls, answer


def choose(wanted, tmp_path):
    return accelerator.choose(wanted, pathlib.Path("/image"), tmp_path)


def test_kvm_where_a_guest_boots_with_it(probe, tmp_path):
    assert choose("auto", tmp_path) == choose("kvm", tmp_path) == ("kvm", "a guest boots with it")
    assert probe[0] == ["kvm"]


def test_emulation_where_none_does(probe, tmp_path):
    probe[1][0] = False
    assert choose("auto", tmp_path) == ("tcg", "no KVM: a guest did not boot with it in 20 s")
    with pytest.raises(FleetError, match="KVM does not work here: a guest did not boot"):
        choose("kvm", tmp_path)
    assert probe[0] == ["kvm"]


def test_emulation_as_asked_for(probe, tmp_path):
    assert choose("tcg", tmp_path) == ("tcg", "as asked for")
    assert probe[0] == []


@pytest.mark.parametrize(
    ("script", "works"), [("echo vmfleet: the kernel runs", True), ("echo", False), ("sleep 9", False)]
)
def test_a_guest_boots_when_its_console_says_so(fake_qemu, script, works):
    (fake_qemu / "qemu-system-x86_64").write_text(f"#!/bin/sh\nexec {script}\n")
    assert accelerator.boots("kvm", pathlib.Path("/image"), 1) is works
