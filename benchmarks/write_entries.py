# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes into a map as the module does, without ansible: what map_writes.py measures. It imports nothing for itself.

usage: write_entries.py JOB MAP [FILE] (write, converge, drift, file, spoil)
"""

from __future__ import annotations

import struct
import sys

COUNT = 100000
DRIFT = COUNT // 100


def pairs(key_size: int, value_size: int) -> dict[bytes, bytes]:
    """Return what `maps.hold` puts into a map."""
    numbers = [struct.pack("=I", number) for number in range(COUNT)]
    values = [struct.pack("=I", number * 7).ljust(value_size, b"\3") for number in range(COUNT)]
    return dict(zip([number.ljust(key_size, b"\5") for number in numbers], values, strict=True))


def job(name: str, number: int, path: str = "") -> None:
    """Write as the module does, without ansible; the number of its write calls goes to standard output."""
    from module_utils._kernel import syscall
    from module_utils._objects import ids, map, map_write
    from module_utils._objects.map_data import Content

    made, bpf = [], syscall.bpf
    syscall.bpf = lambda cmd, attr, size: (made.append(cmd), bpf(cmd, attr, size))[1]
    with ids.open_id(ids.MAP, number) as fd, map_write.open_id(number) as target:
        info = map.Reader(fdinfo=False).read(number, fd.number).info
        content = Content(fd.number, info)
        writer = map_write.Writer(target.number, content.shape)
        if name == "write":
            wanted = pairs(info.key_size, info.value_size)
            writer.update(list(wanted), list(wanted.values()))
        elif name == "spoil":
            keys = list(pairs(info.key_size, info.value_size))[:: COUNT // DRIFT]
            writer.update(keys, [b"\1" * info.value_size] * len(keys))
        else:
            wanted = _from_file(path, content, info) if path else _packed(content, info)
            _converge(content, info, wanted, writer)
    print(sum(cmd in (2, 3, 26, 27) for cmd in made))


def _entries(content, info):
    from module_utils._view import forms
    from module_utils._view.entry import Entries

    wanted = forms.Wanted("hex", "hex")
    form = [one(info, forms.Typing(), wanted) for one in (forms.key_form, forms.value_form)]
    return Entries(content.shape, *form)


def _packed(content, info):
    from module_utils._view.entry_wanted import Terms, Wanted

    wanted = Wanted(_entries(content, info), info, Terms())
    wanted.values = pairs(info.key_size, info.value_size)
    return wanted


def _from_file(path: str, content, info):
    from module_utils._module import entry_source
    from module_utils._view.entry_wanted import Terms, Wanted

    wanted = Wanted(_entries(content, info), info, Terms())
    for records, name in entry_source.read({"entries": None, "src": path}, wanted.add_lines):
        wanted.add(records, name)
    return wanted


def _converge(content, info, wanted, writer) -> None:
    from module_utils._view.entry_plan import Terms, plan
    from module_utils._view.form import cut

    present: dict[bytes, bytes] = {}
    for chunk in content.chunks():
        present.update(zip(cut(chunk.keys, content.shape.key), cut(chunk.values, content.shape.stride), strict=True))
    made = plan(present, wanted, Terms(room=info.max_entries))
    writer.update(list(made.values), list(made.values.values()))


if __name__ == "__main__":
    sys.path.insert(0, sys.path[0] + "/../plugins")
    job(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
