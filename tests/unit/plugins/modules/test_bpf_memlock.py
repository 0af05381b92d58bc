# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.modules import bpf_memlock
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def child():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.stdin.close()


def test_the_limit_of_a_real_process_changes(child, capsys):
    before = resource.prlimit(child, resource.RLIMIT_MEMLOCK)
    after = (4096, before[1])
    for check, changed, now in ((True, True, before), (False, True, after), (False, False, after)):
        result = run_module(bpf_memlock.main, capsys, scope="process", pid=child, soft="4K", _ansible_check_mode=check)
        assert (result["changed"], result["limits"][0]["soft"]) == (changed, 4096)
        assert resource.prlimit(child, resource.RLIMIT_MEMLOCK) == now
