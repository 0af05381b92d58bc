# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors
from .._objects import ids, prog
from .._view.prog_code import FORMATS
from .._view.record import hide
from . import jited, single, xlated
from .program_records import program_records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What is told of a program beside its code.
_KEYS = ("id", "type", "name", "full_name", "tag")
_KINDS = {"xlated": xlated, "jited": jited}
OPTIONS = {
    "what": {"type": "str", "choices": list(_KINDS), "default": "xlated"},
    "format": {"type": "str", "choices": list(FORMATS), "default": "text"},
    "opcodes": {"type": "bool", "default": False},
    "linum": {"type": "bool", "default": False},
}


def read(selector=None, _include=()) -> list[dict]:
    """Return the records of programs with their code: all of them, or those that a selector names.

    Without a selector at all (for near matches) the records are those of `bpf_prog_info`, without code. Raises
    `KernelError` where programs cannot be listed.
    """
    reader = prog.Reader(fdinfo=False)
    if selector is None:
        return program_records(reader, list(ids.scan(ids.PROG, reader.read, prog.Program)))
    kind = _KINDS[selector.params["what"]]
    codes = kind.Reader()
    if single.names_one(selector):
        pairs = single.read_one(ids.PROG, selector, lambda number, fd: _read(reader, kind, codes, number, fd))
        records = program_records(reader, [program for program, _code in pairs])
        found = [(record, code) for record, (_program, code) in zip(records, pairs)]
    else:
        records = program_records(reader, list(ids.scan(ids.PROG, reader.read, prog.Program)))
        chosen = [record for record in records if selector.matches(record)]
        found = [(record, code) for record in chosen for code in _open(kind, codes, record)]
    shown = [(_brief(record), code) for record, code in found]
    kind.add(shown, selector.params)
    return [record for record, _code in shown]


def _read(reader: prog.Reader, kind: Any, codes: Any, number: int, fd: int) -> tuple:
    return reader.read(number, fd), _code(kind, codes, fd)


def _open(kind: Any, codes: Any, record: dict) -> list:
    """Return the code of the program with the id of a record in a list, [] where it is gone by now."""
    try:
        with ids.open_id(ids.PROG, record["id"]) as fd:
            return [_code(kind, codes, fd.number)]
    except errors.Vanished:
        return []
    except errors.KernelError as error:
        return [kind.Unread(errors.reason(error))]


def _code(kind: Any, codes: Any, fd: int) -> Any:
    try:
        return codes.read(fd)
    except errors.KernelError as error:
        return kind.Unread(errors.reason(error))


def _brief(full: dict) -> dict:
    record = {key: full[key] for key in _KEYS}
    hide(record, {key: why for key, why in full.get("unavailable", {}).items() if key in _KEYS})
    return record
