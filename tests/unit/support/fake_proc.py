# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A /proc made of plain files in a temporary folder, with errors where a test wants them."""

from __future__ import annotations

import os
import types

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import device, owners


class FakeProc:
    """``errors`` maps paths ("/proc/7/fd") to the errno that looking there fails with."""

    def __init__(self, root):
        self.root = str(root)
        self.errors = {}
        self._directories = {}
        os.makedirs(self.root + "/proc/self/ns")
        os.symlink("pid:[4026531836]", self.root + "/proc/self/ns/pid")
        # init, with nothing in it: without it processes are hidden
        os.makedirs(self.root + "/proc/1")

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
        with open(self.root + path, "wb") as handle:
            handle.write(text)

    def add_process(self, pid, comm="agent", fds=None, state="S", net="net:[1]"):
        """Add a process; ``fds`` maps descriptors to (what the link says, fdinfo text)."""
        base = f"/proc/{pid}"
        self.add_descriptors(base, fds)
        self.add_descriptors(f"{base}/task/{pid}", fds)
        os.makedirs(self.root + base + "/ns")
        self.write(base + "/comm", (comm if isinstance(comm, bytes) else comm.encode()) + b"\n")
        self.write(base + "/stat", f"{pid} (a) b) {state} 1 1".encode())
        os.symlink(net, self.root + base + "/ns/net")

    def add_descriptors(self, base, fds=None):
        """Add those of a process or of one of its threads (``/proc/7/task/8``)."""
        os.makedirs(self.root + base + "/fd")
        for fd, (target, fdinfo) in (fds or {}).items():
            os.symlink(target, self.root + f"{base}/fd/{fd}")
            if fdinfo is not None:
                self.write(f"{base}/fdinfo/{fd}", fdinfo)

    def _real(self, path):
        """Return the path in the temporary folder, or raise what was planted for it."""
        number = self.errors.get(path)
        if number:
            raise OSError(number, os.strerror(number), path)
        return self.root + path if path.startswith("/proc") else path

    def read(self, path):
        try:
            with open(self._real(path), "rb") as handle:
                return handle.read()
        except OSError as error:
            raise kernel_error(f"open {path}", error.errno) from None

    def listdir(self, path):
        """The names in descending order: nobody may rely on the kernel's."""
        try:
            return sorted(os.listdir(self._real(path)), key=lambda name: (len(name), name), reverse=True)
        except OSError as error:
            raise kernel_error(f"list {path}", error.errno) from None

    def install(self, monkeypatch):
        monkeypatch.setattr(procfs, "read", self.read)
        monkeypatch.setattr(procfs, "listdir", self.listdir)
        monkeypatch.setattr(owners, "os", _Os(self))
        monkeypatch.setattr(device, "os", _Os(self))
        return self


class _Os:
    """The os module as the code under test sees it: paths below /proc are the fake's."""

    def __init__(self, proc):
        self._proc = proc

    def __getattr__(self, name):
        return getattr(os, name)

    def open(self, path, flags):
        fd = os.open(self._proc._real(path), flags)
        self._proc._directories[fd] = path
        return fd

    def listdir(self, directory):
        if isinstance(directory, int):
            self._proc._real(self._proc._directories[directory] + "/")
        return os.listdir(directory)

    def stat(self, path):
        """As procfs counts: a directory of threads has a link for each of them, whatever the file system here says."""
        return types.SimpleNamespace(st_nlink=2 + len(os.listdir(self._proc._real(path))))

    def readlink(self, path, dir_fd=None):
        if dir_fd is not None:
            self._proc._real(f"{self._proc._directories[dir_fd]}/{path}")
            return os.readlink(path, dir_fd=dir_fd)
        return os.readlink(self._proc._real(path))
