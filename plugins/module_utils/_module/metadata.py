# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._btf.errors import BtfError
from .._btf.metadata import metadata
from .._btf.reader import Spec
from .._kernel import errors
from .._objects import ids, map
from .._uapi import map_types
from .._view.record import hide
from .function_names import Specs


def add(records: list[dict]) -> None:
    """Put the ``metadata`` column into records of programs: the variables ``bpf_metadata_*`` of their read-only data.

    A program without such variables has an empty dict. Each map is read once, whatever the number of its programs.
    """
    specs, reader = Specs(), map.Reader(fdinfo=False)
    known: dict[int, dict | str] = {}
    for record in records:
        record["metadata"] = {}
        if record["map_ids"] is None:
            hide(record, {"metadata": record["unavailable"]["map_ids"]})
            continue
        for number in record["map_ids"]:
            if number not in known:
                known[number] = _variables(number, reader, specs)
            found = known[number]
            if isinstance(found, str):
                hide(record, {"metadata": found})
                break
            record["metadata"].update(found)


def _variables(number: int, reader: map.Reader, specs: Specs) -> dict | str:
    """Return the variables in a map, {} where it holds none, or the reason why they cannot be read."""
    try:
        with ids.open_id(ids.MAP, number) as fd:
            return _of_map(reader.read(number, fd.number), fd.number, specs)
    except errors.Vanished:
        return {}
    except errors.KernelError as error:
        return errors.reason(error)
    except BtfError:
        return "damaged BTF"


def _of_map(found: map.Map, fd: int, specs: Specs) -> dict | str:
    if found.error is not None:
        return errors.reason(found.error)
    info = found.info
    # Global data is an array of one value whose type is the section; libbpf names the map after it.
    if (
        info.type != map_types.ARRAY
        or info.max_entries != 1
        or not info.btf_value_type_id
        or b".rodata" not in info.name
    ):
        return {}
    spec = specs.get(info.btf_id)
    if not isinstance(spec, Spec):
        return spec
    return metadata(spec, info.btf_value_type_id, map.lookup(fd, bytes(4), info.value_size))
