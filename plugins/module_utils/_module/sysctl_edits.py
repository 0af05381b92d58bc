# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The edits of files that make settings persistent: of our own file, and of those that say something else."""

from __future__ import annotations

import errno
import os

from .._kernel import errors
from .._objects import sysctl_files, sysctl_text
from .._objects.sysctl_tree import Tree
from .._view.sysctl import value_of
from .._view.sysctl_plan import notes
from .config_file import mask
from .sysctl_task import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping

# What belongs to the administrator may be edited; what lies elsewhere came in a package and is overridden.
_OURS_TO_EDIT = ("/etc/", "/run/")
_OVERRIDES = "/etc/sysctl.d/"


def own_file(tree: Tree, file: str, wanted: Mapping[str, int | None]) -> dict[str, bytes | None]:
    """Return path -> new content of our own file, empty where it says what it should; raises `Refusal`."""
    before = tree.text(file)
    if isinstance(before, int):
        error = errors.kernel_error(f"read {file}", before)
        raise Refusal(f"cannot keep settings in {file}: {error}", error)
    after = sysctl_text.edit(before, wanted)
    if after == before:
        return {}
    check_writable(file)
    return {file: after}


def find_conflicts(tree: Tree, wanted: Mapping[str, int]) -> dict[str, list[str]]:
    """Return name -> files that give a setting another value than the wanted one, without settings that have none."""
    found = {name: _other_files(merged.lines, wanted[name]) for name, merged in tree.merged(wanted).items()}
    return {name: files for name, files in found.items() if files}


def _other_files(lines: Iterable[sysctl_files.Line], wanted: int) -> list[str]:
    return sorted({line.file for line in lines if not sysctl_files.is_glob(line.key) and value_of(line) != wanted})


def without_conflicts(
    tree: Tree, conflicts: Mapping[str, Iterable[str]], wanted: Mapping[str, int]
) -> dict[str, bytes | None]:
    """Return path -> new content of the files that give settings other values, so that they do no more.

    In files below /etc and /run the lines become comments. A file of a package is not touched: a copy of it with such
    comments, below /etc and by the same name, takes its place. Raises `Refusal`.
    """
    changes: dict[str, bytes | None] = {}
    for name, files in conflicts.items():
        for path in files:
            target, text = _editable(tree, path, changes)
            changes[target] = sysctl_text.comment_out(text, name, wanted[name])
    for target in changes:
        check_writable(target)
    return changes


def check_conflicts(conflicts: Mapping[str, Iterable[str]]) -> None:
    """Raise `Refusal` where files give settings other values."""
    told = ["{} in {}".format(name, ", ".join(files)) for name, files in conflicts.items()]
    if told:
        raise Refusal(
            f"other files give other values: {'; '.join(told)}. Set conflicts to fix, or remove the lines there"
        )


def check_outcome(records: Iterable[dict[str, Any]], wanted: Mapping[str, int]) -> None:
    """Raise `Refusal` where a boot would not set what is wanted, or that cannot be told."""
    left = notes(records, wanted, effects=False)
    if left:
        raise Refusal(". ".join(left))


def check_writable(path: str) -> None:
    """Raise `Refusal` where a file could not be replaced; opens nothing."""
    real, why = os.path.realpath(path), mask(path)
    if why is not None:
        raise Refusal(f"cannot write {path}: {why}")
    place = os.path.dirname(real)
    while not os.path.exists(place):
        place = os.path.dirname(place)
    for one in (place, real):
        if os.path.exists(one) and not os.access(one, os.W_OK):
            number = errno.EROFS if os.statvfs(one).f_flag & os.ST_RDONLY else errno.EACCES
            error = errors.kernel_error(f"write {one}", number)
            raise Refusal(f"cannot write {path}: {error}. Run with become, or set persist to false", error)


def _editable(tree: Tree, path: str, changes: dict[str, bytes | None]) -> tuple[str, bytes]:
    """Return the file to write in place of a conflicting one, and its text as far as it is changed already."""
    text = tree.text(path)
    if not isinstance(text, bytes):
        raise Refusal(f"cannot look for conflicts in {path}: it cannot be read")
    if not path.startswith(_OURS_TO_EDIT):
        target = _OVERRIDES + os.path.basename(path)
        return target, changes.get(target) or sysctl_text.override(text, path)
    real = os.path.realpath(path)
    if not real.startswith(_OURS_TO_EDIT):
        raise Refusal(f"cannot edit {path}: it is a link to {real}, which is not the administrator's: do it by hand")
    return path, changes.get(path) or text
