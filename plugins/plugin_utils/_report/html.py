# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import functools
import os

import jinja2

from .._policy.rule import SEVERITIES
from . import text

_TEMPLATES = os.path.join(os.path.dirname(__file__), "templates")
# Rows of all tables of offending objects together; the numbers beside them are always exact.
_MOST_ROWS = 10000
_LABELS = {"pass": "passed", "fail": "failed", "unknown": "unknown", "not_applicable": "not applicable"}


@functools.lru_cache(maxsize=1)
def _page():
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        # names come from whoever loads a program: everything is escaped
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = text.moment
    environment.filters["visible"] = text.visible
    return environment.get_template("report.html.j2")


def render(model, inventory):
    """One HTML page that needs nothing else: no script, no font, no image, no request."""
    return _page().render(
        model=model,
        groups=_by_rule(model),
        unseen=_by_reason(model["could_not_see"]),
        failed=_by_host(model["findings"]),
        numbers={host["host"]: position for position, host in enumerate(model["hosts"], 1)},
        inventory=inventory,
        severities=list(reversed(SEVERITIES)),
        labels=_LABELS,
    )


def _by_rule(model):
    """Findings as the page shows them: one entry a rule, with a table of objects for each host."""
    rules = {rule["id"]: rule for rule in model["rules"]}
    most = max(5, min(200, _MOST_ROWS // max(1, len(model["findings"]))))
    groups: dict[str, dict] = {}
    for one in model["findings"]:
        group = groups.setdefault(one["rule"], {"rule": rules[one["rule"]], "count": 0, "undecided": 0, "hosts": []})
        group["count"] += one["count"]
        group["undecided"] += one["undecided"]
        group["hosts"].append(
            {"host": one["host"], "count": one["count"], **_objects(one["objects"][:most], one["count"])}
        )
    return list(groups.values())


def _by_host(findings):
    hosts: dict[str, list[dict]] = {}
    for one in findings:
        hosts.setdefault(one["host"], []).append(one)
    return hosts


def _by_reason(could_not_see):
    """What could not be seen for the same reason on the same hosts is one row of the page."""
    rows: dict[tuple, dict] = {}
    for one in could_not_see:
        empty = {"facts": [], "reason": one["reason"], "rules": set(), "hosts": one["hosts"]}
        row = rows.setdefault((one["reason"], tuple(one["hosts"])), empty)
        row["facts"].append(one)
        row["rules"].update(one["rules"])
    return [{**row, "rules": sorted(row["rules"])} for row in rows.values()]


def _objects(objects, count):
    keys = list(dict.fromkeys(key for found in objects if isinstance(found, dict) for key in found))
    rows = [
        [text.cell(key, found.get(key)) for key in keys] if isinstance(found, dict) else [text.cell("", found)]
        for found in objects
    ]
    return {"keys": keys or ["object"], "rows": rows, "left": count - len(rows)}
