# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders that stand for mounts of bpffs, their files pins of a fake kernel's objects."""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import bpffs, procfs, syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands
from ansible_collections.ebpf.fleet.tests.unit.support import fake_kernel


class FakeBpffs:
    """Paths are given as bytes below the temporary folder; ``mounts`` may be changed.

    ``inodes`` holds what was pinned by a call, and follows a file that is renamed; ``pin_errno`` lets pinning fail.
    """

    def __init__(self, root, kernel):
        self.root = os.fsencode(str(root))
        self.kernel = kernel
        self.mounts = [b"/bpf"]
        self.inodes = {}
        self.pin_errno = 0
        self.mount_errno = 0
        os.makedirs(self.root + b"/bpf")

    def install(self, monkeypatch):
        real, self._device = procfs.read, bpffs.device
        monkeypatch.setattr(
            procfs, "read", lambda path: self.mountinfo() if path == "/proc/self/mountinfo" else real(path)
        )
        monkeypatch.setattr(bpffs, "device", self.device)
        monkeypatch.setattr(syscall, "mount", self._mount)
        monkeypatch.setitem(fake_kernel._LAST_FIELD, commands.BPF_OBJ_PIN, 16)
        self._open = self.kernel._COMMANDS[commands.BPF_OBJ_GET]
        ours = {commands.BPF_OBJ_PIN: self._obj_pin, commands.BPF_OBJ_GET: self._obj_get}
        self.kernel._COMMANDS = {**self.kernel._COMMANDS, **ours}
        return self

    def device(self, path):
        real = self._device(path)
        return b"0:31" if self._holds(path) else real

    def mountinfo(self):
        return b"".join(b"36 30 0:31 / %s rw - bpf bpf rw\n" % (self.root + mount) for mount in self.mounts)

    def add(self, path, found):
        """Pin an object, or a file whose opening fails with an errno."""
        whole = self.root + path
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "wb") as made:
            self.inodes.pop(os.fstat(made.fileno()).st_ino, None)
        self.kernel.pins[whole] = found
        return found

    def text(self, path):
        """Return the whole path as a task would write it."""
        return os.fsdecode(self.root + path)

    def paths(self, pins):
        """Return the paths of pins below the temporary folder."""
        return [one.path[len(self.root) :] for one in pins]

    def listing(self):
        """Return what is in the mounts: path -> (kind, id) of a pin, None of a folder, else a number."""
        found = {}
        for mount in self.mounts:
            for folder, folders, files in os.walk(self.root + mount):
                found.update({os.path.join(folder, name): None for name in folders})
                found.update({os.path.join(folder, name): self._held(os.path.join(folder, name)) for name in files})
        return {path[len(self.root) :]: held for path, held in found.items()}

    def _held(self, path):
        found = self.inodes.get(os.lstat(path).st_ino, self.kernel.pins.get(path, 0))
        return found if isinstance(found, int) else (found.kind, found.id)

    def _holds(self, path):
        return any((path + b"/").startswith(self.root + mount + b"/") for mount in self.mounts)

    def _mount(self, _source, target, kind, _flags, _options):
        if self.mount_errno:
            raise kernel_error("mount", self.mount_errno)
        assert kind == b"bpf" and os.path.isdir(target)
        self.mounts.append(target[len(self.root) :])

    def _obj_pin(self, _kernel, call, _attr):
        pointer, fd, flags = struct.unpack_from("=QII", call.attr)
        path = ctypes.string_at(pointer)
        found = self.kernel.object_of(fd)
        refused = self.pin_errno
        if not self._holds(path) or b"." in os.path.basename(path):
            refused = errno.EPERM
        if refused or flags:
            raise fake_kernel._Errno(refused or errno.EINVAL)
        try:
            made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except OSError as error:
            raise fake_kernel._Errno(error.errno) from None
        # a number that is used once more belongs to another file
        self.inodes[os.fstat(made).st_ino] = found
        os.close(made)
        return 0

    def _obj_get(self, kernel, call, attr):
        path = ctypes.string_at(struct.unpack_from("=Q", call.attr)[0])
        found = self.inodes.get(os.stat(path).st_ino) if os.path.exists(path) else None
        if found is not None:
            self.kernel.pins[path] = found
        elif not os.path.lexists(path):
            self.kernel.pins.pop(path, None)
        return self._open(kernel, call, attr)
