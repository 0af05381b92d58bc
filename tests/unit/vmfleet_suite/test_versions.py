# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet.suite import versions
from ansible_collections.ebpf.fleet.tests.vmfleet.suite.plan import ROOT

SINCE = {"recursion_misses": (5, 12)}
KNOWN = {"recursion_misses"}


def unsupported(**record):
    return {"unavailable": dict.fromkeys(record, "unsupported"), **record}


def test_the_documentation_of_our_modules_names_first_kernels():
    documented = versions.returned(ROOT / "plugins" / "modules" / "bpf_prog_info.py")
    found = versions.first_versions(documented)
    assert found["recursion_misses"] == (5, 12)
    assert found["verified_insns"] == (5, 16)
    assert "name" not in found


@pytest.mark.parametrize(("release", "version"), [("5.10.0-32-cloud-amd64", (5, 10)), ("7.3.4+deb13-amd64", (7, 3))])
def test_a_release_has_a_version(release, version):
    assert versions.kernel(release) == version


def test_an_old_kernel_may_lack_a_field_with_a_reason():
    assert versions.wrong([unsupported(recursion_misses=None)], SINCE, "5.10.0", KNOWN) == []


def test_a_newer_kernel_must_not_be_called_unable():
    found = versions.wrong([unsupported(recursion_misses=None)], SINCE, "5.12.0", KNOWN)
    assert found == ["recursion_misses (Linux 5.12) is called unsupported on 5.12.0"]


def test_an_old_kernel_must_not_know_what_came_later():
    found = versions.wrong([{"recursion_misses": 0}], SINCE, "5.10.0", KNOWN)
    assert found == ["recursion_misses (Linux 5.12) has the value 0 on 5.10.0, which cannot know it"]


def test_null_needs_a_reason():
    found = versions.wrong([{"recursion_misses": None}], SINCE, "5.10.0", KNOWN)
    assert found == ["recursion_misses (Linux 5.12) is null on 5.10.0 without a reason"]


def test_null_needs_no_reason_where_it_means_nothing_on_any_kernel():
    assert versions.wrong([{"recursion_misses": None}], SINCE, "5.10.0", set()) == []
    assert versions.valued([{"a": None, "b": 0}, {"c": False}]) == {"b", "c"}


def test_missing_is_what_the_kernel_does_not_know_and_not_what_it_refuses():
    assert versions.missing([unsupported(b=None), unsupported(a=None), {"unavailable": {"c": "EPERM"}}]) == ["a", "b"]
