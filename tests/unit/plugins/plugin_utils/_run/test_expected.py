# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
from ansible import constants
from ansible.parsing.dataloader import DataLoader

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._run import expected

GROUPS = {"all": ["web1", "web2", "db1"], "web": ["web2", "web1"], "ungrouped": ["db1"]}


@pytest.mark.parametrize(
    ("pattern", "limit", "wanted"),
    [
        ("all", None, ["db1", "web1", "web2"]),
        ("web", None, ["web1", "web2"]),
        ("all:!web", "", ["db1"]),
        ("web*", None, ["web1", "web2"]),
        ("all", "web2,localhost", ["web2"]),
        ("web:db1", "~db.", ["db1"]),
        (["web1", "db1"], None, ["db1", "web1"]),
        (["all", "!web"], "", ["db1"]),
        (["web:!web1", " db1"], "", ["db1", "web2"]),
    ],
)
def test_hosts_of_a_pattern_under_a_limit(pattern: str | list[str], limit: str | None, wanted: list[str]) -> None:
    assert expected.hosts(pattern, limit, GROUPS, DataLoader()) == wanted


def test_a_limit_from_a_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "retry").write_text("web1\n")
    assert expected.hosts("all", f"@{tmp_path}/retry", GROUPS, DataLoader()) == ["web1"]


@pytest.mark.parametrize("mismatch", ["warning", "error", "ignore"])
def test_a_pattern_without_hosts_is_an_error(monkeypatch: pytest.MonkeyPatch, mismatch: str) -> None:
    monkeypatch.setattr(constants, "HOST_PATTERN_MISMATCH", mismatch)
    with pytest.raises(FleetError, match="'mail' matches no host"):
        expected.hosts("mail", None, GROUPS, DataLoader())
    with pytest.raises(FleetError, match="'mail,news' matches no host"):
        expected.hosts(["mail", "news"], None, GROUPS, DataLoader())


def test_a_limit_that_cannot_be_read() -> None:
    with pytest.raises(FleetError, match="the limit '@/nowhere/at/all' cannot be read"):
        expected.hosts("all", "@/nowhere/at/all", GROUPS, DataLoader())
