# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._btf.errors import BtfError
from .._btf.reader import Spec
from .._kernel import errors, kallsyms
from .._objects import ids, prog_symbols, sysctl
from .._view import kallsyms as view
from .._view.record import text
from .._view.symbol import PROG, parse_address
from .failure import fail, sentence
from .function_names import Specs

_SPEC = {"addresses": {"type": "list", "elements": "raw", "default": []}}


class WrongAddress(Exception):
    """An address that a task gives is none; the text is a sentence."""


class FunctionNames:
    """The names of functions in the symbols of programs, by the rule of the kernel."""

    def __init__(self) -> None:
        self._specs = Specs()

    def __call__(self, program: prog_symbols.Compiled, index: int) -> str | None:
        if index < len(program.types):
            spec = self._specs.get(program.info.btf_id)
            try:
                name = spec.func_name(program.types[index]) if isinstance(spec, Spec) else None
            except BtfError:
                name = None
            if name:
                return name
        return (text(program.info.name) or None) if index == 0 else "F"


def read(addresses: list[int]) -> dict:
    """Return ``symbols``, ``hints``, and ``addresses`` where some are asked for.

    Raises `KernelError` where the symbol table cannot be read; programs that cannot be listed are a hint.
    """
    hints: list[str] = []
    found = _programs(hints)
    # Read behind the programs: what is loaded meanwhile has a symbol and no owner, which is told, and no wrong one.
    table = kallsyms.bpf_symbols(kallsyms.read())
    maker = view.View(found, FunctionNames())
    records = [maker.record(address, name) for address, name in table]
    compiled = [program for program in found if program.compiled]
    if compiled and not any(record["kind"] == PROG for record in records):
        hints.append(_not_exported(len(compiled)))
        records += maker.missing()
    if any(record["address"] is None for record in records):
        hints.append(_hidden())
    interpreted = sum(program.told and not program.compiled for program in found)
    if interpreted:
        hints.append(_interpreted(interpreted))
    records.sort(key=view.order)
    result = {"symbols": records, "hints": hints}
    if addresses:
        lookup = view.Lookup(records)
        result["addresses"] = [lookup.record(address) for address in addresses]
    return result


def _programs(hints: list[str]) -> list[prog_symbols.Compiled]:
    reader = prog_symbols.Reader()
    try:
        return list(ids.scan(ids.PROG, reader.read, prog_symbols.Compiled))
    except errors.KernelError as error:
        hints.append(f"symbols have no programs: {sentence('list the programs of this host', error)}")
        return []


def _settings(*names: str) -> str:
    found = {setting.name: setting.running for setting in sysctl.read(names)}
    return ", ".join(f"{name}={'unknown' if found[name] is None else found[name]}" for name in names)


def _hidden() -> str:
    return (
        f"addresses are hidden ({_settings(sysctl.KPTR, sysctl.PARANOID)}): set kernel.kptr_restrict to 0, or to 1 and "
        "read as root with CAP_SYSLOG"
    )


def _not_exported(count: int) -> str:
    return (
        f"the symbols of {count} programs are not in the table "
        f"({_settings(sysctl.JIT_KALLSYMS, sysctl.JIT_HARDEN)}), and what is listed of them is made of what the kernel "
        "tells of each program: to have them in the table too, as perf needs them, set net.core.bpf_jit_kallsyms to 1 "
        "and net.core.bpf_jit_harden to 0; programs need not be loaded again"
    )


def _interpreted(count: int) -> str:
    return (
        f"{count} programs are interpreted and have no symbol ({_settings(sysctl.JIT_ENABLE)}): set "
        "net.core.bpf_jit_enable to 1 and load them again"
    )


def _addresses(given: list) -> list[int]:
    found = []
    for one in given:
        address = parse_address(one)
        if address is None:
            raise WrongAddress(
                f"addresses: {one!r} is no address: write up to 16 hexadecimal digits in quotes, with or without 0x"
            )
        found.append(address)
    return found


def run() -> None:
    """Run ``bpf_kallsyms_info``."""
    module = AnsibleModule(argument_spec=_SPEC, supports_check_mode=True)
    try:
        result = read(_addresses(module.params["addresses"]))
    except WrongAddress as error:
        module.fail_json(msg=str(error))
    except errors.KernelError as error:
        fail(module, "read the symbols of this host", error)
    module.exit_json(changed=False, **result)
