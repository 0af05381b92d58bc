# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import html
import json
import re
from urllib.parse import unquote

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._snapshot.files import build

ADDRESS = "0xffffffff81000000"
PROGRAM = {
    "id": 4, "type": "xdp", "name": "filter", "full_name": "filter", "tag": "ff12345678901234", "btf_id": 60,
    "map_ids": [7],
}  # fmt: skip


def record(**changed):
    found = {
        "programs": [PROGRAM],
        "maps": [{"id": 7, "name": "m"}, {"id": 8, "name": "other"}],
        "links": [{"id": 1, "type": "kprobe_multi", "prog_id": 4, "addr": 0xFFFFFFFF81000000}],
        "sysctls": [{"name": "kernel.kptr_restrict", "running": 1}],
        "xlated": {4: {"text": f"   0: (18) r1 = {ADDRESS}\n", "hints": []}},
        "flow": {4: {"dot": f'digraph "x" {{ a [label="{ADDRESS}"] }}', "hints": []}},
        "jited": {4: {"text": f"   0:\tmovabsq ${ADDRESS}, %rsi\n", "machine": "x86_64", "hints": []}},
        "types": {60: "struct s;\n"},
        "entries": {7: {"entries": [{"value": "00 00 00 81 ff ff ff ff"}]}},
        "missing": [],
    }
    found.update(changed)
    return found


def drawn(graph, format):
    return f"<svg>{html.escape(graph)}</svg>".encode()


def test_the_files_of_a_program():
    made, missing = build("web1", record(), False, drawn)
    folder = "programs/4-filter/"
    assert sorted(made) == sorted(
        ["index.html", "links.json", "maps.json", "sysctls.json"]
        + [folder + name for name in ("flow.dot", "flow.svg", "jited.txt", "links.json", "map-7.json", "maps.json")]
        + [folder + name for name in ("program.json", "types.h", "xlated.txt")]
    )
    assert missing == []
    assert [one["id"] for one in json.loads(made[folder + "maps.json"])] == [7]
    assert json.loads(made[folder + "program.json"]) == PROGRAM
    assert "Missing" not in made["index.html"] and "kernel.kptr_restrict" in made["index.html"]
    for name in made:
        assert name == "index.html" or f'href="{name}"' in made["index.html"], name


def test_no_file_has_an_address():
    made, _missing = build("web1", record(), False, drawn)
    for path, text in made.items():
        assert not re.search("ffffffff81|18446744071578845184|ff ff ff ff", text), path
    whole, _missing = build("web1", record(), True, drawn)
    assert sum("ffffffff81" in text for text in whole.values()) == 4
    assert "for everybody" in whole["index.html"]


def test_names_of_the_kernel_are_safe():
    name = '../../<script>"x" \x1b[2J' + "y" * 300
    made, _missing = build("web1", record(programs=[dict(PROGRAM, name=name[:15], full_name=name)]), False, drawn)
    for path in made:
        assert ".." not in path.split("/") and not set(path) & set('<>"\x1b \n\\'), path
        assert all(len(part) < 200 for part in path.split("/"))
    page = made["index.html"]
    assert "<script" not in page and "\x1b" not in page
    links = {unquote(link) for link in re.findall('href="([^"]*)"', page)}
    assert set(made) - {"index.html"} == links


def test_a_folder_of_its_own_for_each_program():
    same = [dict(PROGRAM, id=number) for number in (4, 5)]
    made, missing = build("web1", record(programs=same), False, drawn)
    assert "programs/5-filter/program.json" in made and "programs/5-filter/xlated.txt" not in made
    assert "xlated of program 5: not read" in missing


def test_what_is_missing():
    def draw(graph, format):
        raise FleetError("graphviz is missing")

    hidden = {
        4: {"text": None, "hints": ["set kernel.kptr_restrict"], "unavailable": {"text": "hidden by kptr_restrict"}}
    }
    raw = {4: {"text": None, "raw": "48b8", "machine": "x86_64", "hints": []}}
    found = record(xlated=hidden, jited=raw, missing=["types of BTF 60: <gone>"], types={})
    made, missing = build("web1", found, False, draw)
    assert missing == [
        "types of BTF 60: <gone>",
        "xlated of program 4: set kernel.kptr_restrict",
        "xlated of program 4: hidden by kptr_restrict",
        "the bytes of machine code are left out: nothing in them can be masked",
        "pictures: graphviz is missing",
    ]
    assert not {path for path in made if path.endswith(("xlated.txt", "jited.hex", "jited.txt", ".svg", ".h"))}
    assert "programs/4-filter/flow.dot" in made
    for sentence in missing:
        assert html.escape(sentence) in made["index.html"]
    whole, missing = build("web1", found, True, draw)
    assert whole["programs/4-filter/jited.hex"] == "48b8\n"
