# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import json

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import denial
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module import failure


@pytest.fixture(autouse=True)
def hints(monkeypatch):
    said = {}
    monkeypatch.setattr(denial, "hint", lambda call, number: said.get((call, number), ""))
    return said


def test_the_machine_readable_half(hints):
    hints["BPF_OBJ_GET", errno.EACCES] = "Run with become."
    assert failure.failure(kernel_error("BPF_OBJ_GET", errno.EACCES)) == {
        "call": "BPF_OBJ_GET",
        "errno": errno.EACCES,
        "name": "EACCES",
        "hint": "Run with become.",
    }


def test_the_sentence_with_and_without_a_way_out(hints):
    error = kernel_error("BPF_OBJ_GET", errno.EACCES)
    assert failure.sentence("read maps", error) == "cannot read maps: BPF_OBJ_GET: Permission denied (EACCES)"
    hints["BPF_OBJ_GET", errno.EACCES] = "Run with become."
    assert failure.sentence("read maps", error).endswith("(EACCES). Run with become.")


@pytest.mark.parametrize("noun", ["LINK", "BTF"])
def test_a_kernel_that_cannot_list_a_kind_is_named_as_the_cause(make_kernel, noun):
    make_kernel("4.18")
    error = kernel_error(f"BPF_{noun}_GET_NEXT_ID", errno.EINVAL)
    told = failure.failure(error)["hint"]
    assert f"listing {noun.lower()} objects by id" in told
    assert told in failure.sentence("read it", error)


def test_a_kernel_that_can_is_not_blamed(kernel, hints):
    hints["BPF_LINK_GET_NEXT_ID", errno.EPERM] = "The process lacks CAP_SYS_ADMIN."
    error = kernel_error("BPF_LINK_GET_NEXT_ID", errno.EPERM)
    assert failure.failure(error)["hint"] == "The process lacks CAP_SYS_ADMIN."


def test_a_module_fails_with_both_halves(hints):
    class Module:
        def fail_json(self, **result):
            self.result = result

    module = Module()
    failure.fail(module, "read maps", kernel_error("BPF_MAP_GET_NEXT_ID", 524))
    assert module.result["msg"].startswith("cannot read maps: BPF_MAP_GET_NEXT_ID: ")
    assert json.loads(json.dumps(module.result["failure"]))["name"] == "ENOTSUPP"
