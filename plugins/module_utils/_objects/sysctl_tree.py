# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import copy
import os

from . import sysctl_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, Mapping


class Tree:
    """The sysctl.d files of a host as they are, each read once, or as they would be after an edit.

    ``root`` is put before every directory; paths are without it.
    """

    def __init__(self, root: str = "") -> None:
        self.root = root
        self._paths, self._unlisted = sysctl_files.list_files(root)
        # What was read is shared with the trees that `edited` returns, what was changed is each one's own.
        self._texts: dict[str, bytes | int | None] = {}
        self._lines: dict[str, list[sysctl_files.Line]] = {}
        self._changes: dict[str, bytes | None] = {}

    def text(self, path: str) -> bytes | int | None:
        """Return the content of a file, None for one that is missing or a directory, an errno for an unreadable one."""
        if path in self._changes:
            return self._changes[path]
        if path not in self._texts:
            self._texts[path] = sysctl_files.read_text(self.root + path)
        return self._texts[path]

    def edited(self, changes: Mapping[str, bytes | None]) -> Tree:
        """Return the tree as it would be with other contents of some files, None for removed ones.

        A file that goes by several names through links changes under all of them.
        """
        tree: Tree = copy.copy(self)
        tree._paths, tree._changes = set(self._paths), dict(self._changes)
        for path, content in changes.items():
            real = os.path.realpath(self.root + path)
            links = {other for other in self._paths if other != path and os.path.realpath(self.root + other) == real}
            tree._changes.update(dict.fromkeys({path, *links}, content))
            if content is not None:
                tree._paths.add(path)
            elif not os.path.islink(self.root + path):
                tree._paths.discard(path)
        return tree

    def merged(self, names: Iterable[str]) -> dict[str, sysctl_files.Merged]:
        """Return the merged persistent state of each setting (dotted name)."""
        lines = [line for path in sysctl_files.in_order(self._paths) for line in self._lines_of(path)]
        return sysctl_files.merge_all(names, lines + self._unlisted)

    def _lines_of(self, path: str) -> list[sysctl_files.Line]:
        if path in self._changes:
            return sysctl_files.lines_of(path, self._changes[path])
        if path not in self._lines:
            self._lines[path] = sysctl_files.lines_of(path, self.text(path))
        return self._lines[path]
