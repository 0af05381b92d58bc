# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The forms that a task may ask for, by name."""

from __future__ import annotations

from .._btf.errors import BtfError, WrongValue
from .._uapi import map_types as types
from . import form_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._btf.reader import Spec

_TEXTS = ("base64", "string", "mac")
_ADDRESSES = ("ipv4", "ipv6", "cidr")
_NUMBERS = ("u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64")
NAMES = ("auto", "btf", "hex", "base64", *_NUMBERS, "string", "ipv4", "ipv6", "mac", "cidr")


# Most maps: what their values mean is up to the programs.
_OF_PROGRAMS = (types.HASH, types.ARRAY, types.PERCPU_HASH, types.PERCPU_ARRAY, types.LRU_HASH, types.LPM_TRIE)


class Typing:
    """The BTF of a map: its Spec and the types of key and value (0: none); ``why`` there is no Spec.

    Of a ``blob`` the Spec is made when it is asked for: most forms do without.
    """

    __slots__ = ("_spec", "_why", "blob", "key", "value")

    def __init__(
        self, spec: Spec | None = None, key: int = 0, value: int = 0, why: str = "it has none", blob: bytes = b""
    ) -> None:
        self._spec = spec
        self._why = "" if blob else why
        self.blob = blob
        self.key = key
        self.value = value

    @property
    def spec(self) -> Spec | None:
        if self._spec is None and not self._why:
            from .._btf.reader import Spec

            try:
                self._spec = Spec(self.blob)
            except BtfError as error:
                self._why = f"its BTF is damaged: {error}"
        return self._spec

    @property
    def why(self) -> str:
        return self._why if self.spec is None else ""


class Wanted:
    """What a task asks for: ``key`` and ``value`` out of `NAMES`, ``byte_order`` out of native, little and big."""

    __slots__ = ("byte_order", "key", "value")

    def __init__(self, key: str = "auto", value: str = "auto", byte_order: str = "native") -> None:
        self.key = key
        self.value = value
        self.byte_order = byte_order


def key_form(info: Any, typing: Typing, wanted: Wanted) -> Any:
    """Return the form of the keys of a map; raises WrongValue where the one that is wanted does not fit."""
    return _form("key", wanted.key, info.key_size, typing, wanted.byte_order, None)


def value_form(info: Any, typing: Typing, wanted: Wanted) -> Any:
    """Return the form of the values of a map; raises WrongValue where the one that is wanted does not fit."""
    return _form("value", wanted.value, info.value_size, typing, wanted.byte_order, info)


def _form(part: str, name: str, size: int, typing: Typing, byte_order: str, info: Any) -> Any:
    try:
        return _named(name, size, byte_order) or _kernels(name, size, info) or _typed(part, name, size, typing)
    except WrongValue as error:
        raise WrongValue(f"{part}_format", str(error)) from None


def _named(name: str, size: int, byte_order: str) -> Any:
    """Return a form that needs nothing but a name; each is imported by those who ask for it."""
    if name == "hex":
        return form_text.hexadecimal(size)
    if name in _TEXTS:
        return getattr(form_text, name)(size)
    if name in _NUMBERS:
        from . import form_number

        return form_number.number(name, size, byte_order)
    if name in _ADDRESSES:
        from . import form_address

        return getattr(form_address, name)(size)
    return None


def _kernels(name: str, size: int, info: Any) -> Any:
    """Return the form that the kernel itself gives to values, None where it gives none."""
    if name != "auto" or info is None or info.type in _OF_PROGRAMS:
        return None
    from .form_kernel import kernel_form

    return kernel_form(info.type, size, info.map_flags)


def _typed(part: str, name: str, size: int, typing: Typing) -> Any:
    type_id = getattr(typing, part)
    if typing.spec is not None and type_id:
        from .form_btf import BtfForm

        try:
            return BtfForm(typing.spec, type_id, size, part == "key")
        except BtfError as error:
            if name == "btf":
                raise WrongValue("", str(error)) from None
    elif name == "btf":
        raise WrongValue("", f"there is no BTF type for the {part}: {typing.why}")
    return form_text.hexadecimal(size)
