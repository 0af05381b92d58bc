# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils._btf.errors import BtfError
from ..plugin_utils._errors import FleetError
from ..plugin_utils._types import data, typed
from ..plugin_utils.plain import plain


def bpf_decode(value, type, btf=None, byte_order="little", encoding="hex", many=False, base=None):
    try:
        codec = typed(plain(type), plain(btf), plain(byte_order), plain(base))
        content = data(value if isinstance(value, (bytes, bytearray)) else plain(value), plain(encoding))
        if boolean(many):
            return codec.decode.many(content)
        if codec.size is not None and len(content) != codec.size:
            raise FleetError(f"{len(content)} bytes, but the type has {codec.size}")
        return codec.decode(content)
    except (FleetError, BtfError, TypeError) as error:
        raise AnsibleFilterError(f"bpf_decode: {error}") from error


class FilterModule:
    def filters(self):
        return {"bpf_decode": bpf_decode}
