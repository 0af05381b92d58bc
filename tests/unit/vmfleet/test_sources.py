# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import sources
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError
from ansible_collections.ebpf.fleet.tests.vmfleet.sources import Source, debian_archive, parse_deb822, parse_one_line

ONE_LINE = """
# deb http://old.invalid/debian stretch main
deb http://a.invalid/debian bookworm main contrib # with a comment
deb [arch=amd64 signed-by=/k/debian-archive-keyring.gpg] https://b.invalid/x/ trixie main
deb-src http://a.invalid/debian bookworm main
deb http://flat.invalid/ ./
"""
DEB822 = """\
Types: deb deb-src
# http://comment.invalid/debian
URIs: http://a.invalid/debian http://b.invalid/debian
Suites: bookworm
 bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

types: deb
uris: http://off.invalid/debian
suites: bookworm
components: main
enabled: no

Types: deb-src
URIs: http://source.invalid/debian
Suites: bookworm
Components: main
"""


def test_one_line_sources():
    assert parse_one_line(ONE_LINE) == [
        Source("http://a.invalid/debian", "bookworm", ("main", "contrib")),
        Source("https://b.invalid/x/", "trixie", ("main",), "/k/debian-archive-keyring.gpg"),
    ]


def test_deb822_sources():
    key = "/usr/share/keyrings/debian-archive-keyring.gpg"
    assert parse_deb822(DEB822) == [
        Source(f"http://{host}.invalid/debian", suite, ("main", "contrib"), key)
        for host in "ab"
        for suite in ("bookworm", "bookworm-updates")
    ]


def test_all_files_of_apt_are_read_and_no_others(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    for name, text in {
        "sources.list": "deb http://one.invalid/debian sid main\n",
        "sources.list.d/a.list": "deb http://two.invalid/debian sid main\n",
        "sources.list.d/b.sources": "Types: deb\nURIs: http://three.invalid/debian\nSuites: sid\nComponents: main\n",
        "sources.list.d/c.list.save": "deb http://four.invalid/debian sid main\n",
    }.items():
        (tmp_path / name).write_text(text)
    assert [source.uri for source in sources.read(tmp_path)] == [
        f"http://{number}.invalid/debian" for number in ("one", "two", "three")
    ]


@pytest.mark.parametrize(
    "others",
    [
        [],
        [Source("http://security.invalid/debian-security", "bookworm-security", ("main",))],
        [Source("http://tool.invalid/apt", "stable", ("main",), "/k/tool.gpg")],
        [Source("http://tool.invalid/debian", "bookworm", ("stable",))],
        [Source("http://tool.invalid/debian", "bookworm-pgdg", ("main",))],
        [Source("cdrom:[Debian]/debian", "bookworm", ("main",))],
    ],
)
def test_the_archive_is_found_among_others(others):
    ours = Source("http://a.invalid/debian/", "bookworm", ("main", "contrib"))
    assert debian_archive([*others, ours]) == debian_archive([ours, *others]) == "http://a.invalid/debian"


def test_a_dated_archive_is_one():
    dated = Source("http://a.invalid/archive/debian/20250520T000000Z", "bookworm-updates", ("main",))
    assert debian_archive([Source("http://b.invalid/x", "bookworm", ("main",)), dated]) == dated.uri


def test_the_key_of_the_archive_decides():
    named = Source("http://mirror.invalid/x", "bookworm", ("main",), "/usr/share/keyrings/debian-archive-keyring.gpg")
    assert debian_archive([Source("http://b.invalid/debian", "bookworm", ("main",)), named]) == named.uri


def test_without_an_archive_there_is_one_sentence():
    with pytest.raises(FleetError, match=r"no Debian archive in this machine's apt sources: .*--mirror"):
        debian_archive([Source("http://a.invalid/ubuntu", "noble", ("main",))])


def test_a_named_mirror_wins(monkeypatch):
    monkeypatch.setattr(sources, "read", list)
    monkeypatch.setenv("VMFLEET_MIRROR", "http://environment.invalid/debian")
    assert sources.mirror() == "http://environment.invalid/debian"
    assert sources.mirror("http://option.invalid/debian") == "http://option.invalid/debian"


def test_settings_that_reaching_the_archive_needs(monkeypatch):
    dump = """\
APT::Architecture "amd64";
Acquire "";
Acquire::http::Proxy "http://proxy.invalid:3128/";
Acquire::https::Verify-Peer "true";
Acquire::http::User-Agent "";
Acquire::Check-Valid-Until "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
"""
    monkeypatch.setattr(sources.commands, "output", lambda *words: dump)
    assert sources.apt_settings() == [
        ("Acquire::http::Proxy", "http://proxy.invalid:3128/"),
        ("Acquire::https::Verify-Peer", "true"),
        ("Acquire::Check-Valid-Until", "false"),
    ]


def test_files_with_passwords_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "APT", tmp_path)
    (tmp_path / "auth.conf.d").mkdir()
    for name in ("auth.conf", "auth.conf.d/a.conf", "auth.conf.d/b.conf.old"):
        (tmp_path / name).write_text("machine a.invalid login b password c\n")
    assert sources.credentials() == [tmp_path / "auth.conf", tmp_path / "auth.conf.d/a.conf"]
