# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors, kallsyms
from .._objects import device, link, prog
from .._view import link as view


def link_records(links: list[link.Link], types: dict[int, int | str] | None) -> list[dict]:
    """Return the records of links, looking up kernel symbols and network devices only where a link needs them.

    ``types`` has the type number of their programs by id, or the reason why it is not known; None: nobody looked.
    """
    addresses = view.addresses(links)
    maker = view.View(types, _symbols(addresses) if addresses else {}, device.device_names(links))
    return [maker.record(found) for found in links]


def type_or_reason(found: prog.Program) -> int | str:
    """Return the type number of a program as `link_records` wants it."""
    return found.info.type if found.error is None else errors.reason(found.error)


def _symbols(addresses: set[int]) -> dict[int, tuple[str, str | None]] | None:
    try:
        return kallsyms.find_addresses(addresses)
    except errors.KernelError:
        return None
