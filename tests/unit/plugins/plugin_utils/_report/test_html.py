# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import html.parser

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.judge import judge
from ansible_collections.ebpf.fleet.plugins.plugin_utils._report import html as page
from ansible_collections.ebpf.fleet.plugins.plugin_utils._report.inventory import Inventory
from ansible_collections.ebpf.fleet.plugins.plugin_utils._report.model import build
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted

RULES = pack.load([])
VOID = {"meta", "input", "br", "link", "img", "hr"}
EVIL = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "</style><!--",
    "\x1b[31m\u202e\x00",
]


class Reader(html.parser.HTMLParser):
    """Collects tags, attributes and text, and complains of tags that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def render(*fleet: tuple[str, dict]) -> str:
    inventory = Inventory(len(fleet))
    return page.render(build(RULES, inventory.watch(fleet)), inventory)


def record(document: dict) -> dict:
    return {"outcome": "ok", "verdicts": judge(RULES, document), "document": document}


def hostile(evil: str) -> dict:
    document = planted.document()
    program = {**planted.PROGRAM, "name": evil, "type": evil, "uid": 9, "pids": [{"pid": 1, "comm": evil}]}
    document["programs"].append({**program, "holders": [evil], "tag": evil})
    document["programs"].append({**program, "jited": None, "unavailable": {"jited": evil}})
    document["pins"].append({**planted.PIN, "path": evil, "mode": "0666", "kind": evil})
    document["kernel"].update(release=evil, machine=evil)
    document["memlock"]["evidence"] = evil
    document["privileges"]["caps"] = [evil]
    document["unavailable"] = {evil: evil, "maps": evil}
    return document


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_names_are_text_everywhere(evil: str) -> None:
    text = render((evil, record(hostile(evil))), (evil + "2", {"outcome": evil, "error": evil}))
    read = Reader(text)
    assert read.open == []
    assert "script" not in read.tags and "img" not in read.tags and "style" in read.tags
    assert not any(name.startswith("on") or name in ("autofocus", "src") for name, _value in read.attributes)
    assert all(value.startswith("#") for name, value in read.attributes if name == "href")
    assert not any(char in text for char in "\x1b\x00\u202e")


def test_nothing_is_fetched_from_anywhere() -> None:
    text = render(("web1", record(planted.document())))
    read = Reader(text)
    assert not {"script", "img", "link", "iframe", "object", "embed"} & set(read.tags)
    assert "url(" not in text and "@import" not in text and "://" not in text
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in read.attributes


def test_every_link_leads_to_an_anchor_and_no_id_is_there_twice() -> None:
    weak = planted.document(kernel__unprivileged_bpf_disabled=0)
    read = Reader(render(("a", record(weak)), ("b", record(planted.blind())), ("c", record(weak))))
    ids = [value for name, value in read.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for name, value in read.attributes if name == "href"} <= set(ids)


def test_a_person_finds_the_numbers_and_the_reasons() -> None:
    weak = planted.document(kernel__unprivileged_bpf_disabled=0)
    lost = {"outcome": "unreachable", "error": "no route to host"}
    text = " ".join(
        "".join(Reader(render(("a", record(weak)), ("b", record(planted.blind())), ("z", lost))).text).split()
    )
    for wanted in (
        "2 of 3 hosts audited by 32 rules",
        "no route to host",
        "Unprivileged users may load BPF programs",
        "STIG RHEL-09-213075",
        "net.core.bpf_jit_harden",
        "CAP_SYS_ADMIN or CAP_BPF is missing",
        "sd_fw_egress",
        "/sys/fs/bpf/fw",
        "user id 1000",
    ):
        assert wanted in text, wanted


def test_a_clean_fleet_and_an_empty_one_are_pages_too() -> None:
    clean = "".join(Reader(render(("a", record(planted.document())))).text)
    assert "No rule failed" in clean and "every rule could be decided" in clean
    assert "No host was audited" in "".join(Reader(render(("a", {"outcome": "missing", "error": "x"}))).text)


def test_tables_of_objects_are_cut_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_MOST_ROWS", 1)
    document = planted.document()
    document["programs"] = [{**planted.PROGRAM, "id": number, "uid": 9} for number in range(12)]
    assert "… and 7 more" in render(("a", record(document)))


def test_light_and_dark_and_small_screens() -> None:
    text = render(("a", record(planted.document())))
    assert "prefers-color-scheme: dark" in text and "width=device-width" in text and "max-width: 34rem" in text
