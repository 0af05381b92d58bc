# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the oracle tests allow is what the documentation says, and nothing else."""

from __future__ import annotations

import pathlib
import re

import oracle
import test_links

PAGE = pathlib.Path(__file__).parents[2] / "docs/docsite/rst/guide_bpftool_differences.rst"


def documented(page: str) -> set[tuple[str, str]]:
    """Return (noun, key) of every row of the first table of the page."""
    table = page.split("Same key, other form", 1)[1].split("Keys that only bpftool has", 1)[0]
    return set(re.findall(r"^   \* - (\w+)\n     - (\w+)$", table, re.MULTILINE)) - {("Noun", "Key")}


def test_every_difference_that_is_allowed_is_documented_and_the_other_way_round():
    rows = documented(PAGE.read_text(encoding="utf-8"))
    allowed = set(oracle.DIFFERENCES)
    links = {("link", key) for key in test_links.DIFFERENCES} - set(oracle.BPFTOOL_LIMITS)
    assert {row for row in rows if row[0] != "link"} == {row for row in allowed if row[0] != "link"}
    assert {row for row in allowed | links if row[0] == "link"} - rows == set()


def test_a_row_that_is_taken_out_is_missed():
    page = PAGE.read_text(encoding="utf-8")
    assert ("map", "frozen") in documented(page)
    assert ("map", "frozen") not in documented(page.replace("- frozen", "- melted"))
