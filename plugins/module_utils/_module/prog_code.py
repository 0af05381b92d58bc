# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._btf.reader import Spec
from .._kernel.errors import KernelError, Vanished, reason
from .._objects import ids, prog, prog_code, sysctl
from .._view import prog_code as view
from .._view.record import hide
from . import single
from .function_names import Specs
from .program_records import program_records

#: What is told of a program beside its code.
_KEYS = ("id", "type", "name", "full_name", "tag")
_SHOW = "set kernel.kptr_restrict to 0, or to 1 and read as root with CAP_SYSLOG"
OPTIONS = {
    "format": {"type": "str", "choices": list(view.FORMATS), "default": "text"},
    "opcodes": {"type": "bool", "default": False},
    "linum": {"type": "bool", "default": False},
}


def read(selector=None, _include=()) -> list[dict]:
    """Return the records of programs with their code: all of them, or those that a selector names.

    Without a selector at all (for near matches) the records are those of `bpf_prog_info`, without code. Raises
    `KernelError` where programs cannot be listed.
    """
    reader, codes = prog.Reader(fdinfo=False), prog_code.Reader()
    if single.names_one(selector):
        pairs = single.read_one(ids.PROG, selector, lambda number, fd: _read(reader, codes, number, fd))
        records = program_records(reader, [program for program, _code in pairs])
        found = [(record, code) for record, (_program, code) in zip(records, pairs)]
    else:
        records = program_records(reader, list(ids.scan(ids.PROG, reader.read, prog.Program)))
        if selector is None:
            return records
        found = [(record, code) for record in records if selector.matches(record) for code in _open(codes, record)]
    return _records(found, selector.params)


def _read(reader: prog.Reader, codes: prog_code.Reader, number: int, fd: int) -> tuple:
    return reader.read(number, fd), _code(codes, fd)


def _open(codes: prog_code.Reader, record: dict) -> list:
    """Return the code of the program with the id of a record in a list, [] where it is gone by now."""
    try:
        with ids.open_id(ids.PROG, record["id"]) as fd:
            return [_code(codes, fd.number)]
    except Vanished:
        return []
    except KernelError as error:
        return [_unread(error)]


def _code(codes: prog_code.Reader, fd: int) -> prog_code.Code:
    try:
        return codes.read(fd)
    except KernelError as error:
        return _unread(error)


def _unread(error: KernelError) -> prog_code.Code:
    code = prog_code.Code()
    code.why = reason(error)
    return code


def _records(found: list[tuple[dict, prog_code.Code]], params: dict) -> list[dict]:
    names, specs, hints = prog_code.Names(), Specs(), Hints()
    shape = view.View(params["format"], params["opcodes"], params["linum"])
    return [_record(full, code, shape, (names, specs, hints)) for full, code in found]


def _record(full: dict, code: prog_code.Code, shape: view.View, sources: tuple) -> dict:
    names, specs, hints = sources
    record = {key: full[key] for key in _KEYS}
    gone = {key: why for key, why in full.get("unavailable", {}).items() if key in _KEYS}
    record.update({shape.format: None, "hints": []})
    if code.data is None:
        hide(record, dict(gone, **{shape.format: code.why}))
        record["hints"] = hints.of_hidden_code(code)
        return record
    hide(record, gone)
    known = view.symbols(code, names)
    spec = specs.get(code.btf_id) if code.btf_id else None
    title = f"{record['type']} {record['name']} id {record['id']}"
    record[shape.format] = shape.make(code, known, spec if isinstance(spec, Spec) else None, title)
    record["hints"] = hints.of(code, names, view.unnamed(code, known))
    if isinstance(spec, str):
        record["hints"].append(f"source lines and prototypes are missing: the BTF cannot be read ({spec})")
    return record


class Hints:
    """Sentences on what is missing in a listing, why, and the way out. The settings are read when one is needed."""

    def __init__(self) -> None:
        self._settings: dict[str, sysctl.Setting] = {}

    def _setting(self, name: str) -> str:
        if not self._settings:
            names = (sysctl.KPTR, sysctl.JIT_HARDEN, sysctl.JIT_KALLSYMS)
            self._settings = {setting.name: setting for setting in sysctl.read(names)}
        return f"{name}={self._settings[name].running}"

    def of_hidden_code(self, code: prog_code.Code) -> list[str]:
        """Return why there is no code at all, [] where ``unavailable`` says it all."""
        if code.why != "hidden by kptr_restrict":
            return []
        return [
            "the constants of this program are blinded (net.core.bpf_jit_harden), and its code is told to nobody who "
            f"may not see kernel addresses ({self._setting(sysctl.KPTR)}): {_SHOW}"
        ]

    def of(self, code: prog_code.Code, names: prog_code.Names, unnamed: bool) -> list[str]:
        """Return what a listing lacks."""
        if names.why is not None:
            return [f"called functions have no names: {names.why}"]
        if names.hidden or (code.count and code.addresses is None):
            return [
                f"kernel addresses are hidden ({self._setting(sysctl.KPTR)}), so that calls are shown without their "
                f"names, helpers as bpf_unspec#0: {_SHOW}"
            ]
        if unnamed:
            settings = f"{self._setting(sysctl.JIT_KALLSYMS)}, {self._setting(sysctl.JIT_HARDEN)}"
            return [
                f"functions of this program have no symbol ({settings}), so that calls show their address: symbols "
                "need net.core.bpf_jit_kallsyms=1 and net.core.bpf_jit_harden=0, set before the program is loaded"
            ]
        return []
