# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.fd import Fd


def is_open(number):
    try:
        os.fstat(number)
    except OSError as error:
        assert error.errno == errno.EBADF
        return False
    return True


@pytest.fixture
def number():
    return os.open("/dev/null", os.O_RDONLY)


def test_leaving_the_block_closes(number):
    with Fd(number) as fd:
        assert fd.number == number
        assert is_open(number)
    assert not is_open(number)


def test_leaving_the_block_by_an_error_closes_and_does_not_swallow_it(number):
    with pytest.raises(ZeroDivisionError), Fd(number):
        raise ZeroDivisionError
    assert not is_open(number)


def test_closing_twice_leaves_the_next_owner_alone(number):
    fd = Fd(number)
    fd.close()
    again = os.open("/dev/null", os.O_RDONLY)
    assert again == number
    fd.close()
    assert is_open(again)
    os.close(again)
    assert fd.number == -1


def test_a_forgotten_descriptor_is_closed_with_its_owner(number):
    fd = Fd(number)
    del fd
    assert not is_open(number)


def test_a_number_that_is_none_is_never_closed():
    Fd(-1).close()
