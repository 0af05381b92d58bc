# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._objects import sysctl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._objects import prog_code, prog_jited

_SHOW = "set kernel.kptr_restrict to 0, or to 1 and read as root with CAP_SYSLOG"
_HIDDEN, _NOT_COMPILED = "hidden by kptr_restrict", "not compiled"
_NAMES = (sysctl.KPTR, sysctl.JIT_ENABLE, sysctl.JIT_HARDEN, sysctl.JIT_KALLSYMS)


class Hints:
    """Sentences on what is missing in a listing, why, and the way out. The settings are read when one is needed."""

    def __init__(self) -> None:
        self._settings: dict[str, sysctl.Setting] = {}

    def _setting(self, name: str) -> str:
        if not self._settings:
            self._settings = {setting.name: setting for setting in sysctl.read(_NAMES)}
        return f"{name}={self._settings[name].running}"

    def of_hidden_code(self, code: prog_code.Code) -> list[str]:
        """Return why there is no code at all, [] where ``unavailable`` says it all."""
        if code.why != _HIDDEN:
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
            return [
                f"functions of this program have no symbol ({self._symbols()}), so that calls show their address: "
                "symbols need net.core.bpf_jit_kallsyms=1 and net.core.bpf_jit_harden=0, set before the program is "
                "loaded"
            ]
        return []

    def of_hidden_machine_code(self, code: prog_jited.Code) -> list[str]:
        """Return why there is no machine code, [] where ``unavailable`` says it all."""
        if code.why == _HIDDEN:
            return [
                "machine code is told to nobody who may not see kernel addresses "
                f"({self._setting(sysctl.KPTR)}): {_SHOW}"
            ]
        if code.why == _NOT_COMPILED:
            return [
                f"this program is interpreted ({self._setting(sysctl.JIT_ENABLE)}): programs that are loaded while "
                "net.core.bpf_jit_enable is 1 are compiled"
            ]
        return []

    def of_machine_code(self, names: prog_code.Names, unnamed: bool) -> list[str]:
        """Return what a listing of machine code lacks."""
        if names.why is not None:
            return [f"called functions have no names: {names.why}"]
        if names.hidden:
            return [f"kernel addresses are hidden ({self._setting(sysctl.KPTR)}), so that calls have no names: {_SHOW}"]
        if unnamed:
            return [
                f"functions of this program have no symbol ({self._symbols()}): their names are made of their tags as "
                "the kernel would make them"
            ]
        return []

    def _symbols(self) -> str:
        return f"{self._setting(sysctl.JIT_KALLSYMS)}, {self._setting(sysctl.JIT_HARDEN)}"
