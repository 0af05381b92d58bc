# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

from ansible_collections.ebpf.fleet.plugins.plugin_utils._snapshot.index import render

MODEL = {"host": "web<1>", "rows": [], "redacted": True, "missing": ["a & b"], "sysctls": [], "maps": [], "links": []}


def test_the_page_asks_nobody_and_runs_nothing():
    page = render(MODEL)
    assert "web&lt;1&gt;" in page and "a &amp; b" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.search("<script|https?:|<link|@import", page)


def test_who_reads_it_knows_whether_addresses_are_in_it():
    assert "are masked as KADDR" in render(MODEL)
    assert "help an attacker" in render(dict(MODEL, redacted=False))
