# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gc
from os import readlink, scandir
from os.path import lexists

import pytest

from ansible_collections.ebpf.fleet.tests.unit.support.fake_bpffs import FakeBpffs
from ansible_collections.ebpf.fleet.tests.unit.support.fake_kernel import FakeKernel
from ansible_collections.ebpf.fleet.tests.unit.support.fake_proc import FakeProc
from ansible_collections.ebpf.fleet.tests.unit.support.fake_sysctls import FakeSysctls

try:
    import hypothesis
except ImportError:
    hypothesis = None

if hypothesis is not None:
    # How long an example takes on a busy machine says nothing about our code. Hypothesis thinks the same where it sees
    # CI=true, which ansible-test hides from it.
    hypothesis.settings.register_profile(
        "busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
    )
    hypothesis.settings.load_profile("busy")


def pytest_collection_finish():
    # What stands once the tests are collected stays; looking through it again around each test takes 0.1 s.
    gc.collect()
    gc.freeze()


def _open_descriptors():
    gc.collect()
    # by names of our own: tests replace those of os
    with scandir("/proc/self/fd") as entries:
        found = {entry.name: readlink(entry.path) for entry in entries if lexists(entry.path)}
    # the one that listed them
    return {name: target for name, target in found.items() if not target.startswith("/proc/") or "/fd" not in target}


@pytest.fixture
def no_leaks():
    """Fail where a test ends with other descriptors than it began with."""
    before = _open_descriptors()
    yield
    assert _open_descriptors() == before


@pytest.fixture
def make_kernel(monkeypatch, no_leaks):
    """Return a maker of fake kernels that stand in the door of bpf(2) and watch for leaked descriptors."""

    def make(release="6.18", **rights):
        return FakeKernel(release, **rights).install(monkeypatch)

    return make


@pytest.fixture
def kernel(make_kernel):
    """A fake kernel of the newest release, in place."""
    return make_kernel()


@pytest.fixture
def proc(tmp_path, monkeypatch):
    """A fake /proc, in place; without processes until some are added."""
    return FakeProc(tmp_path).install(monkeypatch)


@pytest.fixture
def bpffs(tmp_path, kernel, monkeypatch):
    """A fake bpffs with one mount, in place, for the objects of the fake kernel."""
    return FakeBpffs(tmp_path, kernel).install(monkeypatch)


@pytest.fixture
def sysctls(tmp_path, monkeypatch):
    """Fake sysctls and directories of sysctl.d, in place."""
    return FakeSysctls(tmp_path).install(monkeypatch)
