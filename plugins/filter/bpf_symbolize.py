# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ..plugin_utils._errors import FleetError
from ..plugin_utils._symbolize import Symbolizer
from ..plugin_utils.plain import plain


def bpf_symbolize(text, symbols):
    try:
        known, text = Symbolizer(plain(symbols)), plain(text)
        if not isinstance(text, str):
            raise FleetError(f"it takes a text, not {type(text).__name__}; quote addresses")
        return known.text(text)
    except (FleetError, TypeError) as error:
        raise AnsibleFilterError(f"bpf_symbolize: {error}") from error


class FilterModule:
    def filters(self):
        return {"bpf_symbolize": bpf_symbolize}
