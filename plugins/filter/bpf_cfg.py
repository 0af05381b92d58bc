# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ..plugin_utils._errors import FleetError
from ..plugin_utils._native.draw import PICTURES, draw
from ..plugin_utils._native.stored import choose, graph
from ..plugin_utils._types import data
from ..plugin_utils.plain import plain


def bpf_cfg(code, format="dot", opcodes=False, title="program", byte_order="little", encoding="hex"):
    try:
        wanted = choose(plain(format), ("dot", *PICTURES))
        found = code if isinstance(code, (bytes, bytearray)) else plain(code)
        if isinstance(found, str) and found.lstrip().startswith("digraph "):
            text = found  # what bpf_prog_code_info has made a graph of already
        else:
            content = data(found, plain(encoding))
            text = graph(content, plain(byte_order), boolean(opcodes), str(plain(title)))
        if wanted == "dot":
            return text
        picture = draw(text, wanted)
        return picture.decode("utf-8") if wanted == "svg" else base64.b64encode(picture).decode("ascii")
    except (FleetError, ValueError, TypeError) as error:
        raise AnsibleFilterError(f"bpf_cfg: {error}") from error


class FilterModule:
    def filters(self):
        return {"bpf_cfg": bpf_cfg}
