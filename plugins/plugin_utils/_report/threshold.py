# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._policy.rule import SEVERITIES
from .text import many

NEVER = "never"
CHOICES = (NEVER, *SEVERITIES)


def complaint(model, fail_on, fail_on_missing):
    """Why the run fails, as a sentence, or "" if it does not."""
    sentences = [_of_hosts(model, fail_on_missing)]
    if fail_on != NEVER:
        sentences = [_of_findings(model["findings"], fail_on), _of_rules(model["not_evaluated"], fail_on), *sentences]
    return " ".join(filter(None, sentences))


def _of_findings(found, fail_on):
    bad = _bad(found, fail_on)
    if not bad:
        return ""
    hosts = len({one["host"] for one in bad})
    return f"{many(len(bad), 'finding')} of {_severity(fail_on)} on {many(hosts, 'host')}."


def _of_rules(broken, fail_on):
    """A rule that could not be evaluated may have been the one to find something."""
    bad = [one["rule"] for one in _bad(broken, fail_on)]
    names = ", ".join(bad[:5]) + (", ..." if len(bad) > 5 else ".")
    return f"{many(len(bad), 'rule')} of {_severity(fail_on)} could not be evaluated: {names}" if bad else ""


def _bad(entries, fail_on):
    return [one for one in entries if SEVERITIES.index(one["severity"]) >= SEVERITIES.index(fail_on)]


def _severity(fail_on):
    return f"severity {fail_on}" + ("" if fail_on == SEVERITIES[-1] else " or worse")


def _of_hosts(model, fail_on_missing):
    lost = model["not_audited"]
    if not fail_on_missing or not lost:
        return ""
    names = ", ".join(one["host"] for one in lost[:5]) + (", ..." if len(lost) > 5 else ".")
    return f"{many(len(lost), 'host')} of {model['summary']['hosts']['expected']} could not be audited: {names}"
