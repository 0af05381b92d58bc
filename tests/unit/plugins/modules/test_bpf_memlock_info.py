# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import resource

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import charge
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.charge import Charge
from ansible_collections.ebpf.fleet.plugins.modules import bpf_memlock_info
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


def test_a_real_process_is_told_with_its_limit(capsys, monkeypatch):
    monkeypatch.setattr(charge, "read", lambda: Charge(False, "because"))
    result = run_module(bpf_memlock_info.main, capsys, pid=os.getpid())
    (record,) = result["limits"]
    own = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    assert (record["soft"], record["hard"]) == tuple("unlimited" if value == -1 else value for value in own)
    assert (record["pid"], record["scope"], result["charged"]) == (os.getpid(), "process", False)
