# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError


def test_is_a_plain_exception_whose_text_is_the_sentence() -> None:
    assert str(FleetError("no such folder")) == "no such folder"
    assert not issubclass(FleetError, OSError)
