# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._btf.errors import BtfError
from .._btf.reader import Spec
from .._kernel import errors
from .._objects import btf
from .._view.record import hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._objects import prog


class Specs:
    """The BTF of programs by id, each read and parsed once."""

    def __init__(self) -> None:
        self._known: dict[int, Spec | str] = {}

    def get(self, number: int) -> Spec | str:
        """Return a `Spec`, or the reason why there is none: an errno's name, or "damaged BTF"."""
        if number not in self._known:
            self._known[number] = self._read(number)
        return self._known[number]

    def _read(self, number: int) -> Spec | str:
        try:
            return Spec(btf.read_blob(number))
        except errors.KernelError as error:
            return errors.reason(error)
        except BtfError:
            return "damaged BTF"


def complete(pairs: list[tuple[prog.Program, dict]]) -> None:
    """Put the full names of programs into their records.

    The kernel keeps 15 characters of a name; BTF has the whole name of the function, found by the type of the first
    one.
    """
    specs = Specs()
    for program, record in pairs:
        found = specs.get(program.info.btf_id)
        if isinstance(found, Spec):
            found = _name(found, program.main_type, record)
        if found:
            hide(record, {"full_name": found})


def _name(spec: Spec, type_id: int, record: dict) -> str:
    """Set the name from BTF and return "", or the reason why it cannot be had."""
    try:
        name = spec.func_name(type_id)
    except BtfError:
        return "damaged BTF"
    if name is None:
        return "no BTF"
    record["full_name"] = name
    return ""
