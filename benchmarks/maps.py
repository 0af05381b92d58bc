# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contents of maps: the rows of the table that run.py prints, and the processes that it measures.

usage: maps.py hold COUNT SHAPE | maps.py JOB MAP (raw, hex, typed, hex_file, typed_file, limit)
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve()
# bytes of key and value, members of a key, members of a value: (name, bytes of an integer)
SHAPES = {
    "4/8": (4, 8, None, [("packets", 4), ("bytes", 4)]),
    "20/112": (
        20,
        112,
        [("saddr", 4), ("daddr", 4), ("ports", 4), ("ifindex", 4), ("proto", 2), ("flags", 2)],
        [(f"counter_{number}", 8) for number in range(14)],
    ),
}
BATCH = 4096


# ---------------------------------------------------------------- what is measured


def _types(shape: str) -> tuple[bytes, int, int]:
    """Return BTF with the types of key and value, and their ids."""
    _key, _value, keys, values = SHAPES[shape]
    strings, types, count = b"\0", b"", 0
    integers = {}
    for size in (2, 4, 8):
        types += struct.pack("=IIII", len(strings), 1 << 24, size, size * 8)
        strings += b"u%d\0" % (size * 8)
        count += 1
        integers[size] = count
    made = []
    for members in (keys, values):
        if members is None:
            made.append(integers[4])
            continue
        body, offset = b"", 0
        for name, size in members:
            body += struct.pack("=III", len(strings), integers[size], offset * 8)
            strings += name.encode() + b"\0"
            offset += size
        types += struct.pack("=III", 0, 4 << 24 | len(members), offset) + body
        count += 1
        made.append(count)
    header = struct.pack("=HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(strings))
    return header + types + strings, made[0], made[1]


def hold(count: int, shape: str) -> None:
    """Make a hash with entries and BTF, say its id, and let go of it when standard input closes."""
    from module_utils._kernel import syscall
    from module_utils._uapi import commands, map_types

    def call(command, size, *fields):
        attr = syscall.new_buffer()
        for offset, code, value in fields:
            struct.pack_into("=" + code, attr, offset, value)
        return syscall.bpf(command, attr, size)

    def buffer(data):
        made = syscall.new_buffer(len(data))
        made[: len(data)] = data
        return made

    key_size, value_size = SHAPES[shape][:2]
    blob, key, value = _types(shape)
    data = buffer(blob)
    btf = call(commands.BPF_BTF_LOAD, 28, (0, "Q", syscall.address(data)), (16, "I", len(blob)))
    sizes = [(0, "I", map_types.HASH), (4, "I", key_size), (8, "I", value_size), (12, "I", count)]
    fields = [*sizes, (28, "16s", b"bench_map"), (48, "I", btf), (52, "I", key), (56, "I", value)]
    fd = call(commands.BPF_MAP_CREATE, 72, *fields)
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        keys = buffer(b"".join(struct.pack("=I", number).ljust(key_size, b"\5") for number in numbers))
        values = buffer(b"".join(struct.pack("=I", number * 7).ljust(value_size, b"\3") for number in numbers))
        pointers = (16, "Q", syscall.address(keys)), (24, "Q", syscall.address(values))
        call(commands.BPF_MAP_UPDATE_BATCH, 56, *pointers, (32, "I", len(numbers)), (36, "I", fd))
    with open(f"/proc/self/fdinfo/{fd}", encoding="ascii") as text:
        number = next(line.split()[1] for line in text if line.startswith("map_id:"))
    os.write(1, number.encode() + b"\n")
    sys.stdin.read()


def job(name: str, number: int) -> None:
    """Read a map as a module does, without ansible; what it did goes to standard output."""
    from module_utils._objects import ids, map
    from module_utils._objects.map_data import Content

    with ids.open_id(ids.MAP, number) as fd:
        info = map.Reader(fdinfo=False).read(number, fd.number).info
        content = Content(fd.number, info)
        if name == "raw":
            print(sum(chunk.count for chunk in content.chunks()))
            return
        entries = _entries(name, info, content)
        if name == "limit":
            print(len(entries.records(next(content.chunks(want=100)))))
            return
        print(_write(content, entries) if name.endswith("_file") else _collect(content, entries))


def _entries(name: str, info, content):
    from module_utils._view import forms
    from module_utils._view.entry import Entries

    if name.startswith("typed"):
        from module_utils._btf.reader import Spec
        from module_utils._objects import btf

        typing = forms.Typing(Spec(btf.read_blob(info.btf_id)), info.btf_key_type_id, info.btf_value_type_id)
        wanted = forms.Wanted("btf", "btf")
    else:
        typing, wanted = forms.Typing(), forms.Wanted("hex", "hex")
    key, value = forms.key_form(info, typing, wanted), forms.value_form(info, typing, wanted)
    return Entries(content.shape, key, value)


def _collect(content, entries) -> int:
    records: list[dict] = []
    for chunk in content.chunks():
        records += entries.records(chunk)
    return len(records)


def _write(content, entries) -> int:
    total, count = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as target:
        for chunk in content.chunks():
            data = entries.lines(chunk).encode("ascii")
            total.update(data)
            target.write(data)
            count += chunk.count
    return count


# ---------------------------------------------------------------- measuring


@contextlib.contextmanager
def held(count: int, shape: str):
    """A map that exists while the block runs: its id."""
    command = [sys.executable, str(HERE), "hold", str(count), shape]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield holder.stdout.readline().strip()
    finally:
        holder.stdin.close()
        holder.wait()


def _command(name: str, number: str) -> list[str]:
    return [sys.executable, str(HERE), name, number]


def _peak(name: str, number: str, count: int) -> float:
    """Return the peak memory of a job in MiB."""
    pid = os.fork()
    if not pid:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execv(sys.executable, _command(name, number))
    _pid, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{name} of {count} entries failed")
    return usage.ru_maxrss / 1024


#: shape -> job -> budget in parts of bpftool's time
BUDGETS = {
    "4/8": {"raw": 0.25, "hex": 0.4, "typed": 1.0, "typed_file": 1.5},
    "20/112": {"raw": 0.25, "hex": 0.4, "typed": 0.35, "typed_file": 0.7},
}
WORDS = {"raw": "fetched", "hex": "as hex", "typed": "as typed records", "typed_file": "typed, to a file"}


def rows(in_turn) -> list[tuple]:
    """Return the rows about contents; ``in_turn`` is that of run.py."""
    found = []
    for shape, budgets in BUDGETS.items():
        with held(100000, shape) as number:
            commands = {name: _command(name, number) for name in budgets}
            commands["bpftool"] = ["bpftool", "map", "dump", "id", number, "--json"]
            rounds = in_turn(commands)
            for name, budget in budgets.items():
                ratio = statistics.median(one[name][0] / one["bpftool"][0] for one in rounds)
                what = f"100,000 entries of {shape} bytes {WORDS[name]} / bpftool map dump --json"
                found.append((what, ratio, budget, "x"))
    with held(1000000, "20/112") as number:
        found.append(("1,000,000 entries to a file as hex, peak", _peak("hex_file", number, 10**6), 64, "MiB"))
        found.append(("1,000,000 entries to a file typed, peak", _peak("typed_file", number, 10**6), 96, "MiB"))
    return found


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent.parent / "plugins"))
    if sys.argv[1] == "hold":
        hold(int(sys.argv[2]), sys.argv[3])
    else:
        job(sys.argv[1], int(sys.argv[2]))
