# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The BTF that belongs to a map."""

from __future__ import annotations

from .._btf.errors import BtfError
from .._btf.owned_names import names_owned
from .._kernel import errors, procfs
from .._objects import btf
from .._view.forms import Typing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._btf.reader import Spec

_VMLINUX = "/sys/kernel/btf/vmlinux"


def read(info: Any) -> Typing:
    """Return the types of a map's keys and values; never fails, ``why`` tells what is in the way."""
    try:
        if info.btf_vmlinux_value_type_id:
            return Typing(_of_kernel(info), 0, info.btf_vmlinux_value_type_id)
        if not info.btf_id:
            return Typing()
        return Typing(None, info.btf_key_type_id, info.btf_value_type_id, blob=btf.read_blob(info.btf_id))
    except errors.KernelError as error:
        return Typing(why=f"its BTF cannot be read ({errors.reason(error)})")
    except BtfError as error:
        return Typing(why=f"its BTF is damaged: {error}")


def owned(info: Any, typing: Typing) -> bytes:
    """Return the mask of the bytes of a value that are the kernel's (locks, timers), b"" where there are none."""
    if not typing.value or (typing.blob and not names_owned(typing.blob)) or typing.spec is None:
        return b""
    from .._btf import owned

    try:
        mask = owned.mask(typing.spec, typing.value, info.value_size)
    except BtfError:
        return b""  # the form of the values says what is wrong, where it matters
    return mask if any(mask) else b""


def _of_kernel(info: Any) -> Spec:
    """Return the BTF of the kernel, or of the module, that declares a kind of struct_ops."""
    from .._btf.reader import Spec

    base = Spec(procfs.read(_VMLINUX))
    if not info.btf_vmlinux_id:
        return base
    reader = btf.Reader()
    from .._objects import ids

    with ids.open_id(ids.BTF, info.btf_vmlinux_id) as fd:
        found = reader.read(info.btf_vmlinux_id, fd.number)
        if found.name in (b"vmlinux", None) or found.error is not None:
            return base
        return Spec(reader.blob(fd.number, found.size or 0), base)
