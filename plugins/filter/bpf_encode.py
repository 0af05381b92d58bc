# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ..module_utils._btf.errors import BtfError
from ..plugin_utils._errors import FleetError
from ..plugin_utils._types import data, shown, typed
from ..plugin_utils.plain import plain

_UNLISTED = ("error", "zero", "keep")


def bpf_encode(
    value, type, btf=None, byte_order="little", encoding="hex", unlisted_fields="error", before=None, base=None
):
    try:
        if unlisted_fields not in _UNLISTED:
            raise FleetError(f"unlisted_fields is one of {', '.join(_UNLISTED)}, not {unlisted_fields!r}")
        codec = typed(plain(type), plain(btf), plain(byte_order), plain(base))
        old = None if before is None else data(plain(before), plain(encoding))
        if old is not None and len(old) != (codec.size or len(old)):
            raise FleetError(f"before has {len(old)} bytes, but the type has {codec.size}")
        return shown(codec.encode(plain(value), "value", plain(unlisted_fields), old), plain(encoding))
    except (FleetError, BtfError, TypeError) as error:
        raise AnsibleFilterError(f"bpf_encode: {error}") from error


class FilterModule:
    def filters(self):
        return {"bpf_encode": bpf_encode}
