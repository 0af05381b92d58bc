# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.kmsg import Line
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.jit_log import Log

# The image of the BPF guide.
GUIDE = """\
[ 3389.935842] flen=6 proglen=70 pass=3 image=ffffffffa0069c8f from=tcpdump pid=20583
[ 3389.935847] JIT code: 00000000: 55 48 89 e5 48 83 ec 60 48 89 5d f8 44 8b 4f 68
[ 3389.935849] JIT code: 00000010: 44 2b 4f 6c 4c 8b 87 d8 00 00 00 be 0c 00 00 00
[ 3389.935850] JIT code: 00000020: e8 1d 94 ff e0 3d 00 08 00 00 75 16 be 17 00 00
[ 3389.935851] JIT code: 00000030: 00 e8 28 94 ff e0 83 f8 01 75 07 b8 ff ff 00 00
[ 3389.935852] JIT code: 00000040: eb 02 31 c0 c9 c3
"""
CODE = bytes.fromhex(
    "554889e54883ec6048895df8448b4f68442b4f6c4c8b87d8000000be0c000000e81d94ffe03d000800007516be170000"
    "00e82894ffe083f8017507b8ffff0000eb0231c0c9c3"
)


def image(code=CODE, pid=20583, comm="tcpdump", flen=6, number=3):
    """Return the lines of an image."""
    head = f"flen={flen} proglen={len(code)} pass={number} image=ffffffffa0069c8f from={comm} pid={pid}"
    starts = range(0, len(code), 16)
    return [head, *(f"JIT code: {at:08x}: " + " ".join(f"{byte:02x}" for byte in code[at : at + 16]) for at in starts)]


def read(lines, last=None, caller=None):
    if isinstance(lines, str):
        lines = lines.splitlines()
    log = Log(last)
    log.read(
        Line(number, None, caller, line if line is None else line.encode("utf-8", "surrogateescape"))
        for number, line in enumerate(lines, 1)
    )
    return log


def test_the_image_of_the_guide():
    log = read(GUIDE)
    (found,) = log.images
    assert bytes(found.code) == CODE and len(CODE) == 70
    assert (found.flen, found.proglen, found.pass_number, found.image) == (6, 70, 3, "ffffffffa0069c8f")
    assert (found.comm, found.pid, found.line, found.time, found.complete) == ("tcpdump", 20583, 1, 3389.935842, True)
    assert (log.problems, log.problem_count) == ([], 0)


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "[ 3389.935842] ",
        "[ 3389.935842] [  T20583] ",
        "[Sun Nov 22 12:00:00 2026] ",
        "kern  :err   : [ 3389.935842] ",
        "<3>[ 3389.935842] ",
        "Nov 22 12:00:00 web1 kernel: ",
        "2026-11-22T12:00:00+01:00 web1 kernel: [ 3389.935842] ",
        "bpf_jit: ",
    ],
)
@pytest.mark.parametrize("end", ["", "\r", " "])
def test_prefixes_of_all_kinds(prefix, end):
    log = read([prefix + line + end for line in image()])
    assert [bytes(found.code) for found in log.images] == [CODE] and log.problems == []
    assert log.images[0].time == (3389.935842 if "3389" in prefix else None)


def test_several_images_and_passes():
    other = bytes(range(48))
    log = read([*image(number=1), "eth0: link up", *image(number=2), *image(other, pid=7, comm="a b pid=1 x")])
    assert [(bytes(found.code), found.pass_number, found.line) for found in log.images] == [
        (CODE, 1, 1), (CODE, 2, 8), (other, 3, 14),
    ]  # fmt: skip
    assert log.images[2].comm == "a b pid=1 x" and log.problems == []


def test_the_last_ones():
    log = read([*image(pid=1), *image(pid=2), *image(pid=3)], last=2)
    assert [found.pid for found in log.images] == [2, 3]


def test_an_image_without_code():
    log = read(["flen=1 proglen=0 pass=1 image=00000000 from=a pid=1"])
    assert log.images[0].complete and log.problems == []


def test_images_of_two_cpus_are_told_apart_where_offsets_do_it():
    first, second = image(pid=1), image(bytes(range(100)), pid=2)
    mixed = [first[0], first[1], second[0], *first[2:4], second[1], first[4], second[2], first[5], *second[3:]]
    log = read(mixed)
    assert [bytes(found.code) for found in log.images] == [CODE, bytes(range(100))] and log.problems == []


def test_lines_that_fit_two_images_belong_to_none():
    first, second = image(pid=1), image(bytes(range(100)), pid=2)
    log = read([first[0], second[0], *first[1:], *second[1:]])
    assert [(found.complete, bytes(found.code)) for found in log.images] == [(False, b""), (False, b"")]
    assert {reason.partition(" (")[0] for _line, reason in log.problems} == {
        "lines of several images are mixed, and nothing tells whose this one is"
    }


def test_the_caller_tells_images_apart():
    first, second = image(pid=1), image(bytes(range(100)), pid=2)
    lines = (
        ["[    1.000000] [    T1] " + line for line in first],
        ["[    1.000000] [    C2] " + line for line in second],
    )
    log = read([line for pair in zip(*lines) for line in pair] + lines[1][len(first) :])
    assert [bytes(found.code) for found in log.images] == [CODE, bytes(range(100))] and log.problems == []


@pytest.mark.parametrize(
    ("lines", "length", "problem"),
    [
        # wrapped at a margin
        (
            [*image()[:2], image()[2][:41], image()[2][41:], *image()[3:]], 16,
            (3, "7 bytes where 16 must be: the line is cut or wrapped (image of line 1)"),
        ),
        (
            [*image()[:5], image()[5][:-3]], 64,
            (6, "5 bytes where 6 must be: the line is cut or wrapped (image of line 1)"),
        ),
        # lost, or damaged
        ([*image()[:2], *image()[4:]], 16, (3, "the bytes from 16 to 47 are missing (image of line 1)")),
        (image()[:4], 48, (1, "the image ends after 48 of 70 bytes")),
        (
            [*image()[:2], image()[2].replace("44", "4g"), *image()[3:]], 16,
            (3, "the line is damaged: it must have an offset and up to 16 bytes in hexadecimal (image of line 1)"),
        ),
        (
            [*image()[:2], image()[2] + " 00", *image()[3:]], 16,
            (3, "the line is damaged: it must have an offset and up to 16 bytes in hexadecimal (image of line 1)"),
        ),
    ],
)  # fmt: skip
def test_damage_is_told_once_and_ends_the_code(lines, length, problem):
    log = read(lines)
    assert log.problems == [problem]
    assert [(found.complete, bytes(found.code)) for found in log.images] == [(False, CODE[:length])]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (image()[1:2], (1, "code without the first line of its image")),
        (["JIT code: 0000"], (1, "the line is damaged: it must have an offset and up to 16 bytes in hexadecimal")),
        (["flen=6 proglen=7"], (1, "a first line of an image is damaged: it is cut or wrapped")),
        ([None], (1, "records of the log were overwritten before they could be read")),
    ],
)
def test_lines_that_belong_to_no_image(lines, problem):
    log = read(lines)
    assert (log.images, log.problems) == ([], [problem])


def test_a_first_line_that_is_wrapped_is_used_as_far_as_it_goes():
    head, _space, rest = image()[0].partition(" from=")
    log = read([head, "from=" + rest, *image()[1:]])
    (found,) = log.images
    assert (bytes(found.code), found.comm, found.pid) == (CODE, None, None)
    assert log.problems == [(1, "from= and pid= are missing: the line is cut or wrapped")]


def test_the_same_task_does_not_write_two_images_at_once():
    log = read([*image()[:3], *image()])
    assert [(found.complete, len(found.code)) for found in log.images] == [(False, 32), (True, 70)]
    assert log.problems == [(1, "the image ends after 32 of 70 bytes")]


def test_a_line_that_is_missing_makes_open_images_doubtful():
    first, second = image(pid=1), image(bytes(range(100)), pid=2)
    # the second line of the first is lost, and its third is taken for that of the second image
    log = read([*first[:2], *second[:3], first[3], *second[3:], *first[4:]])
    assert [found.complete for found in log.images] == [False, False]


def test_an_image_that_waits_too_long_spoils_no_other():
    lines = ["[    1.000000] " + line for line in image(pid=1)[:-1]] + [
        "[    2.500000] " + line for line in image(pid=2)
    ]
    log = read(lines)
    assert [found.complete for found in log.images] == [False, True]
    assert log.problems == [(1, "the image ends after 64 of 70 bytes")]
    # without times nothing tells whose the last line is
    assert [found.complete for found in read([line[15:] for line in lines]).images] == [False, False]


def test_problems_are_counted_and_the_first_are_kept():
    log = read(["JIT code: 0000"] * 300)
    assert (len(log.problems), log.problem_count) == (100, 300)


def test_numbers_without_end_are_no_image():
    log = read([f"flen={'9' * 5000} proglen=1 pass=1 image=0 from=a pid=1"])
    assert log.images == [] and log.problem_count == 1


@given(st.lists(st.sampled_from([*image(), *image(bytes(range(40)), pid=9), "x"]) | st.text(max_size=30), max_size=30))
def test_no_log_is_too_strange(lines):
    log = read([line.encode("utf-8", "replace").decode() for line in lines])
    for found in log.images:
        assert len(found.code) <= found.proglen
        assert found.complete == (len(found.code) == found.proglen and not found.broken)


@given(st.binary(min_size=1, max_size=200), st.integers(0, 14))
def test_what_is_complete_is_what_was_written(code, lost):
    lines = image(code)
    log = read([line for number, line in enumerate(lines) if number != lost])
    for found in log.images:
        assert code.startswith(bytes(found.code))
        assert found.complete == (lost >= len(lines))


def test_many_open_images_take_no_more_time_than_few():
    start = time.process_time()
    lines = []
    for pid in range(20000):
        lines += image(pid=pid)[:2]
    log = read(lines)
    assert len(log.images) == 20000
    assert time.process_time() - start < 10
