# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error numbers that Python lacks."""

from __future__ import annotations

import errno

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import errnos


def test_python_does_not_know_them_already():
    assert [number for number in errnos.NAMES if number in errno.errorcode] == []


def test_numbers_and_names_belong_together():
    assert {vars(errnos)[name]: name for name in errnos.NAMES.values()} == errnos.NAMES == {524: "ENOTSUPP"}


def test_python_knows_the_answer_to_a_wrong_descriptor():
    assert errno.EBADFD != errno.EBADF
