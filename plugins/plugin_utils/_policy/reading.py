# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import re

import yaml

from . import located
from .lint import check_rule
from .rule import SEVERITIES, make_rule

_ID = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_.][A-Za-z0-9]+)*\Z")
_LIST = ("needs", "references")
_FIELDS = {
    "id": True,
    "title": True,
    "severity": True,
    "rationale": True,
    "remediation": True,
    "references": False,
    "applies_when": False,
    "needs": True,
    "query": True,
}


def read_rules(path):
    """(rules, [located.Problem]) of a pack that a person wrote: everything about it is checked."""
    node, problems = located.read(path)
    if problems:
        return [], problems
    if node is None:
        return [], [located.Problem(path, 1, "the file is empty; a rule pack is a mapping with the key rules")]
    top, problems = located.section(node, path)
    if top is None:
        return [], problems
    unknown = [located.Problem(path, top.lines[key], f"unknown key {key}") for key in top.data if key != "rules"]
    problems += unknown
    if not isinstance(top.data.get("rules"), yaml.SequenceNode):
        return [], [*problems, located.Problem(path, top.lines.get("rules", top.line), "rules must be a list of rules")]
    rules = []
    for entry in top.data["rules"].value:
        rule, wrong = _load_rule(entry, path)
        rules += [rule] if rule else []
        problems += wrong
    return rules, problems


def _load_rule(node, path):
    here, problems = located.section(node, path)
    if here is None:
        return None, problems
    data = {}
    for key, child in here.data.items():
        message, data[key] = _field(key, child)
        problems += [located.Problem(path, here.lines[key], message)] if message else []
    missing = [key for key, required in _FIELDS.items() if required and key not in data]
    problems += [located.Problem(path, here.line, f"the rule has no {key}") for key in missing]
    if problems:
        return None, problems
    trees, complaints = check_rule(data)
    problems = [located.Problem(path, here.lines[key], message) for key, message in complaints]
    return (None, problems) if problems else (make_rule(data, trees, f"{path}:{here.line}"), [])


def _field(key, node):
    """("" or what is wrong, value) of one field of a rule."""
    if key not in _FIELDS:
        return f"unknown field {key}; a rule has {', '.join(_FIELDS)}", None
    try:
        value = located.value(node)
    except yaml.YAMLError as error:
        return f"{key}: {getattr(error, 'problem', error)}", None
    if key in _LIST:
        good = isinstance(value, list) and all(isinstance(element, str) and element for element in value)
        return "" if good else f"{key} must be a list of strings", value
    if not isinstance(value, str) or not value.strip():
        return f"{key} must be text", value
    if key == "severity" and value not in SEVERITIES:
        return f"severity is {value}; it must be one of {', '.join(SEVERITIES)}", value
    if key == "id" and not _ID.match(value):
        return f"the id {value!r} may have letters, digits and single - _ . between them", value
    return "", value.strip()
