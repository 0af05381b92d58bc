# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native.options import check


@pytest.mark.parametrize("format", ["dot", "svg", "png"])
def test_machine_code_is_not_drawn(format: str) -> None:
    with pytest.raises(FleetError, match=f"format: {format} shows the control flow"):
        check({"what": "jited", "format": format})
    check({"what": "xlated", "format": format})


@pytest.mark.parametrize("format", ["text", "records", "raw"])
def test_machine_code_is_listed(format: str) -> None:
    check({"what": "jited", "format": format})
