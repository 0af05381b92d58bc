# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads are only reads: the system calls of every read module, watched by strace."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import churn
import modules
import objects
import pytest
import syscalls

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_flags, map_types

#: Every read module with all that it can be asked for, and the commands without which it cannot have read anything.
MODULES = {
    "bpf_prog_info": (
        {"include": ["pinned", "pids", "metadata", "identity"]},
        {"BPF_PROG_GET_FD_BY_ID", "BPF_BTF_GET_FD_BY_ID", "BPF_MAP_LOOKUP_ELEM"},
    ),
    "bpf_prog_code_info": ({"linum": True, "opcodes": True}, {"BPF_PROG_GET_FD_BY_ID", "BPF_OBJ_GET_INFO_BY_FD"}),
    # it reads no object
    "bpf_jit_log_info": ({}, set()),
    "bpf_kallsyms_info": ({"addresses": ["ffffffffc0000000"]}, {"BPF_PROG_GET_FD_BY_ID", "BPF_OBJ_GET_INFO_BY_FD"}),
    "bpf_map_info": (
        {"include": ["pinned", "pids", "fill"]},
        {"BPF_MAP_GET_FD_BY_ID", "BPF_OBJ_GET", "BPF_MAP_LOOKUP_BATCH"},
    ),
    "bpf_link_info": ({"include": ["pinned", "pids"]}, {"BPF_LINK_GET_FD_BY_ID", "BPF_OBJ_GET"}),
    "bpf_btf_info": ({"include": ["pids"]}, {"BPF_BTF_GET_FD_BY_ID"}),
    "bpf_pin_info": ({}, {"BPF_OBJ_GET"}),
    # it looks into processes; objects are only read where they are charged
    "bpf_memlock_info": ({"scope": ["process", "user"]}, set()),
    "bpf_facts": ({"gather_subset": ["all"]}, {"BPF_PROG_GET_FD_BY_ID", "BPF_LINK_GET_FD_BY_ID"}),
    "bpf_audit": ({}, {"BPF_PROG_GET_FD_BY_ID", "BPF_MAP_GET_FD_BY_ID", "BPF_LINK_GET_FD_BY_ID"}),
}

_DOOR = """
import os, resource, struct, subprocess, sys
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import syscall
def bpf(cmd, *words):
    attr = syscall.new_buffer()
    struct.pack_into("=%dI" % len(words), attr, 0, *words)
    return syscall.bpf(cmd, attr, max(4 * len(words), 16))
def get(path, flags):
    name = syscall.new_buffer(4096)
    name.value = path.encode()
    attr = syscall.new_buffer()
    struct.pack_into("=QII", attr, 0, syscall.address(name), 0, flags)
    return syscall.bpf(7, attr, 16)
map_id, pin, allowed, outside = int(sys.argv[1]), *sys.argv[2:]
"""
_TRY = "\ntry:\n    {}\nexcept OSError:\n    pass\n"

#: What a careless change of the collection could do, and what the checker has to see of it.
PLANTED = {
    "makes a map": ("bpf(0, 2, 4, 4, 1)", "BPF_MAP_CREATE"),
    "updates a map": (_TRY.format("bpf(2, 999)"), "BPF_MAP_UPDATE_ELEM"),
    "deletes while it looks": (_TRY.format("bpf(21, 999)"), "BPF_MAP_LOOKUP_AND_DELETE_ELEM"),
    "reads the stream of a program": (_TRY.format("bpf(37, 0)"), "bpf("),
    "uses a command that nobody knows": (_TRY.format("bpf(999, 0)"), "bpf(0x3e7"),
    "turns statistics on": ("bpf(32, 0)", "BPF_ENABLE_STATS"),
    "opens a map for writing": ("bpf(14, map_id, 0, 0)", "BPF_MAP_GET_FD_BY_ID"),
    "opens a pinned map for writing": ("get(pin, 0)", "BPF_OBJ_GET"),
    "writes a file": ("open(outside, 'w')", "O_WRONLY"),
    "appends to a file": ("open(outside, 'a')", "O_APPEND"),
    "opens for both": ("os.open(allowed + '/../x', os.O_RDWR | os.O_CREAT)", "O_RDWR"),
    "tries to write": (_TRY.format("open('/proc/version', 'w')"), "/proc/version"),
    "renames": (_TRY.format("os.rename(outside, allowed + '/x')"), "rename"),
    "unlinks": (_TRY.format("os.unlink(outside)"), "unlink"),
    "makes a folder": ("os.mkdir(outside)", "mkdir"),
    "changes a mode": (_TRY.format("os.chmod(outside, 0o600)"), "chmod"),
    "raises its limit": ("resource.prlimit(0, resource.RLIMIT_CORE, (0, 0))", "RLIMIT_CORE"),
    "starts a program": ("subprocess.run([sys.executable, '-c', ''])", "execve"),
    "signals a process": ("os.kill(os.getpid(), 0)", "kill"),
    "lets a child do it": ("os.fork() or open(outside, 'w')\nos._exit(0)", "O_WRONLY"),
}
#: What a read does.
HARMLESS = {
    "asks for an id": "bpf(12, 0)",
    "opens a map read-only": "bpf(14, map_id, 0, 8)",
    "opens a pinned map read-only": "get(pin, 8)",
    "reads a file": "open('/proc/version').read()",
    "opens a directory": "os.listdir('/proc/self/fd')",
    "writes into its own folder": "open(allowed + '/O_RDONLY', 'w').write('x'); os.unlink(allowed + '/O_RDONLY')",
    "asks for a limit": "resource.prlimit(0, resource.RLIMIT_MEMLOCK)",
    "reads a file with an odd name": _TRY.format("open('/nowhere/O_WRONLY, O_CREAT')"),
}


@pytest.fixture
def watched(strace, tmp_path):
    """A folder for the traces, after a look whether processes may be traced here."""
    if not syscalls.works(strace, tmp_path):
        pytest.skip("strace cannot trace processes here")
    folder = tmp_path / "trace"
    folder.mkdir()
    return folder


@pytest.fixture
def host(request, handmade, bpffs):
    """Something of every kind to read, a pinned link and maps that may not be written among them."""
    if objects.BPFTOOL and objects.CLANG:
        request.getfixturevalue("compiled")
    with contextlib.ExitStack() as stack:
        shapes = {
            "frozen": objects.Map(map_types.ARRAY),
            "rdonly": objects.Map(map_types.ARRAY, flags=map_flags.F_RDONLY),
            "wronly": objects.Map(map_types.ARRAY, flags=map_flags.F_WRONLY),
        }
        for name, shape in shapes.items():
            fd = stack.enter_context(shape.create())
            objects.pin(fd, bpffs / name).chmod(0o400 if name != "frozen" else 0o444)
            if name == "frozen":
                objects.freeze(fd)
        iterator = churn.iterator()
        if iterator is not None:
            program = stack.enter_context(iterator.load())
            objects.pin(stack.enter_context(churn.link(program)), bpffs / "link")
        yield bpffs


@pytest.mark.parametrize("name", sorted(MODULES))
def test_read_modules_only_read(host, watched, strace, tmp_path, name):
    args, needed = MODULES[name]
    own = tmp_path / "own"
    own.mkdir()
    result = modules.run_module(name, args, prefix=syscalls.command(strace, watched), TMPDIR=str(own))
    assert result.get("changed", False) is False
    lines = syscalls.read(watched)
    assert syscalls.violations(lines, own) == []
    used = {syscalls.bpf_command(line) for line in lines if line.startswith("bpf(")}
    if churn.iterator() is None:
        needed = needed - {"BPF_LINK_GET_FD_BY_ID"}
    if not (objects.BPFTOOL and objects.CLANG):
        # values of metadata are only in compiled objects
        needed = needed - {"BPF_MAP_LOOKUP_ELEM"}
    assert needed <= used


def watch(code: str, watched: Path, strace: str, tmp_path: Path, host: Path) -> tuple[list[str], Path]:
    allowed = tmp_path / "own"
    allowed.mkdir()
    with objects.Map(map_types.ARRAY).create() as fd:
        pin = objects.pin(fd, host / "victim")
        arguments = [str(objects.object_id(fd)), str(pin), str(allowed), str(tmp_path / "outside")]
        words = [*syscalls.command(strace, watched), sys.executable, "-B", "-c", _DOOR + code, *arguments]
        subprocess.run(words, check=True, timeout=60)
    return syscalls.read(watched), allowed


@pytest.mark.parametrize("what", sorted(PLANTED))
def test_violations_are_caught(bpffs, watched, strace, tmp_path, what):
    code, mark = PLANTED[what]
    found = syscalls.violations(*watch(code, watched, strace, tmp_path, bpffs))
    assert len(found) == 1 and mark in found[0]


@pytest.mark.parametrize("what", sorted(HARMLESS))
def test_reads_are_not_taken_for_violations(bpffs, watched, strace, tmp_path, what):
    assert syscalls.violations(*watch(HARMLESS[what], watched, strace, tmp_path, bpffs)) == []
