# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import collections
import importlib
import sys
import zipfile
import zipimport

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import once

FILES = dict.fromkeys(["__init__", "two", "deep/__init__", "deep/three"], "")
FILES["one"] = "from . import two\nfrom .deep import three\n"


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A room of ours in an archive; gives how often which file was compiled."""
    path = tmp_path / "payload.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in FILES.items():
            packed.writestr(f"room/{name}.py", text)
    compiled, compile_source = collections.Counter(), zipimport._compile_source

    def compile_once(pathname, source):
        compiled[pathname.partition("room/")[2]] += 1
        return compile_source(pathname, source)

    monkeypatch.setattr(zipimport, "_compile_source", compile_once)
    monkeypatch.setattr(once, "ROOM", "room.")
    monkeypatch.setattr(sys, "path", [str(path), *sys.path])
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    yield compiled
    for name in [name for name in sys.modules if name.partition(".")[0] == "room"]:
        del sys.modules[name]


def test_a_file_is_compiled_once(archive):
    with once.compiled():
        module = importlib.import_module("room.one")
    assert module.__file__.endswith("payload.zip/room/one.py")
    assert sys.modules["room.deep"].__path__[0].endswith("payload.zip/room/deep")
    del archive["__init__.py"]  # the room itself is found before
    assert archive == {"one.py": 1, "two.py": 1, "deep/__init__.py": 1, "deep/three.py": 1}


def test_what_is_not_there(archive):
    importlib.import_module("room.one")
    with once.compiled(), pytest.raises(ModuleNotFoundError, match=r"room\.four"):
        importlib.import_module("room.four")


def test_code_outside_of_an_archive_is_left_alone():
    assert once.find_spec(once.__name__, sys.modules[once.__package__].__path__) is None
    assert once.find_spec("json", None) is None
