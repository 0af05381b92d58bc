# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import sysctl_task
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl

KPTR = "kernel.kptr_restrict"


def read(**given):
    defaults = {name: spec.get("default") for name, spec in sysctl_task.SPEC.items()}
    return sysctl_task.read_task({**defaults, "settings": {}, **given})


def refusal(**given):
    with pytest.raises(sysctl_task.Refusal) as caught:
        read(**given)
    assert caught.value.error is None
    return str(caught.value)


def test_the_defaults():
    task = read()
    assert task == ({}, (True, True, True, False, False, False), sysctl_task.DEFAULT_FILE, "report")
    assert read(state="absent").options.present is False


@pytest.mark.parametrize("value", [1, "1", "0x1", " 1 "])
def test_a_number_is_one_in_several_ways(value):
    assert read(settings={KPTR: value}).wanted == {KPTR: 1}


def test_negative_numbers():
    assert read(settings={sysctl.PARANOID: "-1"}).wanted == {sysctl.PARANOID: -1}


@pytest.mark.parametrize("value", [True, False, 1.0, "one", "01", "1 0", "1_0", "+1", [1], {"a": 1}, "--1"])
def test_other_values_are_no_numbers(value):
    assert refusal(settings={KPTR: value}).startswith(f"{KPTR}={value!r} is not a number")


@pytest.mark.parametrize("value", [None, ""])
def test_a_value_may_be_missing_only_where_a_line_is_to_go(value):
    assert read(settings={KPTR: value}, state="absent").wanted == {KPTR: None}
    assert refusal(settings={KPTR: value}) == f"{KPTR} has no value: only with state=absent it may be null"


@pytest.mark.parametrize("name", ["kernel.panic", "kernel/kptr_restrict", "KERNEL.KPTR_RESTRICT", ""])
def test_any_other_name_is_refused_with_the_list_of_ours(name):
    sentence = refusal(settings={name: 1}, state="absent")
    assert sentence.startswith(f"{name} is not a setting of BPF: ")
    assert all(known in sentence for known in sysctl.NAMES)


def test_settings_are_in_one_order():
    wanted = dict.fromkeys(reversed(sysctl.NAMES), 1)
    assert list(read(settings=wanted).wanted) == sorted(sysctl.NAMES)


def test_nothing_to_do_is_an_error():
    assert "runtime and persist are both false" in refusal(runtime=False, persist=False)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/sysctl.conf",
        "/etc/sysctl.d/a.conf",
        "/run/sysctl.d/a.conf",
        "/usr/lib/sysctl.d/a.conf",
        "/etc/sysctl.d//a.conf",
        "/etc/x/../sysctl.d/a.conf",
    ],
)
def test_files_that_are_read_at_boot(path):
    assert read(file=path).file == path.replace("//", "/").replace("/x/..", "")


@pytest.mark.parametrize(
    "path", ["/etc/a.conf", "/etc/sysctl.d/a", "/etc/sysctl.d/.a.conf", "/etc/sysctl.d/x/a.conf", "a"]
)
def test_files_that_no_boot_reads(path):
    assert refusal(file=path).startswith(f"{path} is not read at boot")
