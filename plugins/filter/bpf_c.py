# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ..module_utils._btf import cdump
from ..module_utils._btf.errors import BtfError
from ..plugin_utils._errors import FleetError
from ..plugin_utils._types import spec
from ..plugin_utils.plain import plain


def bpf_c(btf, types=None, byte_order="little", base=None):
    try:
        wanted = plain(types)
        names = [wanted] if isinstance(wanted, str) else wanted
        return cdump.text(spec(plain(btf), plain(byte_order), plain(base)), names)
    except (FleetError, BtfError) as error:
        raise AnsibleFilterError(f"bpf_c: {error}") from error


class FilterModule:
    def filters(self):
        return {"bpf_c": bpf_c}
