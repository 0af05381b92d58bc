# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ..plugin_utils._errors import FleetError
from ..plugin_utils._native.stored import instructions
from ..plugin_utils._types import data
from ..plugin_utils.plain import plain


def bpf_disasm(code, format="text", opcodes=False, byte_order="little", encoding="hex"):
    try:
        content = data(code if isinstance(code, (bytes, bytearray)) else plain(code), plain(encoding))
        return instructions(content, plain(byte_order), plain(format), boolean(opcodes))
    except (FleetError, ValueError, TypeError) as error:
        raise AnsibleFilterError(f"bpf_disasm: {error}") from error


class FilterModule:
    def filters(self):
        return {"bpf_disasm": bpf_disasm}
