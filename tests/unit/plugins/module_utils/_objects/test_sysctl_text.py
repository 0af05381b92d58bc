# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl_files, sysctl_text
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.sysctl import NAMES

KPTR = "kernel.kptr_restrict"
HARDEN = "net.core.bpf_jit_harden"
HEAD = sysctl_text.HEADER.decode()


def edit(text, **wanted):
    names = {"kptr": KPTR, "harden": HARDEN}
    after = sysctl_text.edit(None if text is None else text.encode(), {names[key]: wanted[key] for key in wanted})
    return None if after is None else after.decode()


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        # a new file
        (None, {"kptr": 1}, HEAD + "kernel.kptr_restrict = 1\n"),
        (None, {"kptr": 1, "harden": 2}, HEAD + "kernel.kptr_restrict = 1\nnet.core.bpf_jit_harden = 2\n"),
        (None, {"kptr": None}, None),
        ("", {"kptr": 1}, "kernel.kptr_restrict = 1\n"),
        # the value of a line changes and nothing else of it
        ("kernel.kptr_restrict=0\n", {"kptr": 1}, "kernel.kptr_restrict=1\n"),
        ("  kernel/kptr_restrict\t=  0  \n", {"kptr": 1}, "  kernel/kptr_restrict\t=  1  \n"),
        ("-kernel.kptr_restrict = 0", {"kptr": 1}, "-kernel.kptr_restrict = 1"),
        ("kernel.kptr_restrict = \n", {"kptr": 1}, "kernel.kptr_restrict = 1\n"),
        ("kernel.kptr_restrict = no\n", {"kptr": 1}, "kernel.kptr_restrict = 1\n"),
        ("kernel.kptr_restrict = 0 # why\n", {"kptr": 1}, "kernel.kptr_restrict = 1\n"),
        # the same value in other words stays
        ("kernel.kptr_restrict=0x1\n", {"kptr": 1}, "kernel.kptr_restrict=0x1\n"),
        ("kernel.kptr_restrict = 1 # why\n", {"kptr": 1}, "kernel.kptr_restrict = 1 # why\n"),
        # one assignment for each name, the last
        ("kernel.kptr_restrict=1\na=1\nkernel/kptr_restrict=2\n", {"kptr": 2}, "a=1\nkernel/kptr_restrict=2\n"),
        ("kernel.kptr_restrict=1\na=1\nkernel/kptr_restrict=2\n", {"kptr": 1}, "a=1\nkernel/kptr_restrict=1\n"),
        ("kernel.kptr_restrict=1\n-kernel.kptr_restrict\n", {"kptr": 1}, "kernel.kptr_restrict=1\n"),
        # at the end, behind a last line without an end too
        ("# a\n", {"kptr": 1}, "# a\nkernel.kptr_restrict = 1\n"),
        ("# a", {"kptr": 1}, "# a\nkernel.kptr_restrict = 1\n"),
        ("a=1\n\n", {"kptr": 1}, "a=1\n\nkernel.kptr_restrict = 1\n"),
        # other line ends
        ("a=1\r\nkernel.kptr_restrict=0\r\n", {"kptr": 1}, "a=1\r\nkernel.kptr_restrict=1\r\n"),
        ("a=1\r\n", {"kptr": 1}, "a=1\r\nkernel.kptr_restrict = 1\r\n"),
        ("a=1\r\nb=2", {"kptr": 1}, "a=1\r\nb=2\r\nkernel.kptr_restrict = 1\r\n"),
        # comments, wildcards and exclusions are not ours
        ("# kernel.kptr_restrict=1\n", {"kptr": None}, "# kernel.kptr_restrict=1\n"),
        ("kernel.*=1\n", {"kptr": None}, "kernel.*=1\n"),
        ("-kernel.kptr_restrict\n", {"kptr": None}, "-kernel.kptr_restrict\n"),
        ("kernel.*=1\n", {"kptr": 2}, "kernel.*=1\nkernel.kptr_restrict = 2\n"),
        # taking out
        ("a=1\nkernel.kptr_restrict=1\nb=2\n", {"kptr": None}, "a=1\nb=2\n"),
        ("kernel.kptr_restrict=1\nkernel.kptr_restrict=2\na=1", {"kptr": None}, "a=1"),
        ("# mine\nkernel.kptr_restrict=1\n", {"kptr": None}, "# mine\n"),
        ("a=1\nkernel.kptr_restrict=1", {"kptr": None}, "a=1\n"),
        ("kernel.kptr_restrict=", {"kptr": None, "harden": 1}, "net.core.bpf_jit_harden = 1\n"),
        ("kernel.kptr_restrict=1\nkernel.kptr_restrict=2", {"kptr": 2}, "kernel.kptr_restrict=2"),
        # a file that is left with nothing goes
        ("kernel.kptr_restrict=1\n", {"kptr": None}, None),
        (HEAD + "\nkernel.kptr_restrict=1\n", {"kptr": None}, None),
        (
            HEAD + "kernel.kptr_restrict=1\nnet.core.bpf_jit_harden=1\n",
            {"kptr": None},
            HEAD + "net.core.bpf_jit_harden=1\n",
        ),
        # one that had nothing before stays
        ("", {"kptr": None}, ""),
        (HEAD, {"kptr": None}, HEAD),
        # both at once
        ("kernel.kptr_restrict=1\n", {"kptr": None, "harden": 2}, "net.core.bpf_jit_harden = 2\n"),
    ],
)
def test_edits(before, wanted, after):
    assert edit(before, **wanted) == after


_LINES = st.sampled_from(
    [
        b"# kernel.kptr_restrict = 1",
        b"; x",
        b"",
        b"kernel.kptr_restrict = 1",
        b"kernel/kptr_restrict=2 ",
        b"-kernel.kptr_restrict=0",
        b"-kernel.kptr_restrict",
        b"kernel.*=1",
        b"net.core.bpf_jit_harden=\t2",
        b"net.core.somaxconn = 4096",
        b"broken",
        b"\xff\xfe=\x00",
    ]
)
_TEXTS = st.none() | st.builds(
    lambda lines, end, last: end.join(lines) + (end if last else b""),
    st.lists(_LINES, max_size=8),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)
_WANTED = st.dictionaries(st.sampled_from(NAMES), st.none() | st.integers(-1, 4), max_size=4)


@given(_TEXTS | st.binary(max_size=60), _WANTED)
def test_an_edit_of_an_edit_changes_nothing(text, wanted):
    once = sysctl_text.edit(text, wanted)
    assert sysctl_text.edit(once, wanted) == once


@given(_TEXTS, _WANTED)
def test_after_an_edit_the_file_says_what_was_wanted_once(text, wanted):
    after = sysctl_text.edit(text, wanted)
    lines = [line for line in sysctl_files.parse(after or b"", "f") if line.value is not None]
    for name, value in wanted.items():
        found = [line for line in lines if line.key == name.replace(".", "/")]
        assert len(found) == (value is not None)
        assert sysctl_text.assigned(after, name) == value


@given(_TEXTS, _WANTED)
def test_other_lines_stay_in_their_order(text, wanted):
    keys = {name.replace(".", "/") for name in wanted}

    def others(content):
        ours = {line.number for line in sysctl_files.parse(content or b"", "f") if line.key in keys}
        lines = [line for number, line in enumerate((content or b"").split(b"\n"), 1) if number not in ours]
        return [line.rstrip(b"\r") for line in lines if line.strip() and line + b"\n" != sysctl_text.HEADER]

    assert others(sysctl_text.edit(text, wanted)) == others(text)


def test_what_a_file_assigns():
    assert sysctl_text.assigned(None, KPTR) is None
    assert sysctl_text.assigned(b"kernel.*=1\n", KPTR) is None
    assert sysctl_text.assigned(b"kernel.kptr_restrict=1\n-kernel/kptr_restrict=0x2\n", KPTR) == 2


def test_lines_that_say_something_else_become_comments():
    text = b"kernel.kptr_restrict=1\r\nkernel/kptr_restrict = 2\n# x\nkernel.*=1\n-kernel.kptr_restrict\na=1"
    after = sysctl_text.comment_out(text, KPTR, 2)
    assert after == text.replace(b"kernel.kptr_restrict=1", b"# ebpf.fleet: kernel.kptr_restrict=1")
    assert sysctl_text.comment_out(after, KPTR, 2) == after


def test_an_override_tells_what_it_takes_the_place_of():
    after = sysctl_text.override(b"a=1\n", "/usr/lib/sysctl.d/50.conf")
    assert after.startswith(b"# Overrides /usr/lib/sysctl.d/50.conf: ") and after.endswith(b".\na=1\n")
