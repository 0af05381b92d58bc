# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms
from ansible_collections.ebpf.fleet.plugins.module_utils._module import xlated

FULL = {"id": 30, "type": "xdp", "name": "main"}
EXIT = bytes.fromhex("9500000000000000")


def params(**options):
    return dict({"format": "text", "opcodes": False, "linum": False}, **options)


def code(data):
    made = xlated.Unread()
    made.data = data
    return made


def test_what_is_put_into_records(monkeypatch):
    monkeypatch.setattr(kallsyms, "read", lambda: b"")
    record = dict(FULL)
    xlated.add([(record, code(EXIT))], params(format="raw"))
    functions = [{"name": None, "proto": None, "offset": 0, "size": 8}]
    assert record == dict(FULL, raw=EXIT.hex(), functions=functions, hints=[])


def test_the_title_of_a_graph():
    record = dict(FULL)
    xlated.add([(record, code(EXIT))], params(format="dot"))
    assert record["dot"].startswith('digraph "xdp main id 30" {')


def test_code_that_is_not_told():
    record = dict(FULL, unavailable={"full_name": "no BTF"})
    xlated.add([(record, xlated.Unread("EPERM"))], params())
    assert record["unavailable"] == {"full_name": "no BTF", "text": "EPERM", "functions": "EPERM"}
    assert (record["text"], record["functions"], record["hints"]) == (None, None, [])
