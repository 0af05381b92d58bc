# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import signal

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import signals


@pytest.fixture(autouse=True)
def _handlers():
    before = {number: signal.getsignal(number) for number in signals.ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", signals.ENDING)
def test_a_signal_waits_for_the_end_of_the_block(number, capfd):
    done = []
    with pytest.raises(SystemExit) as caught, signals.deferred():
        os.kill(os.getpid(), number)
        done.append("started")
    assert done == ["started"]
    assert caught.value.code == 128 + number
    assert "stopping" in capfd.readouterr().err


def test_without_a_signal_they_are_caught_afterwards():
    with signals.deferred():
        pass
    with pytest.raises(SystemExit):
        os.kill(os.getpid(), signal.SIGHUP)


def test_an_error_of_the_block_is_kept():
    with pytest.raises(OSError, match="nothing here"), signals.deferred():
        raise OSError("nothing here")
    assert signal.getsignal(signal.SIGTERM) is signals.leave
