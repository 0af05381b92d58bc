# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""First kernels as the documentation of the modules names them, held against what a kernel told."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterable

import yaml

SINCE = re.compile(r"\(Linux (\d+)\.(\d+)\)")
UNSUPPORTED = "unsupported"
Version = tuple[int, int]


def returned(module: pathlib.Path) -> dict:
    """RETURN of a module, as data."""
    found = re.search(r'^RETURN = r"""\n(.*?)^"""', module.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return yaml.safe_load(found[1]) or {} if found else {}


def first_versions(documented: dict) -> dict[str, Version]:
    """Key of a record -> the first kernel that knows it, for keys whose description ends with "(Linux X.Y)"."""
    found: dict[str, Version] = {}
    for name, told in documented.items():
        texts = told.get("description", "")
        since = SINCE.search(texts if isinstance(texts, str) else " ".join(texts))
        if since:
            found[name] = (int(since[1]), int(since[2]))
        found.update(first_versions(told.get("contains", {})))
    return found


def kernel(release: str) -> Version:
    numbers = re.findall(r"\d+", release)
    return int(numbers[0]), int(numbers[1])


def missing(records: Iterable[dict]) -> list[str]:
    """Keys that the probe of our modules calls unsupported."""
    return sorted({key for one in records for key, why in one.get("unavailable", {}).items() if why == UNSUPPORTED})


def valued(records: Iterable[dict]) -> set[str]:
    """Keys that have a value."""
    return {key for record in records for key, value in record.items() if value is not None}


def wrong(records: Iterable[dict], since: dict[str, Version], release: str, known: set[str]) -> list[str]:
    """What these records of one kernel say against the documentation, a sentence each.

    ``known`` are the keys that have a value for the same objects on some kernel: the others are null where they mean
    nothing, without a reason.
    """
    running, found = kernel(release), []
    for record in records:
        unavailable = record.get("unavailable", {})
        for key, version in since.items():
            text = f"{key} (Linux {version[0]}.{version[1]})"
            if running >= version and unavailable.get(key) == UNSUPPORTED:
                found.append(f"{text} is called unsupported on {release}")
            if running < version and key in record and record[key] is not None:
                found.append(f"{text} has the value {record[key]!r} on {release}, which cannot know it")
            if running < version and key in record and record[key] is None and key in known - set(unavailable):
                found.append(f"{text} is null on {release} without a reason")
    return sorted(set(found))
