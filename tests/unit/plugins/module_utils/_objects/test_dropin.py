# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import dropin
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.limit_pair import UNLIMITED

KEY = "LimitMEMLOCK"
NEW = dropin.HEADING.encode() + b"[Service]\nLimitMEMLOCK=1\n"


def put(content, value, section="Service"):
    return dropin.put(content, section, KEY, value)


def get(content, section="Service"):
    return dropin.get(content, section, KEY)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (None, None),
        (b"", None),
        (b"[Service]\nLimitMEMLOCK=64M\n", "64M"),
        (b"[Service]\n LimitMEMLOCK = 64M:1G \n", "64M:1G"),
        (b"[Service]\nLimitMEMLOCK=1\nLimitMEMLOCK=2", "2"),
        # empty takes back what was before
        (b"[Service]\nLimitMEMLOCK=1\nLimitMEMLOCK=\n", None),
        (b"[Service]\nLimitMEMLOCK=1\n[Install]\n[Service]\nLimitMEMLOCK=3\n", "3"),
        (b"[Unit]\nLimitMEMLOCK=1\n", None),
        (b"LimitMEMLOCK=1\n", None),
        (b"[Service]\n#LimitMEMLOCK=1\n;LimitMEMLOCK=1\n", None),
        (b"[Service]\nLimitNOFILE=1\n", None),
        # part of the line before it
        (b"[Service]\nExecStart=a \\\nLimitMEMLOCK=1\n", None),
        (b"[Service]\nExecStart=a \\\n# no end \\\n  b\nLimitMEMLOCK=1\n", "1"),
        (b"[Service]\n# a comment has no next line \\\nLimitMEMLOCK=1\n", "1"),
        (b"[Service]\nLimitMEMLOCK= \\\n 7\n", "7"),
    ],
)
def test_what_systemd_would_read(content, value):
    assert get(content) == value


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, NEW),
        (b"", NEW),
        (b"[Service]\n", b"[Service]\nLimitMEMLOCK=1\n"),
        (b"[Service]\nUser=a", b"[Service]\nUser=a\nLimitMEMLOCK=1\n"),
        (
            b"# mine\n[Service]\nUser=a\n\n[Install]\nAlias=b\n",
            b"# mine\n[Service]\nUser=a\nLimitMEMLOCK=1\n\n[Install]\nAlias=b\n",
        ),
        (b"[Unit]\nAfter=a\n", b"[Unit]\nAfter=a\n\n[Service]\nLimitMEMLOCK=1\n"),
        (b"[Service]\nLimitMEMLOCK=2\nUser=a\n", b"[Service]\nLimitMEMLOCK=1\nUser=a\n"),
        (b"[Service]\nLimitMEMLOCK=2\n# x\nLimitMEMLOCK=3\n", b"[Service]\n# x\nLimitMEMLOCK=1\n"),
        # an assignment twice is one too many, also of the right value
        (b"[Service]\nLimitMEMLOCK=1\nLimitMEMLOCK=1\n", b"[Service]\nLimitMEMLOCK=1\n"),
        # nothing of ours may become part of what stands in front of it
        (b"[Service]\nExecStart=a \\", b"[Service]\nExecStart=a \\\n\nLimitMEMLOCK=1\n"),
        (b"[Unit]\nX=a \\\n", b"[Unit]\nX=a \\\n\n\n[Service]\nLimitMEMLOCK=1\n"),
        (b"[Service]\nUser=\xff\n", b"[Service]\nUser=\xff\nLimitMEMLOCK=1\n"),
    ],
)
def test_a_setting_is_put_where_it_belongs_and_stays(before, after):
    assert put(before, "1") == after
    assert put(after, "1") is after
    assert get(after) == "1"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, None),
        (NEW, None),
        (b"[Service]\nLimitMEMLOCK=1\n", None),
        (b"[Service]\nLimitMEMLOCK=1\nUser=a\n", b"[Service]\nUser=a\n"),
        (b"# somebody's words\n[Service]\nLimitMEMLOCK=1\n", b"# somebody's words\n[Service]\n"),
        (b"[Service]\nLimitMEMLOCK=1\nLimitMEMLOCK=2\n[Unit]\nAfter=a\n", b"[Service]\n[Unit]\nAfter=a\n"),
        # not ours to tidy up
        (b"[Service]\n", b"[Service]\n"),
        (b"", b""),
    ],
)
def test_a_setting_is_taken_away_and_an_empty_file_goes(before, after):
    assert put(before, None) == after
    assert get(after) is None


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("65536", (65536, 65536)),
        ("64K:1G", (65536, 1 << 30)),
        ("infinity", (UNLIMITED, UNLIMITED)),
        ("4:infinity", (4, UNLIMITED)),
        ("18446744073709551615", (UNLIMITED, UNLIMITED)),
        ("1P:2E", (1 << 50, 2 << 60)),
        (None, (None, None)),
        ("", (None, None)),
        ("lots", (None, None)),
        ("4:", (None, None)),
        ("50%", (None, None)),
    ],
)
def test_values_as_systemd_takes_them(text, pair):
    assert dropin.parse_pair(text) == pair


@pytest.mark.parametrize(
    ("pair", "text"),
    [((4, 4), "4"), ((4, 8), "4:8"), ((4, UNLIMITED), "4:infinity"), ((UNLIMITED, UNLIMITED), "infinity")],
)
def test_values_as_they_are_written(pair, text):
    assert dropin.pair_text(pair) == text
    assert dropin.parse_pair(text) == pair


def test_properties_of_the_texts():
    pytest.importorskip("hypothesis", reason="hypothesis is not installed")
    from hypothesis import given
    from hypothesis import strategies as st

    parts = st.sampled_from(
        ["[Service]", "[Unit]", "LimitMEMLOCK=1", "User=a", "#", ";", "\\", "\n", "=", " ", "[", "]"]
    )
    values = st.sampled_from([None, "1", "64M:infinity"])

    @given(st.lists(parts), values)
    def check(parts, value):
        before = "".join(parts).encode()
        after = put(before, value)
        assert get(after) == value
        assert put(after, value) == after
        for section, key in (("Unit", KEY), ("Unit", "User"), ("Service", "User")):
            assert dropin.get(after, section, key) == dropin.get(before, section, key)

    check()
