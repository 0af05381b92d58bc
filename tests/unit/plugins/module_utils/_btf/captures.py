# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The captured blobs of tests/unit/fixtures/btf, and the same anew from types.bpf.c.

Run as a script it captures them: needs clang with the BPF target, and bpftool.
"""

from __future__ import annotations

import json
import pathlib
import shutil
import struct
import subprocess
import sys

FIXTURES = pathlib.Path(__file__).parents[3] / "fixtures" / "btf"
SOURCE = FIXTURES / "types.bpf.c"
TOOLS = ("clang", "bpftool")


def missing_tools():
    return [tool for tool in TOOLS if shutil.which(tool) is None]


def captured(name):
    """Return the bytes of one fixture, "little.btf" for example."""
    return (FIXTURES / name).read_bytes()


def golden(name):
    """Return what bpftool printed for a fixture: {id: type}."""
    return by_id(captured(name))


def by_id(dump):
    return {entry["id"]: entry for entry in json.loads(dump)["types"]}


def bpftool_dump(path):
    """Return bpftool's JSON for a BTF blob in a file."""
    command = ["bpftool", "-j", "btf", "dump", "file", str(path)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def sections(image):
    """Return {name: content} of a 64-bit ELF file."""
    mark = "<" if image[5] == 1 else ">"
    table, count, names = (
        *struct.unpack_from(mark + "Q", image, 40),
        *struct.unpack_from(mark + "HH", image, 60),
    )
    headers = [struct.unpack_from(mark + "IIQQQQ", image, table + 64 * number) for number in range(count)]
    strings = headers[names][4]
    found = {}
    for name, _type, _flags, _address, offset, size in headers:
        end = image.index(b"\0", strings + name)
        found[image[strings + name : end].decode()] = image[offset : offset + size]
    return found


def build(folder):
    """Compile the C file for both byte orders; return {"little.btf": ..., "little.sample": ..., ...}.

    Only the linker of bpftool, which knows no foreign byte order, fills in where variables are in their section.
    """
    made = {}
    for order, target in (("little", "bpfel"), ("big", "bpfeb")):
        path = folder / (order + ".o")
        # Else the strings name the folder of whoever compiled.
        anywhere = f"-fdebug-prefix-map={FIXTURES}=."
        compiler = ["clang", "-target", target, "-O2", "-g", anywhere, "-c", SOURCE.name, "-o", str(path)]
        subprocess.run(compiler, check=True, cwd=str(FIXTURES))
        if order == sys.byteorder:
            linked = folder / "linked.o"
            subprocess.run(["bpftool", "gen", "object", str(linked), str(path)], check=True)
            path = linked
            made[order + ".rodata"] = sections(linked.read_bytes())[".rodata"]
        content = sections(path.read_bytes())
        made[order + ".btf"] = content[".BTF"]
        made[order + ".sample"] = content[".data.sample"]
        blob = folder / (order + ".btf")
        blob.write_bytes(content[".BTF"])
        made[order + ".json"] = bpftool_dump(blob)
    return made


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name, content in build(pathlib.Path(folder)).items():
            (FIXTURES / name).write_bytes(content)
