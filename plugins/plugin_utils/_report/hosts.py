# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._errors import FleetError
from .._policy.judge import judge
from .._policy.pack import digest
from .._policy.standard import standard
from .._run.directory import encode
from .._run.document import check

MISSING = "missing"
_NO_FILE = "the run has no record of this host: it was not reached, or the play ended before its turn"


def records(run, names, rules):
    """Yield (host, record) for every expected host, in order; one that has no usable file gets a record that says so.

    C(outcome) is ok, failed, unreachable or missing, C(error) a sentence for all but ok. Verdicts by other rules than
    these are replaced: the document is in the record, so no host has to be asked again.
    """
    policy = digest(rules)
    for name in names:
        try:
            record = run.fetch(name) or {"outcome": MISSING, "error": _NO_FILE}
            if record["outcome"] != "ok":
                record = {"outcome": record["outcome"], "error": str(record["error"])}
            elif check(record["document"]) and record.get("policy") != policy:
                record["verdicts"] = judge(rules, record["document"], _standard(record))
                encode(record["verdicts"])  # what the report cannot write is this host's failure, not the report's
        except FleetError as error:
            record = {"outcome": "failed", "error": str(error)}
        except KeyError as error:
            record = {"outcome": "failed", "error": f"{run.host_file(name)} is incomplete: it has no {error}"}
        yield name, record


def _standard(record):
    """What the host was measured by; FleetError for one that does not exist (any more)."""
    kept = record.get("standard", {})
    if not isinstance(kept, dict) or not isinstance(kept.get("settings", {}), dict):
        raise FleetError("the record does not say what the host was measured by: its standard is no mapping")
    return standard(kept.get("profile"), kept.get("settings"))
