# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import subprocess
import threading

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import places
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"VMFLEET_CACHE": "/a b", "XDG_CACHE_HOME": "/x"}, "/a b"),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/ebpf-fleet/vmfleet"),
        ({"HOME": "/h"}, "/h/.cache/ebpf-fleet/vmfleet"),
        ({"VMFLEET_CACHE": "", "HOME": "/h"}, "/h/.cache/ebpf-fleet/vmfleet"),
    ],
)
def test_the_cache(environ, expected):
    assert places.cache(environ) == pathlib.Path(expected)


def test_one_holder_of_a_lock(tmp_path):
    with (
        places.locked(tmp_path / "a" / "lock", "it"),
        pytest.raises(FleetError, match="it is in use by another vmfleet"),
        places.locked(tmp_path / "a" / "lock", "it", wait=False),
    ):
        pass
    with places.locked(tmp_path / "a" / "lock", "it", wait=False):
        pass


def test_the_other_waits(tmp_path, monkeypatch):
    # Not by what is captured: a text that is written between a look and its clearing is lost.
    order, said, waiting = [], [], threading.Event()
    monkeypatch.setattr(places, "say", lambda text: (said.append(text), waiting.set()))

    def other():
        with places.locked(tmp_path / "lock", "the image x"):
            order.append("other")

    thread = threading.Thread(target=other)
    with places.locked(tmp_path / "lock", "the image x"):
        thread.start()
        assert waiting.wait(60)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]
    assert said == ["waiting for another vmfleet that is busy with the image x"]


def test_a_child_that_inherits_the_lock_keeps_it(tmp_path):
    with places.locked(tmp_path / "lock", "it") as descriptor:
        child = subprocess.Popen(["sleep", "60"], pass_fds=[descriptor])
    try:
        with pytest.raises(FleetError), places.locked(tmp_path / "lock", "it", wait=False):
            pass
    finally:
        child.kill()
        child.wait()
    with places.locked(tmp_path / "lock", "it", wait=False):
        pass


def test_space(tmp_path):
    places.require_space(tmp_path / "new", 0, "it")
    with pytest.raises(FleetError, match=r"it needs 1000000000.0 GiB and .* left: make room, or set VMFLEET_CACHE"):
        places.require_space(tmp_path, 1e9, "it")


def test_files_are_replaced_whole(tmp_path):
    places.put(tmp_path / "a/b", "one", 0o600)
    places.replace(tmp_path / "a/b", "two")
    assert [(path.name, path.read_text()) for path in (tmp_path / "a").iterdir()] == [("b", "two")]
