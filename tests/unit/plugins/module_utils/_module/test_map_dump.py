# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import struct

from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_dump import write
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_reading import Reading
from ansible_collections.ebpf.fleet.plugins.module_utils._module.one_map import open_id
from ansible_collections.ebpf.fleet.plugins.module_utils._module.stream_file import StreamFile
from ansible_collections.ebpf.fleet.plugins.module_utils._view.forms import Wanted


def test_every_chunk_is_written(kernel, tmp_path):
    entries = {struct.pack("=I", number): struct.pack("=Q", number) for number in range(9000)}
    kernel.add_map(5, entries=entries, max_entries=9000)
    with open_id(5) as opened, StreamFile(str(tmp_path / "dump"), False) as stream:
        lines = []
        stream.write = lines.append
        assert write(Reading(opened, Wanted("u32", "u64")), stream) == 9000
    assert len(lines) > 1
    told = [json.loads(line) for line in b"".join(lines).splitlines()]
    assert told == [{"key": number, "value": number} for number in range(9000)]
