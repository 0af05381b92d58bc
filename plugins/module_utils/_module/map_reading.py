# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The content of one map in the forms that a task asks for."""

from __future__ import annotations

from .._btf.errors import WrongValue
from .._objects.map_data import Content
from .._uapi import map_types as types
from .._view import forms
from .._view.entry import Entries, first, last_key
from .._view.form_text import hexadecimal
from . import map_typing
from .one_map import SPEC as SELECTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._objects.map_data import Chunk
    from .._view.where import Where
    from .one_map import Opened

FORM_SPEC = {
    "key_format": {"type": "str", "choices": list(forms.NAMES), "default": "auto", "no_log": False},
    "value_format": {"type": "str", "choices": list(forms.NAMES), "default": "auto"},
    "byte_order": {"type": "str", "choices": ["native", "little", "big"], "default": "native"},
}
SPEC = dict(SELECTION, **FORM_SPEC)


class Reading:
    """One map that is open, its content and the forms of it; raises `KernelError` and WrongValue."""

    def __init__(self, opened: Opened, wanted: forms.Wanted, typing: forms.Typing | None = None) -> None:
        info = opened.info
        self.opened = opened
        self.content = Content(opened.fd.number, info)
        if typing is None:
            typed = {"auto", "btf"} & {wanted.key, wanted.value}
            typing = map_typing.read(info) if typed else forms.Typing()
        key = forms.key_form(info, typing, wanted) if info.key_size else None
        self.entries = Entries(self.content.shape, key, forms.value_form(info, typing, wanted))

    def key(self, value: Any, raw: str | None, field: str) -> bytes:
        """Return the bytes of a key that a task gives, in the form that it chose or (``raw``) in hex."""
        if self.entries.key is None:
            raise WrongValue(field, "entries of this type of map have no keys")
        if raw is not None:
            return hexadecimal(self.content.shape.key).encode(raw, field + "_raw")
        return self.entries.key.encode(value, field)

    def one(self, key: bytes) -> list[dict[str, Any]]:
        """Return the entry of a key in a list, or an empty one."""
        if self.opened.info.type == types.LPM_TRIE:
            from .._view.form_address import canonical

            return self.entries.records(self.content.exact(key, canonical))
        return self.entries.records(self.content.lookup(key))

    def some(self, limit: int, after: bytes | None, where: Where) -> dict[str, Any]:
        """Return ``entries``, at most ``limit``, ``complete``, and the key to go on behind where there may be more."""
        records: list[dict[str, Any]] = []
        complete, last = True, None
        for whole in self.content.chunks(0 if where else limit, after):
            chunk = where.filter(self.entries, whole)
            some = first(chunk, self.entries.shape, limit - len(records))
            records += self.entries.records(some)
            last = some if some.count else last
            if len(records) == limit:
                complete = self.content.complete and some.count == chunk.count
                break
        else:
            complete = self.content.complete
        return dict({"entries": records, "complete": complete}, **self._place(None if complete else last))

    def _place(self, last: Chunk | None) -> dict[str, Any]:
        if last is None or self.entries.key is None:
            return {"next_after": None}
        keys, odd = self.entries.key.many(last_key(last, self.entries.shape))
        place = {"next_after": keys[0]}
        if odd:
            place["next_after_raw"] = odd[0].hex(" ")
        return place


def wanted(params: dict[str, Any]) -> forms.Wanted:
    """Return the forms that a task asks for."""
    return forms.Wanted(params["key_format"], params["value_format"], params["byte_order"])
