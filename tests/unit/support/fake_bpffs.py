# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders that stand for mounts of bpffs, their files pins of a fake kernel's objects."""

from __future__ import annotations

import os

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs


class FakeBpffs:
    """Paths are given as bytes below the temporary folder; ``mounts`` may be changed."""

    def __init__(self, root, kernel):
        self.root = os.fsencode(str(root))
        self.kernel = kernel
        self.mounts = [b"/bpf"]
        os.makedirs(self.root + b"/bpf")

    def install(self, monkeypatch):
        real = procfs.read
        monkeypatch.setattr(
            procfs, "read", lambda path: self.mountinfo() if path == "/proc/self/mountinfo" else real(path)
        )
        return self

    def mountinfo(self):
        return b"".join(b"36 30 0:31 / %s rw - bpf bpf rw\n" % (self.root + mount) for mount in self.mounts)

    def add(self, path, found):
        """Pin an object, or a file whose opening fails with an errno."""
        whole = self.root + path
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "wb"):
            pass
        self.kernel.pins[whole] = found
        return found

    def text(self, path):
        """Return the whole path as a task would write it."""
        return os.fsdecode(self.root + path)

    def paths(self, pins):
        """Return the paths of pins below the temporary folder."""
        return [one.path[len(self.root) :] for one in pins]
