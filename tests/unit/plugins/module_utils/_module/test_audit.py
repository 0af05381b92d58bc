# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import sys
import zlib

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import audit, document, once
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

DOCUMENT = {"schema": None, "programs": [{"id": 30}], "maps": None, "links": [], "btfs": [{}, {}], "pins": None}


@pytest.fixture
def result(monkeypatch, capsys):
    monkeypatch.setattr(document, "collect", lambda: DOCUMENT)
    return run_module(lambda: audit.run_audit_module({}), capsys)


def test_the_result_is_one_string(result):
    assert (result["changed"], result["encoding"]) == (False, "json+zlib+base64")
    assert json.loads(zlib.decompress(base64.b64decode(result["document"]))) == DOCUMENT


def test_what_could_not_be_read_is_not_counted(result):
    assert result["counts"] == {"programs": 1, "maps": None, "links": 0, "btfs": 2, "pins": None}


def test_imports_of_the_run_compile_once_and_no_others(monkeypatch, capsys):
    finders = []
    monkeypatch.setattr(document, "collect", lambda: finders.extend(sys.meta_path) or DOCUMENT)
    run_module(lambda: audit.run_audit_module({}), capsys)
    assert finders == [once, *sys.meta_path]
