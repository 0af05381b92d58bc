# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import gzip

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.ebpf.fleet.plugins.filter.bpf_c import FilterModule
from ansible_collections.ebpf.fleet.plugins.module_utils._btf import raw
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder, every_kind

bpf_c = FilterModule().filters()["bpf_c"]


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_all_forms_of_btf() -> None:
    blob, dump = every_kind().blob(), raw.text(every_kind().spec())
    forms = [encoded(blob), encoded(gzip.compress(blob)), dump, encoded(gzip.compress(dump.encode()))]
    headers = {bpf_c(form) for form in forms}
    assert len(headers) == 1 and "struct record {" in headers.pop()


def test_some_types() -> None:
    btf = encoded(every_kind().blob())
    assert bpf_c(btf, "bits") == bpf_c(btf, ["struct bits"])
    with pytest.raises(AnsibleFilterError, match="bpf_c: no type is called 'bit'"):
        bpf_c(btf, "bit")


def test_split() -> None:
    base = Builder()
    base.integer()
    split = Builder(base=base)
    split.struct(4, ("n", 1, 0), name="own")
    assert "struct own" in bpf_c(encoded(split.blob()), base=encoded(base.blob()))
    with pytest.raises(AnsibleFilterError, match="this BTF is split"):
        bpf_c(encoded(split.blob()))


@pytest.mark.parametrize("btf", ["nonsense!", "{}", encoded(b"x"), encoded(b"\x1f\x8bx"), {"types": []}, None])
def test_what_is_no_btf(btf) -> None:
    with pytest.raises(AnsibleFilterError, match=r"^bpf_c: "):
        bpf_c(btf)
