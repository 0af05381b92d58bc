# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.probe import NO, UNKNOWN, YES, Probe


class Attempt:
    """Fails with each errno in turn, 0 succeeds."""

    def __init__(self, *errnos):
        self.errnos = list(errnos)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        number = self.errnos.pop(0)
        if number:
            raise kernel_error("BPF_LINK_GET_NEXT_ID", number)


def test_what_works_is_there():
    answer = Probe("links", "5.8", Attempt(0))()
    assert (answer.outcome, answer.why) == (YES, "")


@pytest.mark.parametrize("number", [errno.EINVAL, errno.E2BIG, errno.ENOSYS, errno.EOPNOTSUPP, 524])
def test_what_the_kernel_does_not_know_is_not_there(number):
    answer = Probe("listing links", "5.8", Attempt(number))()
    assert answer.outcome == NO
    assert "listing links" in answer.why
    assert "5.8" in answer.why


@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES, errno.ENOMEM, errno.EMFILE, errno.EBADFD])
def test_who_may_not_ask_cannot_tell(number):
    answer = Probe("links", "5.8", Attempt(number))()
    assert answer.outcome == UNKNOWN
    assert errno.errorcode[number] in answer.why


def test_the_expected_refusal_is_a_yes():
    assert Probe("freeze", "5.2", Attempt(errno.EINVAL), expected=(errno.EINVAL,))().outcome == YES
    assert Probe("freeze", "5.2", Attempt(errno.ENOSYS), expected=(errno.EINVAL,))().outcome == NO


@pytest.mark.parametrize("number", [0, errno.EINVAL])
def test_a_conclusive_answer_is_remembered(number):
    attempt = Attempt(number, errno.EPERM)
    probe = Probe("links", "5.8", attempt)
    assert probe() is probe()
    assert attempt.calls == 1


def test_could_not_tell_is_asked_again():
    attempt = Attempt(errno.EPERM, 0)
    probe = Probe("links", "5.8", attempt)
    assert [probe().outcome, probe().outcome] == [UNKNOWN, YES]
    assert attempt.calls == 2


def test_what_is_no_answer_of_the_kernel_is_not_swallowed():
    def attempt():
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        Probe("links", "5.8", attempt)()
