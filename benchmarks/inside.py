# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Figures (CPU time) from inside one process, as one line of JSON.

usage: inside.py columns | descriptors | objects | kallsyms | imports ZIP | sysctl PLACE
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import pathlib
import sys
import time
import zipfile


def here() -> None:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "plugins"))


def columns() -> dict[str, float]:
    """Microseconds a program, with and without what fdinfo tells, and for finding and opening it alone."""
    here()
    from module_utils._kernel.procfs import boot_time_ns
    from module_utils._objects import ids, prog
    from module_utils._view.prog import View

    result = {}
    for name, fdinfo in (("with_fdinfo", True), ("without_fdinfo", False)):
        start = time.process_time()
        reader = prog.Reader(fdinfo)
        programs = list(ids.scan(ids.PROG, reader.read))
        view = View(reader.call.has, boot_time_ns())
        records = [view.record(program) for program in programs]
        result[name] = (time.process_time() - start) / len(records) * 1e6
    start = time.process_time()
    found = sum(1 for _number in ids.scan(ids.PROG, lambda number, _fd: number))
    result["opened"] = (time.process_time() - start) / found * 1e6
    return result


def descriptors() -> dict[str, float]:
    """Milliseconds to list the descriptors of all processes and read where they lead, and nothing else."""
    start = time.process_time()
    for process in os.listdir("/proc"):
        with contextlib.suppress(OSError):  # a process that ended, or one that shows nothing
            folder = f"/proc/{int(process)}/fd/" if process.isdecimal() else "/proc/none/"
            for name in os.listdir(folder):
                os.readlink(folder + name)
    return {"descriptors": (time.process_time() - start) * 1e3}


def objects() -> dict[str, float]:
    """How many programs, maps and links this host has."""
    here()
    from module_utils._objects import ids

    return {"objects": sum(1 for kind in (ids.PROG, ids.MAP, ids.LINK) for _number in ids.walk(kind))}


def kallsyms() -> dict[str, float]:
    """Milliseconds to find the symbols that the memlock question and a handful of probes need."""
    here()
    from module_utils._kernel import kallsyms as door

    start = time.process_time()
    table = door.read()
    found = door.find_names(("bpf_map_charge_init", "bpf_map_area_alloc", "__sys_bpf"), table)
    door.find_addresses([address for address in found.values() if address], table)
    return {"kallsyms": (time.process_time() - start) * 1e3}


# what plugins/modules/bpf_audit.py imports, and what its run begins with
ENTRY, DOCUMENT = "_module.audit", "_module.document"


def imports(archive: str) -> dict[str, float]:
    """What it takes, in parts of ansible's basic.py, to import out of a packed module: what the module starts
    with, and all of our code in there, of which a run imports what is about objects that the host has."""
    with zipfile.ZipFile(archive) as packed:
        names = [name[:-3].replace("/", ".") for name in packed.namelist() if "/fleet/plugins/module_utils/_" in name]
    sys.path.insert(0, archive)
    start = time.process_time()
    import ansible.module_utils.basic

    middle = time.process_time()
    room = next(name for name in names if name.endswith(ENTRY)).removesuffix(ENTRY)
    entry = importlib.import_module(room + ENTRY)
    with entry.once.compiled():
        first = importlib.import_module(room + DOCUMENT)
        started = time.process_time()
        ours = [importlib.import_module(name) for name in sorted(names) if not name.endswith("__init__")]
    end = time.process_time()
    if not all(
        str(module.__file__).startswith(archive) for module in [ansible.module_utils.basic, entry, first, *ours]
    ):
        raise SystemExit("measured something else than the packed module")
    return {"started": (started - middle) / (middle - start), "all": (end - middle) / (middle - start)}


def many_lines(place: str) -> None:
    """Let the module find 120 lines about other settings in 12 files, as hosts in use have them."""
    from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl_files

    folder = pathlib.Path(place + ".sysctl.d")
    folder.mkdir(exist_ok=True)
    for number in range(12):
        lines = [f"net.ipv4.conf.bench{number}.key{line} = {line}\n" for line in range(10)]
        (folder / f"{number}.conf").write_text("".join(lines))
    sysctl_files.DIRECTORIES = (*sysctl_files.DIRECTORIES, str(folder))


def sysctl(place: str) -> dict[str, float]:
    """Milliseconds of bpf_sysctl above the import of ansible's basic.py, and the same in parts of that import.

    ``place`` is a packed module or a folder with its content. All eight settings are given the values that they have;
    the file that would keep them has to be planned, and check mode does not write it.
    """
    sys.path.insert(0, place)
    start = time.process_time()
    from ansible.module_utils import basic

    middle = time.process_time()
    module = importlib.import_module("ansible_collections.ebpf.fleet.plugins.modules.bpf_sysctl")
    imported = time.process_time()
    from ansible_collections.ebpf.fleet.plugins.module_utils._objects.sysctl import NAMES, path

    settings = {name: int(pathlib.Path(path(name)).read_text()) for name in NAMES}
    many_lines(place)
    arguments = {"settings": settings, "_ansible_check_mode": True, "accept_latch": True}
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    output = io.StringIO()
    begin = time.process_time()
    with contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        module.main()
    spent = imported - middle + time.process_time() - begin
    result = json.loads(output.getvalue())
    if result.get("failed") or len(result["sysctls"]) != len(NAMES) or not str(module.__file__).startswith(place):
        raise SystemExit(f"measured something else: {result.get('msg')}")
    return {"ms": spent * 1e3, "share": spent / (middle - start)}


if __name__ == "__main__":
    jobs = (columns, descriptors, objects, kallsyms, imports, sysctl)
    named = {job.__name__: job for job in jobs}
    print(json.dumps(named[sys.argv[1]](*sys.argv[2:])))
