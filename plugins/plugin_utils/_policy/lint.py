# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import difflib
import functools

from .._jmespath import JMESPathError, parse, signatures
from . import shipped
from .needs import derive


@functools.lru_cache(maxsize=1)
def document_keys():
    """What a host's document has, for spelling checks: nested mappings, None without keys, "*" for free keys."""
    return shipped.read("document.yml")


def check_rule(data):
    """({field: syntax tree}, [(field, what is wrong), ...]) of the fields of one rule."""
    trees, complaints, found = {}, [], []
    for field in ("applies_when", "query"):
        if field not in data:
            continue
        try:
            trees[field] = parse(data[field])
        except JMESPathError as error:
            complaints.append((field, f"{field} is not JMESPath: {_first_line(error)}"))
            continue
        wrong = wrong_calls(trees[field])
        if wrong:  # what such a call rests on cannot be told
            complaints += [(field, message) for message in wrong]
            continue
        needs = derive(trees[field])
        complaints += [(field, message) for message in unknown_keys(needs)]
        found.append(needs)
        if not needs.rests_on:
            complaints.append((field, f"{field} rests on no fact of the host"))
    if not complaints:
        complaints = [("needs", message) for message in _compare(data["needs"], found)]
    return trees, complaints


def _first_line(error):
    return str(error).splitlines()[0].rstrip(":")


def wrong_calls(node, called=False):
    """A sentence for each function that JMESPath would refuse, but only on a host and where it comes to the call."""
    calls = node["type"] == "function_expression"
    messages = _wrong_call(node["value"], node["children"]) if calls else []
    if node["type"] == "expref" and not called:
        messages.append("& is only for arguments of functions that take one")
    inside = (wrong_calls(child, calls) for child in node["children"] if isinstance(child, dict))
    return [*messages, *(message for found in inside for message in found)]


def _wrong_call(name, arguments):
    known = signatures()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        return [f"there is no function {name}" + (f"; is {near[0]} meant?" if near else "")]
    wanted = known[name]
    more = bool(wanted) and wanted[-1].get("variadic", False)
    if len(arguments) < len(wanted) or (len(arguments) > len(wanted) and not more):
        number = "1 argument" if len(wanted) == 1 else f"{len(wanted)} arguments"
        return [f"{name} takes {number}{' or more' if more else ''}, and has {len(arguments)}"]
    kinds = [one["types"] for one in wanted] + [wanted[-1]["types"]] * (len(arguments) - len(wanted))
    return [
        f"argument {position} of {name} must {'' if 'expref' in kind else 'not '}begin with &"
        for position, (argument, kind) in enumerate(zip(arguments, kinds, strict=True), 1)
        if (argument["type"] == "expref") != ("expref" in kind)
    ]


def unknown_keys(needs):
    """A sentence for each path of a query that no host's document has."""
    messages = []
    for path in sorted(needs.rests_on | needs.shows):
        keys = document_keys()
        for position, key in enumerate(path):
            if keys == "*":
                break
            if not isinstance(keys, dict) or key not in keys:
                messages.append(_unknown(path[: position + 1], keys))
                break
            keys = keys[key]
    return sorted(set(messages))


def _unknown(path, keys):
    name = ".".join(path)
    if not isinstance(keys, dict):
        return f"{name} does not exist: {'.'.join(path[:-1])} has no keys"
    near = difflib.get_close_matches(path[-1], keys, n=1)
    return f"{name} does not exist" + (f"; is {'.'.join((*path[:-1], near[0]))} meant?" if near else "")


def _compare(declared, found):
    names = {name.rstrip("?") for name in declared}
    wanted = {name for needs in found for name in needs.names()}
    nouns = {name.partition(".")[0] for name in wanted if "." in name}
    wanted -= nouns
    messages = [f"the query rests on {name}, and needs does not name it" for name in sorted(wanted - names)]
    messages += [f"needs names {name}, and the query does not rest on it" for name in sorted(names - wanted)]
    if len(declared) != len(names):
        messages.append("needs names a fact twice")
    tested = {".".join(path[:2]) for needs in found for path in needs.null_tests}
    marked = {name[:-1] for name in declared if name.endswith("?")}
    messages += [
        f'{name} is compared with null: write "{name}?" in needs, which says that null is an answer'
        for name in sorted((tested & names) - marked)
    ]
    return messages
