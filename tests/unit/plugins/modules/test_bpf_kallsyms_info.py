# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
import yaml

from ansible_collections.ebpf.fleet.plugins.modules import bpf_kallsyms_info
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

TABLE = b"ffffffffc0000000 t bpf_prog_aaaaaaaaaaaaaaaa_one\t[bpf]\n"


@pytest.fixture
def run(kernel, proc, capsys):
    proc.write("/proc/kallsyms", TABLE)
    kernel.add_program(30, type=6, tag=b"\xaa" * 8, name=b"one")

    def call(**args):
        return run_module(bpf_kallsyms_info.main, capsys, **args)

    return call


@pytest.mark.parametrize(
    "address", ["ffffffffc0000010", "0xffffffffc0000010", 0xFFFFFFFFC0000010, "18446744072635809808"]
)
def test_addresses_in_every_form(run, address):
    (found,) = run(addresses=[address])["addresses"]
    assert (found["address"], found["offset"], found["prog_id"]) == ("0xffffffffc0000010", 16, 30)


def test_the_records_have_the_documented_keys(run):
    documented = yaml.safe_load(bpf_kallsyms_info.RETURN)
    result = run(addresses=["0"])
    assert result["changed"] is False
    for noun in ("symbols", "addresses"):
        assert set(result[noun][0]) | {"unavailable"} == set(documented[noun]["contains"])


def test_unknown_options(run):
    assert "Unsupported parameters" in run(name="x")["msg"]
