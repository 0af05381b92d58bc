# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import limit_pair
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.limit_pair import UNLIMITED, Unfit

K, M = 1 << 10, 1 << 20


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("65536", 65536),
        (" 64K ", 64 * K),
        ("64k", 64 * K),
        ("64 M", 64 * M),
        ("64MiB", 64 * M),
        ("64Mi", 64 * M),
        ("2g", 2 << 30),
        ("1T", 1 << 40),
        ("unlimited", UNLIMITED),
        ("Infinity", UNLIMITED),
        (str((1 << 63) - 1), (1 << 63) - 1),
    ],
)
def test_values_of_options(text, value):
    assert limit_pair.parse(text) == value


@pytest.mark.parametrize(
    "text", ["", "-1", "1.5G", "64KB", "64B", "64X", "0x10", "M", "1 2", "\u0663", "none", "64Mib/s"]
)
def test_what_is_no_value_is_refused_with_the_way_out(text):
    with pytest.raises(Unfit, match=r"is no limit: give bytes, .* or unlimited"):
        limit_pair.parse(text)


def test_more_than_the_kernel_counts_is_refused():
    with pytest.raises(Unfit, match="give unlimited"):
        limit_pair.parse(str(1 << 63))


def test_words():
    assert [limit_pair.word(value) for value in (0, 5, UNLIMITED, None)] == [0, 5, "unlimited", None]


@pytest.mark.parametrize(
    ("value", "other", "answer"),
    [(5, 4, True), (4, 4, False), (UNLIMITED, 4, True), (4, UNLIMITED, False), (UNLIMITED, UNLIMITED, False)],
)
def test_unlimited_is_more_than_any_number(value, other, answer):
    assert limit_pair.exceeds(value, other) is answer


@pytest.mark.parametrize(
    ("now", "wanted", "exact", "at_least"),
    [
        ((4, 8), (2, None), (2, 8), (4, 8)),
        ((4, 8), (6, None), (6, 8), (6, 8)),
        ((4, 8), (None, 16), (4, 16), (4, 16)),
        ((4, 8), (None, 6), (4, 6), (4, 8)),
        ((4, 8), (16, 32), (16, 32), (16, 32)),
        ((4, 8), (UNLIMITED, UNLIMITED), (UNLIMITED, UNLIMITED), (UNLIMITED, UNLIMITED)),
        ((UNLIMITED, UNLIMITED), (4, 8), (4, 8), (UNLIMITED, UNLIMITED)),
        ((4, UNLIMITED), (2, 8), (2, 8), (4, UNLIMITED)),
        ((0, 0), (0, 0), (0, 0), (0, 0)),
        ((None, None), (4, None), (4, None), (4, None)),
        ((None, 8), (None, None), (None, 8), (None, 8)),
    ],
)
def test_only_what_is_named_changes(now, wanted, exact, at_least):
    assert limit_pair.plan(now, wanted, False) == exact
    assert limit_pair.plan(now, wanted, True) == at_least


@pytest.mark.parametrize("at_least", [False, True])
@pytest.mark.parametrize(
    ("now", "wanted", "words"),
    [
        ((4, 8), (16, None), "soft 16 is above the hard limit, which is 8: give hard as well"),
        ((4, 8), (UNLIMITED, None), "soft unlimited is above the hard limit, which is 8: give hard as well"),
        ((1, 2), (16, 8), "soft 16 is above hard 8, which the kernel refuses"),
    ],
)
def test_what_the_kernel_would_refuse_is_refused(now, wanted, words, at_least):
    with pytest.raises(Unfit) as caught:
        limit_pair.plan(now, wanted, at_least)
    assert words in str(caught.value)


def test_a_hard_limit_below_the_soft_one_is_refused_and_at_least_never_gets_there():
    with pytest.raises(Unfit, match="hard 2 is below the soft limit, which is 4: give soft as well"):
        limit_pair.plan((4, 8), (None, 2), False)
    assert limit_pair.plan((4, 8), (None, 2), True) == (4, 8)
