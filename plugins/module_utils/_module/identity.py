# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The ``identity`` column of programs. It is apart from the others, since it travels with bpf_prog_info alone."""

from __future__ import annotations

from .._btf import vocabulary
from .._btf.errors import BtfError
from .._btf.prototype import prototype
from .._btf.reader import Spec
from .._insn import fingerprint, source, tag
from .._insn.decode import decode
from .._kernel import errors
from .._objects import ids, kernel_build, prog, prog_code
from .._view.prog_code import symbols
from .._view.record import hide
from . import single
from .function_names import Specs
from .program_maps import NotTold, ProgramMaps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

    from .._objects.prog_code import Code

_REWRITTEN = "no program here is as it was loaded"


def add(records: list[dict[str, Any]], selector: Any = None) -> None:
    """Put the column into records of programs; the ``selector`` may name one by a pin that alone may be opened.

    Records that the selector leaves out in the end get none.
    """
    wanted = [record for record in records if selector is None or selector.matches(record)]
    column, tags = Column(selector), Tags()
    for record in wanted:
        code = column.code(record["id"])
        tags.look_at(code, record["tag"], record["prog_tags"])
        record["identity"] = column.of(record, code)
    algorithm = tags.algorithm() if wanted else None
    for record in wanted:
        record["identity"]["tag_algorithm"] = algorithm
        if algorithm is None:
            hide(record["identity"], {"tag_algorithm": _REWRITTEN})


class Column:
    """Makes identities; what programs share is read once: maps, BTF and the symbols of the kernel."""

    def __init__(self, selector: Any = None) -> None:
        self._pinned = selector if selector is not None and selector.pinned else None
        self._codes, self._names, self._specs = prog_code.Reader(), prog_code.Names(), Specs()
        self._maps = ProgramMaps()
        self._build = ""

    def code(self, number: int) -> Code:
        """Return the code of the program with an id."""
        try:
            opened = single.open_named(ids.PROG, self._pinned) if self._pinned else ids.open_id(ids.PROG, number)
            with opened as fd:
                return self._codes.read(fd.number)
        except errors.KernelError as error:
            code = prog_code.Code()
            code.why = errors.reason(error)
            return code

    def of(self, record: dict[str, Any], code: Code) -> dict[str, Any]:
        """Return the identity of a program, all but the ``tag_algorithm``."""
        found: dict[str, Any] = {}
        for key, make in (
            ("source_id", lambda: self._source_id(record, code)),
            ("fingerprints", lambda: self._fingerprints(record, code)),
            ("rodata_sha256", lambda: self._maps.rodata_sha256(_map_ids(record))),
            ("kernel_build", self._kernel_build),
        ):
            try:
                found[key] = make()
            except NotTold as error:
                hide(found, {key: str(error)})
            except errors.KernelError as error:
                hide(found, {key: errors.reason(error)})
        found["fingerprint"] = found["fingerprints"][0] if found["fingerprints"] else None
        if found["fingerprint"] is None:
            hide(found, {"fingerprint": found["unavailable"]["fingerprints"]})
        return found

    def _kernel_build(self) -> str:
        self._build = self._build or kernel_build.read()
        return self._build

    def _source_id(self, record: dict[str, Any], code: Code) -> str:
        if not code.btf_id or not code.functions:
            raise NotTold("EPERM" if code.why == "EPERM" else "no BTF")
        spec = self._specs.get(code.btf_id)
        if not isinstance(spec, Spec):
            raise NotTold(spec)
        try:
            entry = prototype(spec, code.functions[0][1])
            return source.source_id(record["type"], entry, vocabulary.strings(spec), vocabulary.prototypes(spec))
        except BtfError:
            raise NotTold("damaged BTF") from None

    def _fingerprints(self, record: dict[str, Any], code: Code) -> list[str]:
        if code.data is None:
            raise NotTold(code.why)
        (known,) = symbols([code], self._names)
        form = fingerprint.Form(decode(code.data), self._maps.shapes(_map_ids(record)), known)
        # A compiled program whose addresses are hidden has calls to number 0, which is a helper like any other.
        hidden = bool(form.calls) and (bool(code.count and code.addresses is None) or not self._names.base())
        return fingerprint.fingerprints(form, hidden)


def _map_ids(record: dict[str, Any]) -> Sequence[int]:
    if record["map_ids"] is None:
        raise NotTold(record["unavailable"]["map_ids"])
    return record["map_ids"]


class Tags:
    """What the tags of this host are made with: one program that nothing rewrote tells it for all."""

    def __init__(self) -> None:
        self._found: str | None = None

    def look_at(self, code: Code, tag_text: str | None, function_tags: list[str] | None) -> None:
        """Try to make the tags of a program."""
        if self._found is None and code.data is not None and tag_text is not None:
            starts = [slot for slot, _type in code.functions]
            self._found = tag.algorithm(code.data, bytes.fromhex(tag_text)) or tag.of_functions(
                code.data, starts, [bytes.fromhex(text) for text in function_tags or ()]
            )

    def algorithm(self) -> str | None:
        """Return the name of the hash; looks at all programs where those seen did not tell."""
        if self._found is None:
            reader, codes = prog.Reader(fdinfo=False), prog_code.Reader()
            try:
                for number in ids.walk(ids.PROG):
                    self._open(number, reader, codes)
                    if self._found is not None:
                        break
            except errors.KernelError:
                # Who may not list programs has seen those that it may: the answer stays unknown.
                return None
        return self._found

    def _open(self, number: int, reader: prog.Reader, codes: prog_code.Reader) -> None:
        try:
            with ids.open_id(ids.PROG, number) as fd:
                program = reader.read(number, fd.number)
                if program.error is None:
                    tags = [program.tags[at : at + 8].hex() for at in range(0, len(program.tags), 8)]
                    self.look_at(codes.read(fd.number), program.info.tag.hex(), tags)
        except errors.Vanished:
            return
