# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sysctls in memory that answer as the kernel does, and directories of sysctl.d in a temporary folder."""

from __future__ import annotations

import errno
import os

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs, sysctl_file
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module import sysctl_edits, sysctl_task
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import jit_memory, sysctl, sysctl_files, sysctl_write

RANGES = {
    sysctl.STATS: (0, 1),
    sysctl.KPTR: (0, 2),
    sysctl.PARANOID: (-1, 4),
    sysctl.UNPRIVILEGED: (0, 2),
    sysctl.JIT_ENABLE: (0, 2),
    sysctl.JIT_HARDEN: (0, 2),
    sysctl.JIT_KALLSYMS: (0, 1),
    sysctl.JIT_LIMIT: (1, 1000000),
}


class FakeSysctls:
    """``values`` by name; ``missing`` and ``errors`` (name -> errno of a write) are names that go wrong.

    ``calls`` lists what was done, as ("read", name) and ("write", name, value).
    """

    def __init__(self, root):
        self.root = str(root)
        self.values = dict.fromkeys(sysctl.NAMES, 0)
        self.values.update({sysctl.JIT_ENABLE: 1, sysctl.JIT_KALLSYMS: 1, sysctl.JIT_LIMIT: 400000})
        self.always_on = False
        self.known_always_on = None
        self.in_use = (0, None)
        self.missing = set()
        self.errors = {}
        self.refusals = {}
        self.stubborn = set()
        self.calls = []

    def install(self, monkeypatch):
        for directory in ("etc", "run", "usr/lib"):
            os.makedirs(f"{self.root}/{directory}/sysctl.d")
        directories = tuple(self.root + path for path in sysctl_files.DIRECTORIES)
        monkeypatch.setattr(sysctl_files, "DIRECTORIES", directories)
        monkeypatch.setattr(sysctl_files, "LEGACY_FILE", self.path("/etc/sysctl.conf"))
        monkeypatch.setitem(sysctl_task.SPEC["file"], "default", self.path(sysctl_task.DEFAULT_FILE))
        monkeypatch.setattr(sysctl_edits, "_OURS_TO_EDIT", (self.path("/etc/"), self.path("/run/")))
        monkeypatch.setattr(sysctl_edits, "_OVERRIDES", self.path("/etc/sysctl.d/"))
        monkeypatch.setattr(procfs, "read", self.read)
        monkeypatch.setattr(sysctl_file, "write", self.write)
        monkeypatch.setattr(sysctl_file, "refusal", self.refusal)
        monkeypatch.setattr(sysctl_write, "always_on", lambda: self.known_always_on)
        monkeypatch.setattr(jit_memory, "in_use", lambda: self.in_use)
        monkeypatch.setattr(sysctl, "is_systemd", lambda: True)
        return self

    # ------------------------------------------------------------ the kernel

    def _name(self, path):
        return path[len("/proc/sys/") :].replace("/", ".")

    def read(self, path):
        name = self._name(path)
        self.calls.append(("read", name))
        if name in self.missing:
            raise kernel_error(f"open {path}", errno.ENOENT)
        return b"%d\n" % self.values[name]

    def write(self, path, value):
        name = self._name(path)
        self.calls.append(("write", name, value))
        number = self.errors.get(name) or self._refuses(name, value)
        if number:
            raise kernel_error(f"write {path}", number)
        if name not in self.stubborn:
            self.values[name] = value

    def _refuses(self, name, value):
        low, high = RANGES[name]
        if not low <= value <= high or (name == sysctl.JIT_ENABLE and self.always_on and value != 1):
            return errno.EINVAL
        if name == sysctl.UNPRIVILEGED and self.values[name] == 1 and value != 1:
            return errno.EPERM
        if name == sysctl.JIT_ENABLE and value == 2 and self.values[sysctl.KPTR] == 2:
            return errno.EPERM
        return 0

    def refusal(self, path):
        number = self.refusals.get(self._name(path), errno.ENOENT if self._name(path) in self.missing else 0)
        return kernel_error(f"write {path}", number) if number else None

    @property
    def writes(self):
        return [call[1:] for call in self.calls if call[0] == "write"]

    # ------------------------------------------------------------ the files

    def path(self, path):
        return self.root + path

    def put(self, path, text):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        with open(self.path(path), "w", encoding="utf-8", newline="") as handle:
            handle.write(text)

    def get(self, path):
        try:
            with open(self.path(path), encoding="utf-8", newline="") as handle:
                return handle.read()
        except FileNotFoundError:
            return None

    def files(self):
        """Return path -> text of every file there is."""
        found = [os.path.join(folder, name) for folder, _folders, names in os.walk(self.root) for name in names]
        return {path[len(self.root) :]: self.get(path[len(self.root) :]) for path in found}
