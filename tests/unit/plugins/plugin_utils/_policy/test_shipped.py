# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
import yaml

from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack, shipped

FILES = ["document.yml", "values.yml", pack.BUILTIN]


@pytest.mark.parametrize("name", FILES)
def test_a_file_reads_the_same_without_libyaml(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = shipped.read(name)
    assert content
    monkeypatch.setattr(shipped, "Loader", yaml.SafeLoader)
    assert shipped.read(name) == content


def test_all_files_are_looked_at() -> None:
    folder = pathlib.Path(shipped.FOLDER)
    assert sorted(FILES) == sorted(str(path.relative_to(folder)) for path in folder.rglob("*.yml"))
