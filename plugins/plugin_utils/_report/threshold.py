# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._policy.rule import SEVERITIES

NEVER = "never"
CHOICES = (NEVER, *SEVERITIES)


def complaint(model, fail_on, fail_on_missing):
    """Why the run fails, as a sentence, or "" if it does not."""
    return " ".join(filter(None, (_of_findings(model["findings"], fail_on), _of_hosts(model, fail_on_missing))))


def _of_findings(found, fail_on):
    if fail_on == NEVER:
        return ""
    bad = [one for one in found if SEVERITIES.index(one["severity"]) >= SEVERITIES.index(fail_on)]
    if not bad:
        return ""
    hosts = len({one["host"] for one in bad})
    worse = "" if fail_on == SEVERITIES[-1] else " or worse"
    return f"{_many(len(bad), 'finding')} of severity {fail_on}{worse} on {_many(hosts, 'host')}."


def _of_hosts(model, fail_on_missing):
    lost = model["not_audited"]
    if not fail_on_missing or not lost:
        return ""
    names = ", ".join(one["host"] for one in lost[:5]) + (", ..." if len(lost) > 5 else ".")
    return f"{_many(len(lost), 'host')} of {model['summary']['hosts']['expected']} could not be audited: {names}"


def _many(number, noun):
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
