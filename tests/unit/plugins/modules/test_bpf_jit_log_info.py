# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import yaml

from ansible_collections.ebpf.fleet.plugins.modules import bpf_jit_log_info
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._objects.test_jit_log import GUIDE
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


def test_the_records_have_the_documented_keys(tmp_path, capsys):
    path = tmp_path / "dmesg"
    path.write_text(GUIDE + "JIT code: \n")
    result = run_module(bpf_jit_log_info.main, capsys, src=str(path))
    documented = yaml.safe_load(bpf_jit_log_info.RETURN)
    # the listing is made on the controller
    assert set(result["images"][0]) | {"text", "unavailable"} == set(documented["images"]["contains"])
    assert set(result["problems"][0]) == set(documented["problems"]["contains"])
    assert set(documented) - {"failure"} <= set(result)
