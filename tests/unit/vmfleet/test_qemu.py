# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import places, qemu
from ansible_collections.ebpf.fleet.tests.vmfleet.qemu import Hardware

IMAGE = pathlib.Path("/cache/an image")


PLAIN = Hardware("tcg")


def words(hardware=PLAIN, incoming=None):
    return qemu.command_line(hardware, IMAGE, "one", 0, 5, incoming)


def value(option, *arguments):
    found = words(*arguments)
    return found[found.index(option) + 1]


def test_emulation_has_no_cmpxchg16b():
    assert value("-cpu") == "max,-cx16,-la57,-svm,-pku,-smap,-erms"
    assert value("-accel").startswith("tcg")
    assert value("-accel", Hardware("kvm")) == "kvm"
    assert value("-cpu", Hardware("kvm")) == "host"


def test_the_guest_is_on_the_loopback_alone():
    assert value("-netdev") == "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22"
    assert "-nodefaults" in words()


def test_paths_are_single_words():
    assert value("-kernel") == "/cache/an image/vmlinuz"


def test_own_kernel_arguments_come_last():
    assert value("-append", Hardware("tcg", append=("lsm=a,b", "x"))).endswith("panic=0 lsm=a,b x")


def test_memory_comes_from_a_descriptor():
    assert "-incoming" not in words()
    assert words(incoming=9)[-2:] == ["-incoming", "fd:9"]


@pytest.mark.parametrize(
    "other",
    [
        Hardware("kvm"),
        Hardware("tcg", memory=512),
        Hardware("tcg", processors=2),
        Hardware("tcg", append=("x",)),
    ],
)
def test_what_a_saved_state_depends_on(fake_qemu, other):
    assert places.digest(other.made_of()) != places.digest(Hardware("tcg").made_of())
    assert places.digest(Hardware("tcg").made_of()) == places.digest(Hardware("tcg").made_of())


def test_it_depends_on_the_version_of_qemu(fake_qemu, monkeypatch):
    before = places.digest(Hardware("tcg").made_of())
    monkeypatch.setattr(qemu, "version", lambda: "QEMU emulator version 1")
    assert places.digest(Hardware("tcg").made_of()) != before
