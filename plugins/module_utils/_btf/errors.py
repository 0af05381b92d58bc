# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The errors of the BTF reader, and of the codecs that it feeds."""

from __future__ import annotations


class BtfError(ValueError):
    """BTF that is damaged, or a value that its type does not fit.

    ``reason`` says what is wrong, ``offset`` is the byte of the BTF blob where it stands, None when the blob is fine
    and only the value is not.
    """

    def __init__(self, reason: str, offset: int | None = None) -> None:
        super().__init__(reason if offset is None else f"{reason} at byte {offset} of the BTF")
        self.reason = reason
        self.offset = offset


class WrongValue(BtfError):
    """A value that does not fit its type. ``field`` is its place in the value, "flow.ports[1]", "" for the whole."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.reason = reason
        self.field = field
