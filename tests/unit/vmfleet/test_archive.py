# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import archive
from ansible_collections.ebpf.fleet.tests.vmfleet.archive import Kernel, Suite, choose
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError

RELEASES = ["6.1.0-9-cloud-amd64", "6.1.0-50-cloud-amd64", "6.12.9+deb13-cloud-amd64", "6.18.15+deb13-cloud-amd64"]


class Apt:
    """Stands in for the commands of apt."""

    def __init__(self, monkeypatch):
        self.calls, self.error = [], ""
        monkeypatch.setattr(archive.commands, "output", self.output)

    def output(self, *words, **_options):
        words = [str(word) for word in words]
        self.calls.append(words)
        if self.error and words[-1] == "update":
            raise FleetError(self.error)
        if "pkgnames" in words:
            return "\n".join([*(f"linux-image-{name}" for name in RELEASES), "linux-image-6.1.0-9-cloud-amd64-dbg"])
        return f"Package: {words[-1]}\nVersion: 1.2-3\n" if "show" in words else ""


@pytest.fixture
def apt(monkeypatch):
    return Apt(monkeypatch)


@pytest.mark.parametrize(("version", "index"), [("", 3), ("6", 3), ("6.1", 1), ("6.1.0-9", 0), ("6.12", 2)])
def test_the_newest_that_begins_so(version, index):
    assert choose(RELEASES, version) == RELEASES[index]
    assert choose(RELEASES[::-1], version) == RELEASES[index]


@pytest.mark.parametrize("version", ["7", "6.2", "6.1.1"])
def test_no_kernel_begins_so(version):
    assert choose(RELEASES, version) is None


def test_a_kernel_is_its_release_and_its_package(apt, tmp_path):
    assert Suite("s", "http://a.invalid", tmp_path).newest("6.1") == Kernel(RELEASES[1], "1.2-3")


def test_a_missing_version_tells_which_there_are(apt, tmp_path):
    with pytest.raises(FleetError, match=r"no cloud kernel 9 in s: there are 6\.1\.0-9-cloud"):
        Suite("s", "http://a.invalid", tmp_path).newest("9")


def test_packages_that_are_not_there_are_named(apt, tmp_path):
    suite = Suite("s", "http://a.invalid", tmp_path)
    suite.require([f"linux-image-{RELEASES[0]}"])
    with pytest.raises(FleetError, match="s has no package aa and no bb"):
        suite.require(["aa", f"linux-image-{RELEASES[0]}", "bb"])


class TestRefresh:
    def updates(self, apt):
        return sum(words[-1] == "update" for words in apt.calls)

    def test_the_index_is_fetched_once(self, apt, tmp_path):
        for _turn in range(2):
            Suite("s", "http://a.invalid", tmp_path).refresh()
        assert self.updates(apt) == 1

    def test_another_mirror_has_another_index(self, apt, tmp_path):
        for mirror in "ab":
            Suite("s", f"http://{mirror}.invalid", tmp_path).refresh()
        assert self.updates(apt) == 2

    def test_the_mirror_is_in_the_private_sources_alone(self, apt, tmp_path):
        suite = Suite("s", "http://a.invalid", tmp_path)
        suite.refresh()
        assert "http://a.invalid s main" in (suite.root / "sources.list").read_text()
        assert "Dir::Etc::sourceparts=-" in suite.options

    def test_a_suite_that_is_not_there(self, apt, tmp_path):
        apt.error = "E: The repository does not have a Release file."
        with pytest.raises(FleetError, match="this machine has no suite s:"):
            Suite("s", "http://a.invalid", tmp_path).refresh()

    def test_an_archive_that_cannot_be_reached(self, apt, tmp_path):
        apt.error = "E: Could not resolve host"
        with pytest.raises(FleetError, match="cannot reach the Debian archive"):
            Suite("s", "http://a.invalid", tmp_path).refresh()

    def test_an_old_index_does_then(self, apt, tmp_path, monkeypatch, capsys):
        suite = Suite("s", "http://a.invalid", tmp_path)
        suite.refresh()
        monkeypatch.setattr(archive, "FRESH_SECONDS", -1)
        apt.error = "E: Could not resolve host"
        suite.refresh()
        assert "taking the old one" in capsys.readouterr().err
