# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors
from .._objects import ids
from . import kernel, settings
from .kernel import SCHEMA
from .survey import Survey

ENCODING = "json+zlib+base64"


def collect() -> dict:
    """Return the audit document of a host: all nouns with every key and column, and who keeps each object.

    Never raises `KernelError`: a noun that cannot be read is None with a sentence in ``unavailable``.
    """
    import time

    survey = Survey()
    survey.add_columns()
    if survey.programs is not None and survey.maps is not None and (survey.programs or survey.maps):
        _add_holders(survey)
    return {
        "schema": SCHEMA,
        "collected_at": int(time.time()),
        "kernel": kernel.read(),
        "privileges": kernel.privileges(),
        "programs": survey.programs,
        "maps": survey.maps,
        "links": survey.links,
        "btfs": survey.btfs,
        "pins": survey.pins,
        "sysctls": settings.read_sysctls(),
        "memlock": settings.read_memlock(survey.pids),
        "unavailable": survey.unavailable,
    }


def _add_holders(survey: Survey) -> None:
    from .._view.holders import add_holders

    # A kernel that cannot list links (before 5.8) has none of a map.
    linkable = survey.links is not None or ids.LINK.listing().outcome != "no"
    add_holders(survey.programs, survey.maps, survey.links, linkable)
    for records, kind in ((survey.programs, ids.PROG), (survey.maps, ids.MAP)):
        # Objects are listed before their holders are looked for: what nothing holds may have been closed in between.
        records[:] = [record for record in records if record["holders"] or _is_there(kind, record["id"])]


def _is_there(kind: ids.Kind, number: int) -> bool:
    """Return whether an object is there still, without opening it: that can leak a prog_array (rule EBPF-M002)."""
    try:
        return next(ids.walk(kind, number - 1), 0) == number
    except errors.KernelError:
        return True


def pack(document: dict) -> str:
    """Return a document as one string: compact JSON, zlib, base64. One string costs a controller 18 times less than the
    many small dicts in it."""
    import base64
    import json
    import zlib

    return base64.b64encode(zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 6)).decode("ascii")
