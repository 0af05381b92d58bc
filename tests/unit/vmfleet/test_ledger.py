# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet.ledger import Ledger


def test_each_step_is_a_line(capsys):
    ledger = Ledger()
    ledger.note("image x", "from the cache")
    with ledger.step("start", "2 machines up") as step:
        step.mebibytes = 700
    with pytest.raises(KeyError), ledger.step("command"):
        raise KeyError
    lines = ledger.table().splitlines()
    assert lines[0].split() == ["step", "seconds", "MiB", "result"]
    assert lines[1].split() == ["image", "x", "from", "the", "cache"]
    assert lines[2].split()[0] == "start"
    assert lines[2].split()[2:] == ["700", "2", "machines", "up"]
    assert lines[3].split()[0::2] == ["command", "failed"]
    assert lines[4].startswith("total")
    assert "vmfleet: start: 2 machines up" in capsys.readouterr().err
