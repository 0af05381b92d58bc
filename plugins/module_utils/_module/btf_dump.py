# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""BTF objects by who uses them, BTF in files, and what their types are."""

from __future__ import annotations

import base64
import gzip

from .._btf import source
from .._btf.errors import BtfError
from .._btf.reader import Spec
from .._objects import btf
from .._view.btf import KEYS
from .._view.record import hide
from . import btfs, config_file, maps, programs
from .select import Selector, select
from .single import WrongPin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_PIN = {"id": {"type": "int"}, "name": {"type": "str"}, "pinned": {"type": "path"}}
OPTIONS = {
    "program": {"type": "dict", "options": dict(_PIN, tag={"type": "str"})},
    "map": {"type": "dict", "options": _PIN},
    "file": {"type": "path"},
    "base": {"type": "path"},
    "dump": {"type": "str", "choices": ["raw", "c"]},
    "types": {"type": "list", "elements": "str"},
    "compress": {"type": "bool", "default": False},
}
RULES = {
    "mutually_exclusive": [("id", "program", "map", "file"), ("name", "file")],
    "required_by": {"base": "file", "types": "dump"},
}
_KERNEL_FILES = "/sys/kernel/btf/"
_VMLINUX = "vmlinux"
# The C of a kernel has 3 MB, its JSON 18.
_MAX_TEXT = 8 << 20


class CannotDump(WrongPin):
    """What was selected has no BTF that could be dumped; the text is a sentence."""


def read(selector=None, include=()) -> list[dict]:
    """Return the records of BTF objects as `btfs.read` does, of those selected here too, with ``dump`` if asked for."""
    if selector is None:
        return btfs.read()
    params = selector.params
    if params["file"]:
        found, spec = _file(params["file"], params["base"], include)
        return _dumped([found], params, lambda _record: spec)
    records = [record for record in btfs.read(selector, include) if selector.matches(record)]
    wanted = _used(params)
    if wanted is not None:
        records = [record for record in records if record["id"] in wanted]
    return _dumped(records, params, _spec)


def _used(params: dict) -> set[int] | None:
    """Return the ids of the BTF that the selected program or map uses, None where none was selected."""
    for noun, module in (("program", programs), ("map", maps)):
        given = params[noun]
        if given is not None:
            selector = Selector(given)
            records = select(selector, module.read(selector), list)["found"]
            wanted = {record["btf_id"] or record.get("btf_vmlinux_id") for record in records} - {None}
            if not records and params["required"]:
                raise CannotDump(f"there is no {noun} with {selector.describe() or 'a name'}")
            if records and not wanted and (params["dump"] or params["required"]):
                raise CannotDump(f"the {noun} with {selector.describe()} was loaded without BTF")
            return wanted
    return None


def _dumped(records: list[dict], params: dict, spec: Callable) -> list[dict]:
    if params["dump"] is None or not records:
        return records
    if len(records) > 1:
        some = ", ".join(str(record["id"]) for record in records[:10])
        raise CannotDump(f"a dump is of one BTF object, but {len(records)} match ({some}): give an id")
    (record,) = records
    try:
        text = _text(spec(record), params["dump"], params["types"])
    except BtfError as error:
        raise CannotDump(f"cannot dump {_called(record)}: {error}") from None
    record["dump"] = _packed(text, params["compress"])
    return records


def _text(spec: Spec, form: str, types: list[str] | None) -> str:
    from .._btf import cdump, raw
    from .._btf.closure import closure

    if form == "c":
        return cdump.text(spec, types)
    return raw.text(spec, None if types is None else closure(spec, cdump.find(spec, types)))


def _packed(text: str, compress: bool) -> str:
    if compress:
        # without the time, so that two dumps of the same are the same
        return base64.b64encode(gzip.compress(text.encode("utf-8", "surrogateescape"), mtime=0)).decode("ascii")
    if len(text) > _MAX_TEXT:
        raise CannotDump(
            f"the dump has {len(text)} characters, which is more than a result should carry: "
            "name the types that matter (types), or take it compressed (compress: true)"
        )
    return text


def _called(record: dict) -> str:
    return record["file"] if "file" in record else f"BTF {record['id']} ({record['name'] or 'of a program'})"


def _spec(record: dict) -> Spec:
    """Return the types of an object; those of a module of the kernel go on where those of vmlinux end."""
    blob = btf.read_blob(record["id"])
    return Spec(blob, _vmlinux() if record["kernel"] and record["name"] != _VMLINUX else None)


def _vmlinux() -> Spec:
    for found in btf.scan():
        if found.name == _VMLINUX.encode():
            return Spec(btf.read_blob(found.id))
    raise BtfError("the kernel lists no vmlinux that it could be based on")


def _file(path: str, base: str | None, include) -> tuple[dict, Spec]:
    """Return the record of a file, and its types."""
    if not base and path.startswith(_KERNEL_FILES) and path != _KERNEL_FILES + _VMLINUX:
        base = _KERNEL_FILES + _VMLINUX
    try:
        content = _content(path)
        size = len(source.blobs(content)[0])
        spec = source.spec(content, source.spec(_content(base)) if base else None)
    except BtfError as error:
        raise CannotDump(f"cannot read the BTF of {path}: {error}") from None
    record = hide({"file": path}, dict.fromkeys((*KEYS, *include), "read from a file"))
    record["size"] = size
    del record["unavailable"]["size"]
    return record, spec


def _content(path: str) -> bytes:
    content = config_file.read(path)
    if content is None:
        raise CannotDump(f"there is no file {path}")
    return content
