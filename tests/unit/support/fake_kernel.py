# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A kernel in memory that stands in the doorway of bpf(2), and a conversation that is scripted call by call.

`FakeKernel` reads and writes the memory behind the pointers of an attr as the real one does, hands out real descriptors
(the callers close them), and has the struct sizes and commands of the release it was made for. What it answers is
taken from what the kernel was seen to do; it complains loudly about callers that the real kernel would corrupt.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs, syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import ENOTSUPP, kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, owners
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import (
    commands,
    layout,
    link_layout,
    map_flags,
    map_types,
)

KINDS = ("prog", "map", "link", "btf")
LINK_INFO_SIZES = {"5.8": 32, "6.1": 48, "6.7": 56, "6.8": 64}
# The first release of every command that is younger than 4.18.
SINCE = {
    commands.BPF_MAP_LOOKUP_BATCH: "5.6",
    commands.BPF_BTF_GET_NEXT_ID: "5.4",
    commands.BPF_LINK_GET_FD_BY_ID: "5.8",
    commands.BPF_LINK_GET_NEXT_ID: "5.8",
}
# How many bytes of the attr a command knows; what is behind must be zero (EINVAL within the union, E2BIG behind it).
_LAST_FIELD = {
    commands.BPF_MAP_LOOKUP_ELEM: 32,
    commands.BPF_MAP_GET_NEXT_KEY: 24,
    commands.BPF_MAP_LOOKUP_BATCH: 56,
    commands.BPF_OBJ_GET: 16,
    commands.BPF_OBJ_GET_INFO_BY_FD: 16,
    commands.BPF_PROG_QUERY: 64,
}
# Types whose cursor of a batch is the number of a bucket, and all that have batches.
_BUCKETS = (map_types.HASH, map_types.LRU_HASH, map_types.PERCPU_HASH, map_types.LRU_PERCPU_HASH)
BATCHES = (*_BUCKETS, map_types.ARRAY, map_types.PERCPU_ARRAY, map_types.LPM_TRIE, map_types.ARRAY_OF_MAPS)
_PAGE = 4096
# Set to 0 for who lacks CAP_BPF; the arrays behind them are left as they are, and so are the counts of the tags.
_GATED = (
    "jited_prog_len",
    "xlated_prog_len",
    "nr_jited_ksyms",
    "nr_jited_func_lens",
    "nr_func_info",
    "nr_line_info",
    "nr_jited_line_info",
)
_REC_SIZES = {"func_info_rec_size": 8, "line_info_rec_size": 16, "jited_line_info_rec_size": 8}


def version(release):
    """Return a release as a tuple that compares."""
    return tuple(int(part) for part in release.split("."))


def size_at(sizes, release):
    """Return the struct size of a release from a table first release -> size, 0 before the first."""
    known = [sizes[first] for first in sorted(sizes, key=version) if version(first) <= version(release)]
    return known[-1] if known else 0


def unpack(fields, raw):
    """Return the fields of a layout that lie within some bytes."""
    return {
        name: struct.unpack_from("=" + code, raw, offset)[0]
        for name, (offset, code) in fields.items()
        if offset + struct.calcsize("=" + code) <= len(raw)
    }


def pack(fields, values, size):
    """Return ``size`` bytes with the values of a layout's fields; a field that lies beyond them is left out."""
    raw = bytearray(size)
    for name, value in values.items():
        offset, code = fields[name]
        if offset + struct.calcsize("=" + code) <= size:
            struct.pack_into("=" + code, raw, offset, value)
    return bytes(raw)


class Object:
    """A program, map, link or BTF in the fake kernel; attributes are those that its kind's answer is made of."""

    def __init__(self, kind, number, **attributes):
        self.kind = kind
        self.id = number
        self.info_errno = 0
        self.__dict__.update(attributes)


class Call:
    """What a fault's or a hook's condition may look at."""

    def __init__(self, cmd, attr, size):
        self.cmd = cmd
        self.name = commands.COMMAND_NAMES.get(cmd, str(cmd))
        self.attr = bytes(attr)
        self.size = size
        #: the first number of the attr: start id, id, or descriptor
        self.number = struct.unpack_from("=I", self.attr)[0]
        self.object = None


class FakeKernel:
    """See the module. ``can_list`` is CAP_SYS_ADMIN, ``capable`` CAP_BPF (or, before 5.8, CAP_SYS_ADMIN)."""

    def __init__(self, release="6.18", can_list=True, capable=True):
        self.release = release
        self.can_list = can_list
        self.capable = capable
        self.sizes = {
            "prog": size_at(layout.PROG_INFO_SIZES, release),
            "map": size_at(layout.MAP_INFO_SIZES, release),
            "btf": size_at(layout.BTF_INFO_SIZES, release),
            "link": size_at(LINK_INFO_SIZES, release),
        }
        self.attr_size = 168
        self.objects = {kind: {} for kind in KINDS}
        self.pins = {}
        self.hooks = {}
        self.calls = []
        self.fdinfo_errno = 0
        self._fds = {}
        self._faults = []
        self._befores = []

    # ------------------------------------------------------------ making objects

    def _add(self, kind, number, **attributes):
        number = number or max(self.objects[kind], default=0) + 1
        self.objects[kind][number] = Object(kind, number, **attributes)
        return self.objects[kind][number]

    def add_program(self, number=0, functions=(), tags=(), map_ids=(), memlock=4096, fdinfo=None, **info):
        """Add a program; ``functions`` are BTF type ids, ``tags`` 8 bytes each, ``info`` fields of bpf_prog_info.

        Its code is set on what is returned: ``insns``, ``lines`` (16 bytes each), ``addresses`` (None: hidden) and
        ``lengths`` of its compiled functions, their code as ``image``, and ``places`` in it, one a line.
        """
        fields = {"type": 1, "tag": b"\1\2\3\4\5\6\7\x08", "xlated_prog_len": 16, "jited_prog_len": 40}
        fields.update(gpl_compatible=1 << layout.GPL_BIT[sys.byteorder], load_time=10**9)
        fields.update(info)
        return self._add(
            "prog",
            number,
            info=fields,
            functions=list(functions),
            tags=list(tags) or [fields["tag"]],
            map_ids=list(map_ids),
            memlock=memlock,
            fdinfo=fdinfo,
            offloaded=False,
            insns=b"",
            insns_hidden=False,
            lines=[],
            addresses=[],
            lengths=[],
            image=b"",
            places=[],
        )

    def add_map(self, number=0, entries=(), memlock=8192, frozen=0, owner=None, fdinfo=None, lookup_errno=0, **info):
        """Add a map; ``entries`` are key -> value in bytes, ``info`` fields of bpf_map_info.

        Values are what the kernel copies: of a per-CPU map those of all CPUs. A map of type hash has a bucket for each
        entry, unless a test sets ``bucket``; a queue has its values as ``queue``.
        """
        fields = dict({"type": 1, "key_size": 4, "value_size": 8, "max_entries": 16}, **info)
        return self._add(
            "map",
            number,
            info=fields,
            entries=dict(entries),
            memlock=memlock,
            frozen=frozen,
            owner=owner,
            fdinfo=fdinfo,
            lookup_errno=lookup_errno,
            bucket=1,
            queue=[],
        )

    def add_link(self, number=0, type=0, prog_id=0, fdinfo=None, **fields):
        """Add a link; ``fields`` are those of its type, texts as bytes."""
        return self._add("link", number, type=type, prog_id=prog_id, fields=fields, fdinfo=fdinfo)

    def add_btf(self, number=0, blob=b"\x9f\xeb", name=b"", kernel=0, fdinfo=None):
        return self._add("btf", number, blob=blob, name=name, kernel=kernel, fdinfo=fdinfo)

    def remove(self, found):
        """Let an object go: its id is gone at once, its descriptors still work."""
        self.objects[found.kind].pop(found.id, None)

    # ------------------------------------------------------------ scripting

    def fault(self, cmd, number, times=None, when=None):
        """Let a command fail with an errno, ``times`` times (None: for ever), where ``when(call)`` agrees."""
        self._faults.append([cmd, number, times, when])

    def before(self, cmd, action, when=None):
        """Call ``action(call)`` before a command is carried out, as often as it comes."""
        self._befores.append((cmd, action, when))

    def count(self, cmd):
        return sum(call.cmd == cmd for call in self.calls)

    # ------------------------------------------------------------ standing in the door

    def install(self, monkeypatch):
        """Put this kernel in the place of the real one, and its descriptors in the place of those of procfs."""
        kernel = self

        class FdInfo:
            def read(self, fd):
                return kernel.fdinfo(fd)

        monkeypatch.setattr(syscall, "bpf", self.bpf)
        monkeypatch.setattr(procfs, "FdInfo", FdInfo)
        for kind in KINDS:
            entry = next(entry for entry in owners.KINDS.values() if entry[0] == kind)
            monkeypatch.setitem(owners.KINDS, f"/memfd:bpf-{kind} (deleted)", entry)
        for kind in (ids.PROG, ids.MAP, ids.LINK, ids.BTF):
            # what a probe found out of another kernel
            monkeypatch.setattr(kind.listing, "_answer", None)
        return self

    def bpf(self, cmd, attr, size):
        """What `syscall.bpf` does, without its retries."""
        assert len(attr) >= 256, "the kernel writes behind this buffer"
        call = Call(cmd, attr, size)
        self.calls.append(call)
        call.object = self._fds.get(call.number, (None, None))[0]
        for wanted, action, when in self._befores:
            if wanted == cmd and (when is None or when(call)):
                action(call)
        try:
            self._fail(call)
            self._check(call)
            return self._COMMANDS[cmd](self, call, attr)
        except _Errno as error:
            raise kernel_error(call.name, error.number) from None

    def _fail(self, call):
        for fault in self._faults:
            cmd, number, times, when = fault
            if cmd == call.cmd and times != 0 and (when is None or when(call)):
                fault[2] = None if times is None else times - 1
                raise _Errno(number)

    def _check(self, call):
        if call.size > _PAGE or any(call.attr[self.attr_size : call.size]):
            raise _Errno(errno.E2BIG)
        if call.cmd not in self._COMMANDS or version(SINCE.get(call.cmd, "4.18")) > version(self.release):
            raise _Errno(errno.EINVAL)
        last = _LAST_FIELD.get(call.cmd)
        if last is None:
            last = 8 if call.cmd in self._NEXT else 12 if call.cmd == commands.BPF_MAP_GET_FD_BY_ID else 4
        if any(call.attr[last : min(call.size, self.attr_size)]):
            raise _Errno(errno.EINVAL)

    def _open(self, found):
        fd = os.memfd_create(f"bpf-{found.kind}")
        self._fds[fd] = (found, os.fstat(fd).st_ino)
        return fd

    def object_of(self, fd):
        """Return the object behind a descriptor; EBADFD where it is closed, EINVAL where it is something else."""
        try:
            inode = os.fstat(fd).st_ino
        except OSError:
            raise _Errno(errno.EBADFD) from None
        found, ours = self._fds.get(fd, (None, None))
        if found is None or ours != inode:
            raise _Errno(errno.EINVAL)
        return found

    # ------------------------------------------------------------ commands

    _NEXT = {
        commands.BPF_PROG_GET_NEXT_ID: "prog",
        commands.BPF_MAP_GET_NEXT_ID: "map",
        commands.BPF_LINK_GET_NEXT_ID: "link",
        commands.BPF_BTF_GET_NEXT_ID: "btf",
    }
    _OPEN = {
        commands.BPF_PROG_GET_FD_BY_ID: "prog",
        commands.BPF_MAP_GET_FD_BY_ID: "map",
        commands.BPF_LINK_GET_FD_BY_ID: "link",
        commands.BPF_BTF_GET_FD_BY_ID: "btf",
    }

    def _next_id(self, call, attr):
        if call.number >= 2**31 - 1:
            raise _Errno(errno.EINVAL)
        if not self.can_list:
            raise _Errno(errno.EPERM)
        above = [number for number in self.objects[self._NEXT[call.cmd]] if number > call.number]
        if not above:
            raise _Errno(errno.ENOENT)
        # out fields are written at their place whatever the size said
        struct.pack_into("=I", attr, 4, min(above))
        return 0

    def _fd_by_id(self, call, attr):
        kind = self._OPEN[call.cmd]
        flags = struct.unpack_from("=I", call.attr, 8)[0] if call.size >= 12 else 0
        if flags not in (0, map_flags.F_RDONLY, map_flags.F_WRONLY):
            raise _Errno(errno.EINVAL)
        if not self.can_list:
            raise _Errno(errno.EPERM)
        if call.number not in self.objects[kind]:
            raise _Errno(errno.ENOENT)
        return self._open(self.objects[kind][call.number])

    def _obj_get(self, call, attr):
        pointer, _fd, flags = struct.unpack_from("=QII", call.attr)
        path = ctypes.string_at(pointer)
        found = self.pins.get(path, errno.ENOENT if not os.path.lexists(path) else errno.EACCES)
        if isinstance(found, int):
            raise _Errno(found)
        if found.kind == "link" and flags:
            raise _Errno(errno.EINVAL)
        return self._open(found)

    def _lookup(self, call, attr):
        fd, _pad, key, value, flags = struct.unpack_from("=IIQQQ", call.attr)
        found = self.object_of(fd)
        if found.lookup_errno:
            raise _Errno(found.lookup_errno)
        if flags or bool(key) != bool(found.info["key_size"]):
            raise _Errno(errno.EINVAL)
        if found.info["type"] == map_types.BLOOM_FILTER:
            if ctypes.string_at(value, found.info["value_size"]) not in found.queue:
                raise _Errno(errno.ENOENT)
            return 0
        content = (
            found.entries.get(ctypes.string_at(key, found.info["key_size"])) if key else next(iter(found.queue), None)
        )
        if content is None:
            raise _Errno(errno.ENOENT)
        ctypes.memmove(value, content, len(content))
        return 0

    def _next_key(self, call, attr):
        fd, _pad, key, target = struct.unpack_from("=IIQQ", call.attr)
        found = self.object_of(fd)
        if found.lookup_errno:
            raise _Errno(found.lookup_errno)
        keys = list(found.entries)
        if found.info["type"] == map_types.ARRAY_OF_MAPS:
            keys = [struct.pack("=I", number) for number in range(found.info["max_entries"])]
        last = ctypes.string_at(key, found.info["key_size"]) if key else None
        # behind a key that is not there the kernel begins again
        place = keys.index(last) + 1 if last in keys else 0
        if place >= len(keys):
            raise _Errno(errno.ENOENT)
        ctypes.memmove(target, keys[place], len(keys[place]))
        return 0

    def _lookup_batch(self, call, attr):
        first, second, keys, values, count, fd = struct.unpack_from("=QQQQII", call.attr)
        found = self.object_of(fd)
        if found.lookup_errno:
            raise _Errno(found.lookup_errno)
        if found.info["type"] not in BATCHES:
            # the count stays as it was sent
            raise _Errno(ENOTSUPP)
        if found.info["type"] == map_types.ARRAY_OF_MAPS:
            return self._slots(found, call, attr)
        items = list(found.entries.items())
        place = min(self._batch_start(found, first), len(items))
        end = min(place + count, len(items))
        if found.info["type"] in _BUCKETS and end < len(items):
            end -= end % found.bucket
            if end <= place:
                struct.pack_into("=I", attr, 32, 0)
                raise _Errno(errno.ENOSPC)
        for number, (key, value) in enumerate(items[place:end]):
            ctypes.memmove(keys + number * len(key), key, len(key))
            ctypes.memmove(values + number * len(value), value, len(value))
        struct.pack_into("=I", attr, 32, end - place)
        if end >= len(items):
            raise _Errno(errno.ENOENT)
        token = struct.pack("=I", end // found.bucket) if found.info["type"] in _BUCKETS else items[end - 1][0]
        ctypes.memmove(second, token, len(token))
        return 0

    def _batch_start(self, found, token):
        if not token:
            return 0
        if found.info["type"] in _BUCKETS:
            return struct.unpack("=I", ctypes.string_at(token, 4))[0] * found.bucket
        keys, key = list(found.entries), ctypes.string_at(token, found.info["key_size"])
        return keys.index(key) + 1 if key in found.entries else 0

    def _slots(self, found, call, attr):
        """Look up in an array with empty slots: they are passed over, and before 6.14 the first ends it as EINTR."""
        first, second, keys, values, count = struct.unpack_from("=QQQQI", call.attr)
        place = struct.unpack("=I", ctypes.string_at(first, 4))[0] + 1 if first else 0
        done = error = 0
        while done < count and not error:
            key = struct.pack("=I", place)
            value = found.entries.get(key)
            if place >= found.info["max_entries"]:
                error = errno.ENOENT
            elif value is None and version(self.release) < (6, 14):
                error = errno.EINTR
            else:
                place += 1
            if value is not None:
                ctypes.memmove(keys + done * len(key), key, len(key))
                ctypes.memmove(values + done * len(value), value, len(value))
                done += 1
        struct.pack_into("=I", attr, 32, done)
        if done:
            ctypes.memmove(second, struct.pack("=I", place - 1), 4)
        if error:
            raise _Errno(error)
        return 0

    def _query(self, call, attr):
        index, kind, _flags, _attach, programs, count = struct.unpack_from("=IIIIQI", call.attr)
        links = struct.unpack_from("=Q", call.attr, 40)[0]
        if (index, kind) not in self.hooks:
            raise _Errno(errno.ENODEV)
        found = self.hooks[index, kind]
        for position, link in enumerate(found[:count]):
            if programs:
                ctypes.memmove(programs + 4 * position, struct.pack("=I", link.prog_id), 4)
            if links:
                ctypes.memmove(links + 4 * position, struct.pack("=I", link.id), 4)
        struct.pack_into("=I", attr, 24, len(found))
        if len(found) > count:
            raise _Errno(errno.ENOSPC)
        return 0

    def _info(self, call, attr):
        fd, length, pointer = struct.unpack_from("=IIQ", call.attr)
        found = self.object_of(fd)
        size = self.sizes[found.kind]
        request = ctypes.string_at(pointer, length)
        if length > _PAGE or any(request[size:]):
            raise _Errno(errno.E2BIG)
        length = min(length, size)
        if found.info_errno:
            raise _Errno(found.info_errno)
        answer = getattr(self, "_fill_" + found.kind)(found, request[:length])
        ctypes.memmove(pointer, answer[:length], length)
        struct.pack_into("=I", attr, 4, length)
        return 0

    _COMMANDS = dict.fromkeys(_NEXT, _next_id)
    _COMMANDS.update(dict.fromkeys(_OPEN, _fd_by_id))
    _COMMANDS.update(
        {
            commands.BPF_OBJ_GET: _obj_get,
            commands.BPF_OBJ_GET_INFO_BY_FD: _info,
            commands.BPF_MAP_LOOKUP_ELEM: _lookup,
            commands.BPF_MAP_GET_NEXT_KEY: _next_key,
            commands.BPF_MAP_LOOKUP_BATCH: _lookup_batch,
            commands.BPF_PROG_QUERY: _query,
        }
    )

    # ------------------------------------------------------------ OBJ_GET_INFO_BY_FD, kind by kind

    def _fill_prog(self, found, request):
        # What the caller sent stays where the kernel does not write: counts of arrays that it never reaches.
        info = unpack(layout.PROG_INFO, request)
        told = {key: value for key, value in found.info.items() if key in layout.PROG_INFO}
        early = ["type", "tag", "load_time", "created_by_uid", "gpl_compatible", "name", "verified_insns"]
        early += ["btf_id"] if version(self.release) >= (6, 15) else []
        info.update({key: told.get(key, b"" if key in ("tag", "name") else 0) for key in early})
        info.update({key: told.get(key, 0) for key in ("run_time_ns", "run_cnt", "recursion_misses")}, id=found.id)
        self._put(info, "map_ids", "nr_map_ids", [struct.pack("=I", number) for number in found.map_ids])
        for field, size in _REC_SIZES.items():
            array = "nr_" + field[: -len("_rec_size")]
            if (info.get(field) or info.get(array)) and info[field] != size:
                raise _Errno(errno.EINVAL)
            info[field] = size
        if not self.capable:
            info.update(dict.fromkeys(_GATED, 0))
            return pack(layout.PROG_INFO, info, self.sizes["prog"])
        if found.insns and not found.insns_hidden:
            self._put(info, "xlated_prog_insns", "xlated_prog_len", [bytes([byte]) for byte in found.insns])
        else:
            info.update(xlated_prog_len=len(found.insns) or told["xlated_prog_len"])
            info["xlated_prog_insns"] = 0 if found.insns_hidden else info.get("xlated_prog_insns", 0)
        if found.offloaded:
            info.update({key: told[key] for key in ("ifindex", "netns_dev", "netns_ino", "jited_prog_len")})
            return pack(layout.PROG_INFO, info, self.sizes["prog"])
        info.update({key: told.get(key, 0) for key in ("btf_id", "attach_btf_obj_id", "attach_btf_id")})
        if not found.image:
            info["jited_prog_len"] = told.get("jited_prog_len", 0)
        if found.addresses is None:
            count = len(found.functions) or 1
            info.update(nr_jited_ksyms=count, jited_ksyms=0, nr_jited_func_lens=count, jited_func_lens=0)
            info.update(jited_prog_insns=0, jited_prog_len=len(found.image) or told["jited_prog_len"])
            info.update(jited_line_info=0, nr_jited_line_info=len(found.places))
        else:
            if found.image:
                self._put(info, "jited_prog_insns", "jited_prog_len", [bytes([byte]) for byte in found.image])
            self._put(info, "jited_line_info", "nr_jited_line_info", [struct.pack("=Q", each) for each in found.places])
            addresses = found.addresses or [0xFFFFFFFFC0000000]
            lengths = found.lengths or [info["jited_prog_len"] // len(addresses)] * len(addresses)
            self._put(info, "jited_ksyms", "nr_jited_ksyms", [struct.pack("=Q", each) for each in addresses])
            self._put(info, "jited_func_lens", "nr_jited_func_lens", [struct.pack("=I", each) for each in lengths])
        self._put(info, "line_info", "nr_line_info", found.lines)
        functions = [struct.pack("=II", 8 * place, number) for place, number in enumerate(found.functions)]
        self._put(info, "func_info", "nr_func_info", functions)
        self._put(info, "prog_tags", "nr_prog_tags", found.tags)
        return pack(layout.PROG_INFO, info, self.sizes["prog"])

    def _put(self, info, pointer, count, items):
        """Copy as many items as were asked for, and tell how many there are."""
        asked = min(info.get(count, 0), len(items))
        if asked and not info.get(pointer):
            raise _Errno(errno.EFAULT)
        if asked:
            ctypes.memmove(info[pointer], b"".join(items[:asked]), sum(map(len, items[:asked])))
        info[count] = len(items)

    def _fill_map(self, found, request):
        sent = unpack(layout.MAP_INFO, request)
        if any(request[100:104]):
            raise _Errno(errno.E2BIG)
        if sent.get("hash") or sent.get("hash_size"):
            raise _Errno(errno.EINVAL)
        return pack(layout.MAP_INFO, dict(found.info, id=found.id), self.sizes["map"])

    def _fill_btf(self, found, request):
        sent = unpack(layout.BTF_INFO, request)
        length = min(sent.get("btf_size", 0), len(found.blob))
        if length:
            ctypes.memmove(sent["btf"], found.blob[:length], length)
        sent.update(btf_size=len(found.blob), id=found.id)
        if "name" in sent:
            if bool(sent["name"]) != bool(sent["name_len"]):
                raise _Errno(errno.EINVAL)
            sent["name_len"] = self._text(found.name, sent["name"], sent["name_len"]) - 1
            sent["kernel_btf"] = found.kernel
        return pack(layout.BTF_INFO, sent, self.sizes["btf"])

    def _text(self, text, pointer, size):
        """Copy a text with its NUL and return how long it is; one that does not fit is cut, and the call fails."""
        if pointer and size:
            whole = text + b"\0"
            fits = whole if len(whole) <= size else text[: size - 1] + b"\0"
            ctypes.memmove(pointer, fits, len(fits))
            if len(whole) > size:
                raise _Errno(errno.ENOSPC)
        return len(text) + 1

    def _fill_link(self, found, request):
        places = dict(link_layout.LINK_INFO, **link_layout.LINK_BY_TYPE.get(found.type, {}))
        values = {"type": found.type, "id": found.id, "prog_id": found.prog_id}
        sent = unpack(places, request)
        for name, value in found.fields.items():
            if isinstance(value, bytes):
                values[name] = sent.get(name, 0)
                values[name + "_len"] = self._text(value, sent.get(name, 0), sent.get(name + "_len", 0))
            else:
                values[name] = value
        # the kernel copies the caller's struct in: what it does not know of the type comes back as it was sent
        raw = bytearray(request.ljust(self.sizes["link"], b"\0"))
        told = pack(places, values, len(raw))
        for name in values:
            offset, code = places[name]
            end = offset + struct.calcsize("=" + code)
            if end <= len(raw):
                raw[offset:end] = told[offset:end]
        return bytes(raw)

    # ------------------------------------------------------------ procfs

    def fdinfo(self, fd):
        """Return the text of /proc/self/fdinfo/<fd> as this release writes it."""
        if self.fdinfo_errno:
            raise OSError(self.fdinfo_errno, os.strerror(self.fdinfo_errno))
        found = self._fds[fd][0]
        if found.fdinfo is not None:
            return found.fdinfo
        lines = ["pos:\t0", "flags:\t02000002", "mnt_id:\t15"]
        if version(self.release) >= (5, 14):
            lines.append("ino:\t1058")
        lines += getattr(self, "_fdinfo_" + found.kind)(found)
        return "".join(line + "\n" for line in lines).encode()

    def _fdinfo_prog(self, found):
        lines = [f"prog_type:\t{found.info['type']}", "prog_jited:\t1", f"prog_tag:\t{found.info['tag'].hex()}"]
        lines += [f"memlock:\t{found.memlock}", f"prog_id:\t{found.id}"]
        if version(self.release) >= (5, 1):
            lines += ["run_time_ns:\t0", "run_cnt:\t0"]
        return lines

    def _fdinfo_map(self, found):
        lines = [f"{key}:\t{found.info[key]}" for key in ("key_size", "value_size", "max_entries")]
        lines = [f"map_type:\t{found.info['type']}", *lines, f"map_flags:\t{found.info.get('map_flags', 0):#x}"]
        if version(self.release) >= (5, 16):
            lines.append(f"map_extra:\t{found.info.get('map_extra', 0):#x}")
        lines += [f"memlock:\t{found.memlock}", f"map_id:\t{found.id}"]
        if version(self.release) >= (5, 2):
            lines.append(f"frozen:\t{found.frozen}")
        if found.owner is not None:
            lines += [f"owner_prog_type:\t{found.owner[0]}", f"owner_jited:\t{found.owner[1]}"]
        return lines

    def _fdinfo_link(self, found):
        return [f"link_type:\t{found.type}", f"link_id:\t{found.id}", f"prog_id:\t{found.prog_id}"]

    def _fdinfo_btf(self, found):
        return [f"btf_id:\t{found.id}"]


class _Errno(Exception):
    def __init__(self, number):
        super().__init__(number)
        self.number = number


class Conversation:
    """A scripted talk at the door: the calls in their order and their answers; one too many or too few is an error.

    ``script`` holds (command, answer): an int is the result, a negative one the errno of a failure, and a function is
    called with the attr and its size and returns such a number. Used as a context manager.
    """

    def __init__(self, monkeypatch, *script):
        self._script = list(script)
        self._complaints = []
        monkeypatch.setattr(syscall, "bpf", self.bpf)

    def bpf(self, cmd, attr, size):
        name = commands.COMMAND_NAMES.get(cmd, str(cmd))
        if not self._script:
            self._complaints.append(f"{name} after the end")
            raise AssertionError(self._complaints[-1])
        wanted, answer = self._script.pop(0)
        if wanted != cmd:
            self._complaints.append(f"{name} instead of {commands.COMMAND_NAMES[wanted]}")
            raise AssertionError(self._complaints[-1])
        result = answer(attr, size) if callable(answer) else answer
        if result < 0:
            raise kernel_error(name, -result)
        return result

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            assert not self._complaints, self._complaints
            assert not self._script, f"calls that did not come: {self._script}"
