# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.plugin_utils import _types
from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import every_kind

BTF = base64.b64encode(every_kind().blob()).decode()


@pytest.mark.parametrize(("wanted", "size"), [("record", 24), ("struct record", 24), ("n", 4), (4, 24), ("4", 24)])
def test_types_of_a_blob(wanted, size) -> None:
    assert _types.typed(wanted, BTF, "little").size == size


def test_variables_and_sections_have_names_too() -> None:
    assert (_types.typed("place", BTF, "little").size, _types.typed(".data", BTF, "little").size) == (4, 8)


@pytest.mark.parametrize("wanted", ["work", "tagged", "nothing", 999])
def test_what_is_no_type_of_a_value(wanted) -> None:
    with pytest.raises(BtfError):
        _types.typed(wanted, BTF, "little")


def test_base64_with_line_breaks() -> None:
    assert _types.spec(BTF[:40] + "\n" + BTF[40:], "little").count() == every_kind().next_id


def test_a_bomb_is_refused(monkeypatch) -> None:
    import gzip

    monkeypatch.setattr(_types, "_MAX_CONTENT", 1000)
    with pytest.raises(FleetError, match="far too large"):
        _types.spec(base64.b64encode(gzip.compress(bytes(100000))).decode(), "little")
