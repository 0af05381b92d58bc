# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of the fake kernel that write into maps; `install` adds them to one.

They answer with the errnos that Linux 6.18 was seen to give. A descriptor that was opened for reading, and a frozen
map, refuse them.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from types import SimpleNamespace

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import ENOTSUPP
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map_shape
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_flags, map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view.form_address import canonical
from ansible_collections.ebpf.fleet.tests.unit.support import fake_kernel

_Errno = fake_kernel._Errno
_ARRAYS = (map_types.ARRAY, map_types.PERCPU_ARRAY)
_LRU = (map_types.LRU_HASH, map_types.LRU_PERCPU_HASH)
_OBJECTS = (map_types.PROG_ARRAY, map_types.ARRAY_OF_MAPS, map_types.HASH_OF_MAPS)
_QUEUES = (map_types.QUEUE, map_types.STACK)
_LAST = {
    commands.BPF_MAP_UPDATE_ELEM: 32,
    commands.BPF_MAP_DELETE_ELEM: 16,
    commands.BPF_MAP_LOOKUP_AND_DELETE_ELEM: 32,
    commands.BPF_MAP_UPDATE_BATCH: 56,
    commands.BPF_MAP_DELETE_BATCH: 56,
}


def install(kernel):
    """Teach one fake kernel to write, and return it."""
    fake_kernel._LAST_FIELD.update(_LAST)
    since = {commands.BPF_MAP_UPDATE_BATCH: "5.6", commands.BPF_MAP_DELETE_BATCH: "5.6"}
    fake_kernel.SINCE.update(since)
    kernel.read_only = {}
    opens = (commands.BPF_MAP_GET_FD_BY_ID, 8), (commands.BPF_OBJ_GET, 12)
    kernel._COMMANDS = dict(kernel._COMMANDS)
    for command, place in opens:
        kernel._COMMANDS[command] = _noting(kernel._COMMANDS[command], place)
    kernel._COMMANDS.update(
        {
            commands.BPF_MAP_UPDATE_ELEM: _update,
            commands.BPF_MAP_DELETE_ELEM: _delete,
            commands.BPF_MAP_LOOKUP_AND_DELETE_ELEM: _pop,
            commands.BPF_MAP_UPDATE_BATCH: _update_batch,
            commands.BPF_MAP_DELETE_BATCH: _delete_batch,
        }
    )
    return kernel


def writes(kernel):
    """Return the names of the writing calls that were made."""
    return [call.name for call in kernel.calls if call.cmd in _LAST]


def _noting(opened, place):
    def open_noted(kernel, call, attr):
        fd = opened(kernel, call, attr)
        flags = struct.unpack_from("=I", call.attr, place)[0]
        kernel.read_only[fd] = bool(flags & map_flags.F_RDONLY)
        return fd

    return open_noted


def _writable(kernel, fd):
    found = kernel.object_of(fd)
    if kernel.read_only.get(fd) or found.frozen:
        raise _Errno(errno.EPERM)
    return found


def _stride(found):
    return map_shape.shape(SimpleNamespace(**found.info)).stride


def _update(kernel, call, attr):
    fd, _pad, key, value, flags = struct.unpack_from("=IIQQQ", call.attr)
    found = _writable(kernel, fd)
    data = ctypes.string_at(value, _stride(found))
    if found.info["type"] in _QUEUES:
        return _push(found, data, flags)
    _set(kernel, found, ctypes.string_at(key, found.info["key_size"]), data, flags)
    return 0


def _push(found, data, flags):
    if len(found.queue) >= found.info["max_entries"]:
        if flags != map_flags.EXIST:
            raise _Errno(errno.E2BIG)
        found.queue.pop(0)
    found.queue.append(data)
    return 0


def _set(kernel, found, key, value, flags):
    kind, room = found.info["type"], found.info["max_entries"]
    if kind in _OBJECTS:
        value = struct.pack("=I", kernel.object_of(struct.unpack("=I", value)[0]).id)
    if kind == map_types.LPM_TRIE:
        same = [one for one in found.entries if canonical(one) == canonical(key)]
    else:
        same = [key] if key in found.entries else []
    if same and flags == map_flags.NOEXIST:
        raise _Errno(errno.EEXIST)
    if not same and flags == map_flags.EXIST:
        raise _Errno(errno.ENOENT)
    if not same and kind not in _ARRAYS and len(found.entries) >= room:
        if kind not in _LRU:
            raise _Errno(errno.ENOSPC if kind == map_types.LPM_TRIE else errno.E2BIG)
        del found.entries[next(iter(found.entries))]
    if kind == map_types.LPM_TRIE and same:
        del found.entries[same[0]]
    found.entries[key] = value


def _delete(kernel, call, attr):
    fd, _pad, key = struct.unpack_from("=IIQ", call.attr)
    found = _writable(kernel, fd)
    _remove(found, ctypes.string_at(key, found.info["key_size"]))
    return 0


def _remove(found, key):
    if found.info["type"] in _ARRAYS:
        raise _Errno(errno.EINVAL)
    if key not in found.entries:
        raise _Errno(errno.ENOENT)
    del found.entries[key]


def _pop(kernel, call, attr):
    fd, _pad, _key, value = struct.unpack_from("=IIQQ", call.attr)
    found = _writable(kernel, fd)
    if not found.queue:
        raise _Errno(errno.ENOENT)
    data = found.queue.pop(0 if found.info["type"] == map_types.QUEUE else -1)
    ctypes.memmove(value, data, len(data))
    return 0


def _update_batch(kernel, call, attr):
    def write(found, key, value):
        _set(kernel, found, key, value, 0)

    return _batch(kernel, call, attr, fake_kernel.BATCHES, write)


def _delete_batch(kernel, call, attr):
    types = [kind for kind in fake_kernel.BATCHES if kind not in _ARRAYS]
    return _batch(kernel, call, attr, types, lambda found, key, _value: _remove(found, key))


def _batch(kernel, call, attr, types, write):
    """Write until the first failure; then and at the end the count is what was done, before the first it is left."""
    keys, values, count, fd, flags = struct.unpack_from("=16xQQIIQ", call.attr)
    found = _writable(kernel, fd)
    if found.info["type"] not in types:
        raise _Errno(ENOTSUPP)
    if flags:
        raise _Errno(errno.EINVAL)
    size, stride = found.info["key_size"], _stride(found)
    for number in range(count):
        key = ctypes.string_at(keys + number * size, size)
        try:
            write(found, key, ctypes.string_at(values + number * stride, stride) if values else b"")
        except _Errno:
            struct.pack_into("=I", attr, 32, number)
            raise
    return 0
