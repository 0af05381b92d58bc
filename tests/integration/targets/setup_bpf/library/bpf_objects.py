#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make BPF objects for tests on any host: hand assembled programs through the collection's door, no clang, no bpftool.

state=present  makes a family of objects and pins them in ``folder``; ``mount``, a folder above, becomes a bpffs first,
               and without ``mount`` ``folder`` must lie in one
state=held     makes many programs and maps, writes pid and comm to the file ``folder`` and holds them until that file
               is removed or ``seconds`` are over: for async
state=absent   takes away what either made, and leftovers of runs that were killed

The result tells ids as procfs tells them, not as the collection reads them.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import shutil
import struct
import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_flags, map_types, prog_types

OPTIONS = {
    "state": {"choices": ["present", "held", "absent"], "default": "present"},
    "folder": {"type": "path", "required": True},
    "mount": {"type": "path"},
    # whether a cgroup may be made for a link
    "cgroup": {"type": "bool", "default": True},
    # first characters of every name
    "run": {"type": "str", "default": "fleet"},
    "programs": {"type": "int", "default": 0},
    "maps": {"type": "int", "default": 0},
    "seconds": {"type": "int", "default": 120},
}
LEFTOVER_SECONDS = 3600
# kernels before 5.11 charge what a busy host has to RLIMIT_MEMLOCK, together with all that the user has elsewhere
ROOM_BYTES = 512 << 20
PSEUDO_MAP_FD = 1
CGROUP_INET_EGRESS = 1


# ---- attrs


def blob(data):
    """Return a buffer with these bytes, at least one."""
    return ctypes.create_string_buffer(data, max(len(data), 1))


def call(command, size, *fields):
    """Make a bpf(2) call; a field is (offset, struct code, value), a buffer as value stands for its address."""
    attr = syscall.new_buffer()
    for offset, code, value in fields:
        value = ctypes.addressof(value) if isinstance(value, ctypes.Array) else value
        struct.pack_into("=" + code, attr, offset, value)
    return syscall.bpf(command, attr, size)


def instruction(code, dst=0, src=0, offset=0, value=0):
    # the nibbles of the register byte are bit fields, so their order is that of the machine's bytes
    registers = src << 4 | dst if struct.pack("=H", 1)[0] else dst << 4 | src
    return struct.pack("=BBhi", code, registers, offset, value)


def load_map(descriptor):
    """r1 = map"""
    return instruction(0x18, 1, PSEUDO_MAP_FD, 0, descriptor) + instruction(0)


def leave(value):
    """return value"""
    return instruction(0xB7, value=value) + instruction(0x95)


def make_map(kind, name, key=4, value=4, entries=1, flags=0, btf=0, types=(0, 0)):
    fields = [(28, "16s", name.encode()), (48, "I", btf), (52, "I", types[0]), (56, "I", types[1])]
    fields += [(4 * place, "I", number) for place, number in enumerate((kind, key, value, entries, flags))]
    return call(commands.BPF_MAP_CREATE, 72, *fields)


def load(kind, name, code, attach_type=0, btf=0, function=0):
    """Load a program; ``function`` is the BTF type of its only function."""
    names = [name.encode()[:15], blob(code), blob(b"GPL"), blob(struct.pack("=II", 0, function))]
    fields = [(0, "I", kind), (4, "I", len(code) // 8), (8, "Q", names[1]), (16, "Q", names[2]), (48, "16s", names[0])]
    fields.append((68, "I", attach_type))
    if function:
        fields += [(72, "I", btf), (76, "I", 8), (80, "Q", names[3]), (88, "I", 1)]
    return call(commands.BPF_PROG_LOAD, 92 if function else 72, *fields)


def pin(descriptor, path):
    name = blob(os.fsencode(path) + b"\0")
    call(commands.BPF_OBJ_PIN, 12, (0, "Q", name), (8, "I", descriptor))


# ---- BTF


class Types:
    """A BTF under construction; every method returns the number of the type that it adds."""

    def __init__(self):
        self.types, self.strings, self.count = b"", b"\0", 0

    def add(self, kind, name="", size=0, members=0, extra=b""):
        offset = len(self.strings) if name else 0
        self.strings += name.encode() + b"\0" if name else b""
        self.types += struct.pack("=III", offset, kind << 24 | members, size) + extra
        self.count += 1
        return self.count

    def integer(self, name, size):
        return self.add(1, name, size, extra=struct.pack("=I", 1 << 24 | size * 8))

    def array(self, element, index, length):
        return self.add(3, extra=struct.pack("=III", element, index, length))

    def function(self, name, returns):
        return self.add(12, name, self.add(13, size=returns))

    def section(self, name, size, variable, of_type):
        number = self.add(14, variable, of_type, extra=struct.pack("=I", 1))
        return self.add(15, name, size, 1, struct.pack("=III", number, 0, size))

    def load(self):
        header = struct.pack("=HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(self.types), len(self.types), len(self.strings))
        data = blob(header + self.types + self.strings)
        return call(commands.BPF_BTF_LOAD, 24, (0, "Q", data), (16, "I", len(data)))


# ---- the family


def told(descriptor):
    """Return the numbers and words that procfs tells about a descriptor."""
    with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii", errors="replace") as lines:
        pairs = [line.split(":", 1) for line in lines if ":" in line]
    words = {key.strip(): value.strip() for key, value in pairs}
    return {key: int(value) if value.isdigit() and key != "prog_tag" else value for key, value in words.items()}


class Family:
    """One run's objects: two programs, three maps, one or two links, all pinned under their plain names."""

    def __init__(self, run, folder):
        self.run, self.folder, self.result = run, folder, {}

    def keep(self, name, descriptor, pinned=True):
        """Pin an object, note what procfs tells of it, and hand its descriptor on."""
        self.result[name] = told(descriptor)
        if pinned:
            path = os.path.join(self.folder, name)
            pin(descriptor, path)
            self.result[name]["path"] = path
        return descriptor

    def make(self):
        types = Types()
        word = types.integer("int", 4)
        text = types.array(types.integer("char", 1), word, 8)
        section = types.section(".rodata", 8, "bpf_metadata_release", text)
        function = types.function(self.run + "_gate_with_a_long_name", word)
        btf = types.load()
        table = self.keep("table", self.named(map_types.HASH, "table", entries=8, btf=btf, types=(word, word)))
        for number in (1, 2, 3):
            self.put(table, struct.pack("=i", number), struct.pack("=i", 10 * number))
        data = self.named(
            map_types.ARRAY, ".rodata", value=8, btf=btf, types=(0, section), flags=map_flags.F_RDONLY_PROG
        )
        self.fill(data, b"1.2.0\0\0\0")
        self.keep("rodata", data, pinned=False)
        self.keep("big", self.named(map_types.ARRAY, "big", value=4096, entries=256))
        code = load_map(table) + load_map(data) + leave(0)
        self.keep("filter", load(prog_types.SCHED_CLS, self.run + "_filter", code))
        gate = load(prog_types.SOCKET_FILTER, self.run + "_gate_with_a_long_name", leave(0), btf=btf, function=function)
        self.keep("gate", gate)
        os.chmod(os.path.join(self.folder, "gate"), 0o666)
        self.result["gate"]["btf_full_name"] = self.run + "_gate_with_a_long_name"
        return self

    def named(self, kind, name, **shape):
        separator = "" if name.startswith(".") else "_"
        return make_map(kind, self.run + separator + name, **shape)

    def put(self, descriptor, key, value):
        fields = (8, "Q", blob(key)), (16, "Q", blob(value))
        call(commands.BPF_MAP_UPDATE_ELEM, 32, (0, "I", descriptor), *fields)

    def fill(self, descriptor, value):
        """Write the only value of an array and freeze it, as a loader does with read-only data."""
        self.put(descriptor, bytes(4), value)
        with contextlib.suppress(KernelError):  # Linux 5.2
            call(commands.BPF_MAP_FREEZE, 4, (0, "I", descriptor))

    def link(self, cgroup):
        """Make links; the kernel has them since 5.7 and lists them since 5.8."""
        program = self.keep("traced", load(prog_types.RAW_TRACEPOINT, self.run + "_traced", leave(0)), pinned=False)
        name = blob(b"task_newtask\0")
        self.keep("link", call(commands.BPF_RAW_TRACEPOINT_OPEN, 16, (0, "Q", name), (8, "I", program)))
        if cgroup:
            os.makedirs(cgroup, exist_ok=True)
            where = os.open(cgroup, os.O_RDONLY)
            code = leave(1)
            egress = load(prog_types.CGROUP_SKB, self.run + "_egress", code, CGROUP_INET_EGRESS)
            self.keep("egress", egress, pinned=False)
            fields = [(0, "I", egress), (4, "I", where), (8, "I", CGROUP_INET_EGRESS)]
            self.keep("cgroup_link", call(commands.BPF_LINK_CREATE, 16, *fields))
            self.result["cgroup_link"]["inode"] = os.fstat(where).st_ino


# ---- states


def libc_mount(path):
    os.makedirs(path, exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"ebpf_fleet_test", os.fsencode(path), b"bpf", 0, None):
        raise OSError(ctypes.get_errno(), "mount bpf", path)


def mounted(path):
    """Return whether a path is the mount point of a bpffs."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        rows = [line.split(" - ") for line in lines]
    return any(row[0].split()[4] == path and row[1].startswith("bpf ") for row in rows)


def cgroup_folder(params):
    """Return a cgroup of version 2 that belongs to this folder, or an empty string where no such tree is mounted."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        rows = [line.split(" - ") for line in lines]
    tops = [row[0].split()[4] for row in rows if row[1].startswith("cgroup2 ")]
    return os.path.join(tops[0], "ebpf_fleet_" + params["run"]) if tops else ""


def make_room():
    """Raise the own limit of locked memory, as programs that load BPF do on such kernels."""
    soft, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if os.geteuid() == 0 and 0 <= soft < ROOM_BYTES:
        with contextlib.suppress(ValueError, OSError):  # a root without CAP_SYS_RESOURCE has what it has
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (ROOM_BYTES, hard if hard < 0 else max(hard, ROOM_BYTES)))


def present(params):
    if params["mount"] and not mounted(params["mount"]):
        libc_mount(params["mount"])
    os.makedirs(params["folder"], exist_ok=True)
    family = Family(params["run"], params["folder"]).make()
    family.link(cgroup_folder(params) if params["cgroup"] else "")
    return {"changed": True, "objects": family.result}


def held(params):
    descriptors = [
        make_map(map_types.HASH, "{}_map_{:04}".format(params["run"], number), 20, 120, 1024, map_flags.F_NO_PREALLOC)
        for number in range(params["maps"])
    ]
    for number in range(params["programs"]):
        code = b"".join(
            load_map(descriptors[(number + step) % len(descriptors)]) for step in range(3 * bool(descriptors))
        )
        load(prog_types.SCHED_CLS, "{}_prg_{:04}".format(params["run"], number), code + leave(number % 2))
    with open("/proc/self/comm", encoding="utf-8", errors="backslashreplace") as comm:
        mine = {"pid": os.getpid(), "comm": comm.read().rstrip("\n")}
    write_note(params["folder"], mine)
    end = time.monotonic() + params["seconds"]
    while os.path.exists(params["folder"]) and time.monotonic() < end:
        time.sleep(0.1)
    return {"changed": True}


def write_note(path, content):
    with open(path + ".new", "w", encoding="utf-8") as note:
        json.dump(content, note)
    os.rename(path + ".new", path)


def take_away(folder, mount, cgroup):
    """Remove what is there of these three; returns whether there was something."""
    there = [path for path in (folder, mount, cgroup) if path and os.path.exists(path)]
    if os.path.isdir(folder):
        shutil.rmtree(folder)
    elif os.path.exists(folder):
        os.unlink(folder)
    if mount and mounted(mount):
        ctypes.CDLL(None).umount2(os.fsencode(mount), 2)  # MNT_DETACH: another process may just walk it
    if mount and os.path.isdir(mount):
        os.rmdir(mount)
    if cgroup and os.path.isdir(cgroup):
        os.rmdir(cgroup)
    return bool(there)


def leftovers(params):
    """Return the mounts beside ours, of the same series of names, that are older than any run takes."""
    if not params["mount"]:
        return []
    top, name = os.path.split(params["mount"])
    series = name[: -len(params["run"])] if name.endswith(params["run"]) else ""
    found = []
    for entry in os.scandir(top) if series and os.path.isdir(top) else ():
        other = entry.name.startswith(series) and entry.path != params["mount"] and mounted(entry.path)
        if other and time.time() - entry.stat().st_mtime > LEFTOVER_SECONDS:
            found.append((entry.path, entry.name[len(series) :]))
    return found


def absent(params):
    changed = take_away(params["folder"], params["mount"], cgroup_folder(params))
    old = leftovers(params)
    for mount, run in old:
        take_away(mount + "/objects", mount, cgroup_folder({"run": run}))
    return {"changed": changed or bool(old), "leftovers": [mount for mount, _run in old]}


def main():
    module = AnsibleModule(argument_spec=OPTIONS)
    make_room()
    try:
        result = {"present": present, "held": held, "absent": absent}[module.params["state"]](module.params)
    except OSError as error:
        hint = error.hint if isinstance(error, KernelError) else ""
        if module.params["state"] == "held":
            # nobody need wait for it any longer
            write_note(module.params["folder"], {"failed": f"{error} {hint}"})
        module.fail_json(msg=f"cannot make the objects: {error} {hint}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
