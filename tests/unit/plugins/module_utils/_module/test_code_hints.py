# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module.code_hints import Hints
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import prog_code, prog_jited


@pytest.fixture(autouse=True)
def settings(proc):
    proc.write("/proc/sys/kernel/kptr_restrict", b"2\n")
    for name, value in (("enable", 0), ("harden", 2), ("kallsyms", 1)):
        proc.write(f"/proc/sys/net/core/bpf_jit_{name}", f"{value}\n".encode())


def names(hidden=False, why=None):
    made = prog_code.Names()
    made.hidden, made.why = hidden, why
    return made


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (prog_jited.HIDDEN, "machine code is told to nobody who may not see kernel addresses (kernel.kptr_restrict=2)"),
        (prog_jited.NOT_COMPILED, "this program is interpreted (net.core.bpf_jit_enable=0)"),
    ],
)
def test_why_there_is_no_machine_code(why, words):
    (hint,) = Hints().of_hidden_machine_code(prog_jited.Code(why))
    assert hint.startswith(words)


def test_reasons_that_say_it_all():
    assert Hints().of_hidden_machine_code(prog_jited.Code("EPERM")) == []
    assert Hints().of_hidden_code(prog_code.Code("EPERM")) == []


def test_why_there_is_no_code():
    (hint,) = Hints().of_hidden_code(prog_code.Code("hidden by kptr_restrict"))
    assert hint.startswith("the constants of this program are blinded (net.core.bpf_jit_harden)")


@pytest.mark.parametrize(
    ("table", "unnamed", "words"),
    [
        (names(why=OSError("no")), True, "called functions have no names: no"),
        (names(hidden=True), True, "kernel addresses are hidden (kernel.kptr_restrict=2)"),
        (names(), True, "functions of this program have no symbol (net.core.bpf_jit_kallsyms=1, net.core"),
    ],
)
def test_what_listings_lack(table, unnamed, words):
    for found in (Hints().of(prog_code.Code(), table, unnamed), Hints().of_machine_code(table, unnamed)):
        assert len(found) == 1 and found[0].startswith(words)


def test_nothing_lacks():
    assert Hints().of(prog_code.Code(), names(), False) == Hints().of_machine_code(names(), False) == []
