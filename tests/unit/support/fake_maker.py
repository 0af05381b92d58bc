# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets a fake kernel make and freeze maps, and load BTF."""

from __future__ import annotations

import ctypes
import errno
import struct

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import attr_layout, commands, map_flags, map_types
from ansible_collections.ebpf.fleet.tests.unit.support import fake_kernel


class FakeMaker:
    """``made`` holds the attr of each map that was made, by field; ``create_errno`` and the like let a call fail."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.made = []
        self.create_errno = self.load_errno = self.freeze_errno = 0
        #: what the verifier of BTF writes when ``load_errno`` is set
        self.log = b""

    def install(self, monkeypatch):
        sizes = {commands.BPF_MAP_CREATE: 72, commands.BPF_BTF_LOAD: 28, commands.BPF_MAP_FREEZE: 4}
        for command, size in sizes.items():
            monkeypatch.setitem(fake_kernel._LAST_FIELD, command, size)
        ours = {
            commands.BPF_MAP_CREATE: self._create,
            commands.BPF_BTF_LOAD: self._load,
            commands.BPF_MAP_FREEZE: self._freeze,
        }
        self.kernel._COMMANDS = {**self.kernel._COMMANDS, **ours}
        return self

    def _create(self, kernel, call, _attr):
        wanted = fake_kernel.unpack(attr_layout.MAP_CREATE, call.attr[: call.size])
        self._refuse(self.create_errno)
        outer = wanted["map_type"] in (map_types.ARRAY_OF_MAPS, map_types.HASH_OF_MAPS)
        if outer != bool(wanted["inner_map_fd"]):
            raise fake_kernel._Errno(errno.EINVAL)
        self.made.append(wanted)
        info = {name: wanted[name] for name in ("key_size", "value_size", "max_entries")}
        info.update(type=wanted["map_type"], name=wanted["map_name"], map_extra=wanted.get("map_extra", 0))
        # these are about the descriptor
        info["map_flags"] = wanted["map_flags"] & ~(map_flags.F_RDONLY | map_flags.F_WRONLY)
        if wanted["btf_fd"]:
            info.update({key: wanted[key] for key in ("btf_key_type_id", "btf_value_type_id")})
            info["btf_id"] = kernel.object_of(wanted["btf_fd"]).id
        return kernel._open(kernel.add_map(**info))

    def _load(self, kernel, call, _attr):
        pointer, log, size, room, level = struct.unpack_from("=QQIII", call.attr)
        if level and self.load_errno and self.log:
            ctypes.memmove(log, self.log[: room - 1] + b"\0", min(len(self.log), room - 1) + 1)
        self._refuse(self.load_errno)
        return kernel._open(kernel.add_btf(blob=ctypes.string_at(pointer, size)))

    def _freeze(self, kernel, call, _attr):
        found = kernel.object_of(call.number)
        self._refuse(self.freeze_errno or (errno.EPERM if found.frozen else 0))
        found.frozen = 1
        return 0

    def _refuse(self, number):
        if number:
            raise fake_kernel._Errno(number)
