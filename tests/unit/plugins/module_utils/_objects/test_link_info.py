# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import link, link_info
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import link_layout, link_types
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._objects.link_kernel import (
    Kernel,
    Struct,
    kprobe_multi,
)

# ---- shapes


def test_shape_takes_what_the_struct_reaches():
    shape = link_info.Shape(link_layout.LINK_RAW_TRACEPOINT, 32, "")
    assert (shape.string, shape.length, shape.facts, shape.late) == ("tp_name", "tp_name_len", ["tp_name"], [])
    assert shape.missing == {"cookie": "unsupported"}
    assert link_info.Shape(link_layout.LINK_RAW_TRACEPOINT, 40, "").facts == ["tp_name", "cookie"]


@pytest.mark.parametrize(
    ("known", "fields"), [(19, {}), (20, {"pf": 1}), (28, {"pf": 1, "hooknum": 2, "priority": -3})]
)
def test_shape_unpacks_no_more_than_that(known, fields):
    shape = link_info.Shape(link_layout.LINK_NETFILTER, known, "")
    assert shape.fields(struct.pack("=16xIIiI", 1, 2, -3, 4)) == fields


def test_lengths_of_texts_are_found_for_every_type():
    for member in (*link_layout.LINK_BY_TYPE.values(), *link_layout.LINK_PERF_BY_KIND.values()):
        shape = link_info.Shape(member, 64, "")
        assert bool(shape.string) == bool(shape.length)
        assert not {"name_len", "tp_name_len", "target_name_len", "path_size"} & set(shape.facts)


# ---- fields that came later: 0 or not told


def tracing(target: bool = True, cookie: int | None = 0):
    def fill(info: Struct) -> None:
        info.put("=I", 16, 24)
        if target:
            info.put("=II", 20, 1, 1234)
        if cookie is not None:
            info.put("=Q", 32, cookie)

    return fill


def test_a_cookie_that_is_set_needs_no_second_look(monkeypatch):
    kernel = Kernel(monkeypatch, link_types.TRACING, tracing(cookie=5))
    assert kernel.read().fields == {"attach_type": 24, "target_obj_id": 1, "target_btf_id": 1234, "cookie": 5}
    assert kernel.calls == 1


def test_a_zero_is_looked_at_twice_once_for_all_links(monkeypatch):
    kernel, reader = Kernel(monkeypatch, link_types.TRACING, tracing()), link.Reader()
    for calls in (2, 3, 4):
        found = kernel.read(reader)
        assert (found.fields["cookie"], found.missing, kernel.calls) == (0, {}, calls)


def test_a_field_that_comes_back_as_it_was_sent_is_missing(monkeypatch):
    kernel, reader = Kernel(monkeypatch, link_types.TRACING, tracing(cookie=None)), link.Reader()
    for calls in (2, 3):
        found = kernel.read(reader)
        assert found.fields == {"attach_type": 24, "target_obj_id": 1, "target_btf_id": 1234}
        assert (found.missing, kernel.calls) == ({"cookie": "unsupported"}, calls)


def test_beyond_the_reach_nothing_is_asked_and_nothing_told(monkeypatch):
    # 5.8: 32 bytes, and nothing but the attach type is filled in.
    found = Kernel(monkeypatch, link_types.TRACING, tracing(target=False, cookie=None), reach=32).read()
    assert found.fields == {"attach_type": 24}
    assert found.missing == dict.fromkeys(("target_obj_id", "target_btf_id", "cookie"), "unsupported")


def test_when_the_second_look_fails_the_first_counts(monkeypatch):
    kernel = Kernel(monkeypatch, link_types.TRACING)

    def fill(info: Struct) -> None:
        if kernel.calls == 2:
            raise kernel_error("BPF_OBJ_GET_INFO_BY_FD", errno.EFAULT)
        tracing()(info)

    kernel.fill = fill
    found = kernel.read()
    assert found.fields == {"attach_type": 24, "target_obj_id": 1, "target_btf_id": 1234}
    assert (found.missing, found.error) == ({"cookie": "EFAULT"}, None)


# ---- text


def raw_tracepoint(name: bytes, cookie: int | None):
    def fill(info: Struct) -> None:
        info.text(16, 24, name)
        if cookie is not None:
            info.put("=Q", 32, cookie)

    return fill


@pytest.mark.parametrize(("cookie", "reach"), [(None, 32), (None, 64), (0, 64), (6, 64)])
def test_raw_tracepoint(monkeypatch, cookie, reach):
    kernel = Kernel(monkeypatch, link_types.RAW_TRACEPOINT, raw_tracepoint(b"sched_switch", cookie), reach)
    found = kernel.read()
    told = {"tp_name": b"sched_switch"}
    assert found.fields == (told if cookie is None else {**told, "cookie": cookie})
    assert found.missing == ({"cookie": "unsupported"} if cookie is None else {})
    assert kernel.calls == 2


def test_text_of_one_link_does_not_leak_into_the_next(monkeypatch):
    kernel, reader = Kernel(monkeypatch, link_types.RAW_TRACEPOINT), link.Reader()
    found = []
    for fill in (raw_tracepoint(b"a_long_name", 0), raw_tracepoint(b"short", 0), lambda info: info.put("=Q", 32, 0)):
        kernel.fill = fill
        found.append(kernel.read(reader).fields["tp_name"])
    assert found == [b"a_long_name", b"short", b""]


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("length", [4095, 4096, 60000])
def test_buffers_grow_until_the_text_fits(monkeypatch, length, tells):
    def fill(info: Struct) -> None:
        info.put("=I", 16, link_types.PERF_LINK_UPROBE)
        info.text(24, 32, b"x" * length, tells)
        info.put("=I", 36, 16)
        info.put("=QQ", 40, 0, 0)

    kernel, reader = Kernel(monkeypatch, link_types.PERF_EVENT, fill), link.Reader()
    found = kernel.read(reader)
    assert found.fields["file_name"] == b"x" * length
    assert found.missing == {}
    first = kernel.calls
    assert kernel.read(reader).fields["file_name"] == b"x" * length
    assert kernel.calls == first + 2


def test_growing_has_an_end(monkeypatch):
    kernel = Kernel(monkeypatch, link_types.RAW_TRACEPOINT)

    def fill(info: Struct) -> None:
        info.put("=Q", 32, 6)
        if info.get("Q", 16):
            raise kernel_error("BPF_OBJ_GET_INFO_BY_FD", errno.ENOSPC)
        info.put("=I", 24, 10)

    kernel.fill = fill
    found = kernel.read()
    assert found.fields == {"cookie": 6}
    assert found.missing == {"tp_name": "ENOSPC"}
    assert kernel.calls == 6


def test_arrays_grow_with_a_kernel_that_first_told_too_little(monkeypatch):
    kernel = Kernel(monkeypatch, link_types.KPROBE_MULTI)
    small, large = kprobe_multi([2**63], [1], 0), kprobe_multi([2**63] * 5, [1] * 5, 0)

    def fill(info):
        return small(info) if kernel.calls == 1 else large(info)

    kernel.fill = fill
    assert kernel.read().fields["cookies"] == [1] * 5
    assert kernel.calls == 5


def test_arrays_that_were_cut_without_a_word_are_asked_for_again(monkeypatch):
    def fill(info: Struct) -> None:
        room = info.get("I", 24)
        info.array(16, room, [2**63] * min(room, 5))
        info.array(40, room, [3] * min(room, 5))
        info.put("=IIQ", 24, 1 if kernel.calls == 1 else 5, 0, 0)

    kernel = Kernel(monkeypatch, link_types.KPROBE_MULTI, fill)
    assert kernel.read().fields["cookies"] == [3] * 5


def test_arrays_that_never_fit_are_missing(monkeypatch):
    kernel = Kernel(monkeypatch, link_types.KPROBE_MULTI)
    kernel.fill = lambda info: info.put("=IIQ", 24, max(1, 2 * info.get("I", 24)), 1, 2)
    found = kernel.read()
    assert found.fields == {"count": 1, "flags": 1, "missed": 2}
    assert found.missing == {"addrs": "ENOSPC", "cookies": "ENOSPC"}
