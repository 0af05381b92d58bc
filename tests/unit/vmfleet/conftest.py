# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet.images import Image
from ansible_collections.ebpf.fleet.tests.vmfleet.machine import Machine
from ansible_collections.ebpf.fleet.tests.vmfleet.qemu import Hardware

FAKE = Path(__file__).with_name("fake_qemu.py")


@pytest.fixture
def fake_qemu(tmp_path, monkeypatch):
    """Programs called like those of qemu, first on the path; returns their folder."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in {
        "qemu-system-x86_64": f'exec "{sys.executable}" "{FAKE}" "$@"',
        "qemu-img": 'for word; do :; done; : >"$word"',
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/sbin:/usr/bin:/sbin:/bin")
    return programs


@pytest.fixture
def image(tmp_path):
    (tmp_path / "image").mkdir()
    return Image(tmp_path / "image", "bookworm", "6.1.0-50-cloud-amd64", "3.11.2")


@pytest.fixture
def machine(fake_qemu, tmp_path, image):
    """A machine on the fake qemu, with a disk; not started, ended after the test."""
    made = Machine("one", tmp_path / "run" / "one", image, Hardware("tcg"))
    made.new_disk(image.disk)
    yield made
    made.stop()
