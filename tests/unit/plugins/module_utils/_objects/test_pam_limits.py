# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import pam_limits
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.limit_pair import UNLIMITED, Unfit

FOREIGN = b"# words\nalice soft nofile 4\n*\thard\tmemlock\t8\n@bpf - memlock unlimited # no end\n"


@pytest.fixture
def security(tmp_path, monkeypatch):
    monkeypatch.setattr(pam_limits, "DIRECTORY", str(tmp_path / "security"))
    (tmp_path / "security/limits.d").mkdir(parents=True)
    return tmp_path / "security"


def get(content, user):
    return pam_limits.merge(pam_limits.parse(content, "f"), user)


@pytest.mark.parametrize(
    ("content", "pair"),
    [
        (None, (None, None)),
        (b"a soft memlock 64\n", (65536, None)),
        (b"a hard memlock 64", (None, 65536)),
        (b"a - memlock unlimited\n", (UNLIMITED, UNLIMITED)),
        (b" a\tSOFT\tMemLock  infinity  \na hard memlock -1 # all\n", (UNLIMITED, UNLIMITED)),
        (b"a - memlock 4\na soft memlock 2\n", (2048, 4096)),
        (b"a soft memlock 1\na soft memlock 2\n", (2048, None)),
        (b"#a soft memlock 1\nb soft memlock 1\na soft nofile 1\na soft memlock\na both memlock 1\n", (None, None)),
        (b"a soft memlock many\n", (None, None)),
        (b"a -\n", (None, None)),
    ],
)
def test_what_a_user_is_given(content, pair):
    assert get(content, "a") == pair


@pytest.mark.parametrize(
    ("before", "pair", "after"),
    [
        (None, (4096, None), pam_limits.HEADING + b"a\tsoft\tmemlock\t4\n"),
        (None, (4096, UNLIMITED), pam_limits.HEADING + b"a\tsoft\tmemlock\t4\na\thard\tmemlock\tunlimited\n"),
        (FOREIGN, (0, None), FOREIGN + b"a\tsoft\tmemlock\t0\n"),
        (b"b soft nofile 1", (0, None), b"b soft nofile 1\na\tsoft\tmemlock\t0\n"),
        # in the place of the first, and the others go
        (
            b"a - memlock 1\n# x\na soft memlock 9\n# y\n",
            (1024, 2048),
            b"a\tsoft\tmemlock\t1\na\thard\tmemlock\t2\n# x\n# y\n",
        ),
        (b"a soft memlock 1\na soft memlock 4\n", (4096, None), b"a\tsoft\tmemlock\t4\n"),
        # another way to say it is no reason to write
        (b"a - memlock -1\n", (UNLIMITED, UNLIMITED), b"a - memlock -1\n"),
        (b"\xff soft memlock 1\n", (1024, None), b"\xff soft memlock 1\na\tsoft\tmemlock\t1\n"),
    ],
)
def test_lines_are_put_where_they_belong_and_stay(before, pair, after):
    assert pam_limits.put(before, "a", pair) == after
    assert pam_limits.put(after, "a", pair) is after
    assert get(after, "a") == pair


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, None),
        (pam_limits.HEADING + b"a\tsoft\tmemlock\t4\n", None),
        (b"a - memlock 4", None),
        (FOREIGN + b"a soft memlock 1\n", FOREIGN),
        (FOREIGN, FOREIGN),
        (b"# words\na soft memlock 1\n", b"# words\n"),
        (b"a soft memlock many\n", b"a soft memlock many\n"),
    ],
)
def test_lines_are_taken_away_and_an_empty_file_goes(before, after):
    assert pam_limits.put(before, "a", (None, None)) == after
    assert pam_limits.put(after, "a", (None, None)) == after


def test_no_whole_number_of_kib_is_refused():
    with pytest.raises(Unfit, match=r"1000 bytes are no whole number of KiB.* multiple of 1024"):
        pam_limits.put(None, "a", (1000, None))


def test_files_are_read_in_the_order_of_the_locale_c(security):
    for name in ("limits.conf", "limits.d/b.conf", "limits.d/a.conf", "limits.d/B.conf", "limits.d/c.txt"):
        (security / name).write_bytes(b"")
    names = ["limits.conf", "limits.d/B.conf", "limits.d/a.conf", "limits.d/b.conf"]
    assert pam_limits.files() == [str(security / name) for name in names]
    new = str(security / "limits.d/aa.conf")
    assert pam_limits.files(new)[3] == new
    assert pam_limits.files(str(security / "limits.conf")) == pam_limits.files()


def test_a_host_without_them(security):
    (security / "limits.d").rmdir()
    assert pam_limits.exist() and pam_limits.files() == []
    assert pam_limits.files(pam_limits.default_file()) == [pam_limits.default_file()]
    security.rmdir()
    assert not pam_limits.exist()


def test_a_folder_that_cannot_be_listed_is_an_error(security, monkeypatch):
    def listdir(path):
        raise PermissionError(errno.EACCES, "no", path)

    monkeypatch.setattr(os, "listdir", listdir)
    with pytest.raises(Denied) as caught:
        pam_limits.files()
    assert caught.value.call == f"list {security}/limits.d"


@pytest.mark.parametrize("name", ["limits.conf", "limits.d/x.conf"])
def test_files_that_are_read(security, name):
    pam_limits.check_file(str(security / name))


@pytest.mark.parametrize("name", ["limits.d/x", "x.conf", "limits.d/sub/x.conf"])
def test_files_that_are_not_read(security, name):
    with pytest.raises(Unfit, match="pam_limits does not read"):
        pam_limits.check_file(str(security / name))


@pytest.mark.parametrize("user", ["a", "@group", "*", "%group", "1000:2000", "dom\\a"])
def test_users(user):
    pam_limits.check_user(user)


@pytest.mark.parametrize("user", ["", "a b", "a\tb", "#a", "a\nb soft memlock 1"])
def test_what_is_no_user(user):
    with pytest.raises(Unfit, match="give a name, @group or"):
        pam_limits.check_user(user)


def test_properties_of_the_texts():
    pytest.importorskip("hypothesis", reason="hypothesis is not installed")
    from hypothesis import given
    from hypothesis import strategies as st

    words = st.lists(st.sampled_from([b"a", b"b", b"soft", b"hard", b"-", b"memlock", b"4", b"#", b"\n", b"\t", b"-1"]))
    values = st.sampled_from([None, 0, 4096, UNLIMITED])

    @given(words, values, values)
    def check(parts, soft, hard):
        before = b" ".join(parts)
        after = pam_limits.put(before, "a", (soft, hard))
        assert get(after, "a") == (soft, hard)
        assert pam_limits.put(after, "a", (soft, hard)) == after
        # nobody else is touched
        assert get(after, "b") == get(before, "b")
        kept = [line for line in before.split(b"\n") if line.strip() and get(line, "a") == (None, None)]
        assert [line for line in (after or b"").split(b"\n") if line in kept] == kept or after is None

    check()
