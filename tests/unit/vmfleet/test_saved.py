# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import accelerator, saved
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError
from ansible_collections.ebpf.fleet.tests.vmfleet.ledger import Ledger
from ansible_collections.ebpf.fleet.tests.vmfleet.qemu import Control, Hardware


@pytest.fixture
def keys(tmp_path, fake_qemu):
    (fake_qemu / "ssh").write_text("#!/bin/sh\ncat >/dev/null\n")
    (fake_qemu / "ssh").chmod(0o755)
    return tmp_path


@pytest.fixture
def asked(monkeypatch):
    """What qemu was asked; a question that tells where the memory goes writes it there."""
    found = []

    def send(self, command, arguments, original=Control.send):
        found.append((command, arguments))
        return original(self, command, arguments)

    monkeypatch.setattr(Control, "send", send)
    return found


def test_a_state_is_made_once(image, keys, asked):
    ledger = Ledger()
    first = saved.state(image, Hardware("tcg"), keys, ledger)
    assert [command for command, _arguments in asked][-4:] == [
        "stop",
        "migrate-set-parameters",
        "migrate",
        "query-migrate",
    ]
    assert ("migrate", {"uri": "exec:cat >memory"}) in asked
    assert first.disk.exists()
    count = len(asked)
    assert saved.state(image, Hardware("tcg"), keys, ledger) == first
    assert len(asked) == count
    assert [step.note for step in ledger.steps] == ["saved with tcg", "saved state from the cache"]


def test_other_hardware_has_another(image, keys, asked):
    one = saved.state(image, Hardware("tcg"), keys, Ledger())
    assert saved.state(image, Hardware("tcg", append=("x",)), keys, Ledger()).memory != one.memory


def test_a_template_that_does_not_come_up_leaves_nothing(image, keys, monkeypatch):
    monkeypatch.setitem(accelerator.BOOT_SECONDS, "tcg", 0)
    monkeypatch.setattr(saved.Machine, "answers", lambda self: False)
    with pytest.raises(FleetError, match="vmfleet did not answer on ssh"):
        saved.state(image, Hardware("tcg"), keys, Ledger())
    assert [path.suffix for path in image.folder.glob("saved-*")] == [".lock"]


def test_a_memory_that_cannot_be_saved_is_told(image, keys, monkeypatch):
    monkeypatch.setattr(Control, "status", lambda self, query: "failed")
    with pytest.raises(FleetError, match="could not save the memory of bookworm: failed"):
        saved.state(image, Hardware("tcg"), keys, Ledger())
