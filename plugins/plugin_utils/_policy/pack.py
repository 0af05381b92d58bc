# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import functools
import hashlib

from .._errors import FleetError
from .._jmespath import parse
from . import shipped
from .rule import make_rule

BUILTIN = "rules/ebpf_fleet.yml"


def load(paths, skip=(), builtin=True):
    """Rules of the packs, sorted by id. FleetError with one line "file:line: what" for each thing wrong in them."""
    rules = list(builtin_rules()) if builtin else []
    wrong = []
    for path in paths:
        from .reading import read_rules  # most runs have no rules but ours

        found, problems = read_rules(path)
        rules += found
        wrong += [f"{problem.file}:{problem.line}: {problem.message}" for problem in problems]
    wrong += _duplicates(rules)
    if wrong:
        raise FleetError("\n".join([f"the audit rules have {_count(len(wrong))}:", *wrong]))
    unknown = sorted(set(skip) - {rule.id for rule in rules})
    if unknown:
        raise FleetError(f"skip_rules names {', '.join(unknown)}, and no loaded rule has this id")
    return sorted((rule for rule in rules if rule.id not in skip), key=lambda rule: rule.id)


@functools.lru_cache(maxsize=1)
def builtin_rules():
    """The rules that come with the collection. Nothing is looked for in them that our tests have looked for."""
    entries = shipped.read(BUILTIN)["rules"]
    return [make_rule(entry, _trees(entry), BUILTIN) for entry in entries]


def _trees(entry):
    return {key: parse(entry[key]) for key in ("applies_when", "query") if key in entry}


def digest(rules):
    """Hash of what the rules judge by; records that carry another one were judged differently."""
    return hashlib.sha256("\n".join(rule.basis for rule in rules).encode("utf-8")).hexdigest()[:16]


def _count(number):
    return "1 problem" if number == 1 else f"{number} problems"


def _duplicates(rules):
    first: dict[str, str] = {}
    wrong = []
    for rule in rules:
        if rule.id in first:
            wrong.append(f"{rule.place}: the rule id {rule.id} is taken: {first[rule.id]}")
        first.setdefault(rule.id, rule.place)
    return wrong
