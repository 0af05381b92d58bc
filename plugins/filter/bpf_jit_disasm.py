# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ..plugin_utils._errors import FleetError
from ..plugin_utils._native.stored import choose, machine_code
from ..plugin_utils._types import data
from ..plugin_utils.plain import plain


def bpf_jit_disasm(
    code,
    machine="x86_64",
    format="text",
    opcodes=False,
    address=None,
    functions=None,
    byte_order=None,
    encoding="hex",
):
    try:
        content = data(code if isinstance(code, (bytes, bytearray)) else plain(code), plain(encoding))
        found, several = machine_code(content, plain(machine), plain(address), plain(byte_order), plain(functions))
        if choose(plain(format), ("text", "records")) == "text":
            text = found.text(boolean(opcodes))
            # the title of a function that nobody has named
            return text if several else text.partition("\n")[2]
        records = found.records(boolean(opcodes))
        return records if several else [{key: record[key] for key in record if key != "function"} for record in records]
    except (FleetError, ValueError, TypeError) as error:
        raise AnsibleFilterError(f"bpf_jit_disasm: {error}") from error


class FilterModule:
    def filters(self):
        return {"bpf_jit_disasm": bpf_jit_disasm}
