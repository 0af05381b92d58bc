# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

# What a query rests on, read off its syntax tree. An origin is where a value of the tree comes from: a path of keys
# from the top of the document (lists are walked through), or {name: [origins]} for an object that the query built.

_ELEMENT_FIRST = ("sort_by", "max_by", "min_by")
_SAME_ORIGIN = ("reverse", "sort", "to_array", "not_null", "max", "min", "merge", "values")


class Needs:
    """C(rests_on), C(shows): sets of paths (tuples of keys); C(null_tests): paths compared with null."""

    def __init__(self):
        self.rests_on = set()
        self.shows = set()
        self.null_tests = set()

    def names(self):
        """The C(needs) list of a rule: noun.key, or the noun alone where no key of it is used. Sorted."""
        dotted = {path[:2] for path in self.rests_on}
        nouns = {path[0] for path in dotted if len(path) == 2}
        return sorted(".".join(path) for path in dotted if len(path) == 2 or path[0] not in nouns)


def derive(tree):
    """Needs of one syntax tree, see the module's comment."""
    needs = Needs()
    _Walk(needs).visit(tree, [()], tail=True)
    return needs


class _Walk:
    def __init__(self, needs):
        self._needs = needs
        self._paths = needs.rests_on

    def visit(self, node, origins, tail=False):
        """Origins of the node's value, for a current value of these origins; C(tail): it is what the query yields."""
        return getattr(self, "_" + node["type"], self._default)(node, origins, tail)

    def _default(self, node, origins, tail):
        for child in node["children"]:
            if isinstance(child, dict):
                self.visit(child, origins)
        return []

    def _field(self, node, origins, tail):
        found = []
        for origin in origins:
            if isinstance(origin, dict):
                found += origin.get(node["value"], [])
            else:
                path = origin + (node["value"],)
                self._paths.add(path)
                found.append(path)
        return found

    def _current(self, node, origins, tail):
        return origins

    _identity = _index = _slice = _current

    def _chain(self, node, origins, tail):
        children = [child for child in node["children"] if child["type"] != "identity"]
        for position, child in enumerate(children, 1):
            origins = self.visit(child, origins, tail and position == len(children))
        return origins

    _subexpression = _pipe = _index_expression = _projection = _chain

    def _value_projection(self, node, origins, tail):
        # the keys are not named, so the value rests on the whole object, which is recorded already, but for the top
        if () in self.visit(node["children"][0], origins):
            self._paths.add(("*",))
        return self._default(node["children"][1], [], tail)

    def _flatten(self, node, origins, tail):
        return self.visit(node["children"][0], origins, tail)

    def _filter_projection(self, node, origins, tail):
        left, right, condition = node["children"]
        elements = self.visit(left, origins)
        self.visit(condition, elements)
        return self.visit(right, elements, tail)

    def _comparator(self, node, origins, tail):
        sides = [self.visit(child, origins) for child in node["children"]]
        if node["value"] in ("eq", "ne"):
            for child, other in zip(node["children"], reversed(sides), strict=True):
                if child["type"] == "literal" and child["value"] is None:
                    self._needs.null_tests.update(path for path in other if isinstance(path, tuple))
        return []

    def _either(self, node, origins, tail):
        return [origin for child in node["children"] for origin in self.visit(child, origins, tail)]

    _or_expression = _and_expression = _multi_select_list = _either

    def _multi_select_dict(self, node, origins, tail):
        # A dict of shown keys is never null, so its keys decide nothing when it is what the query yields.
        kept, self._paths = self._paths, self._needs.shows if tail else self._paths
        built = {pair["value"]: self.visit(pair["children"][0], origins) for pair in node["children"]}
        self._paths = kept
        return [built]

    def _function_expression(self, node, origins, tail):
        name, arguments = node["value"], node["children"]
        if name in _ELEMENT_FIRST:
            elements = self.visit(arguments[0], origins)
            self.visit(arguments[1]["children"][0], elements)
            return elements
        if name == "map":
            return self.visit(arguments[0]["children"][0], self.visit(arguments[1], origins))
        found = [origin for argument in arguments for origin in self.visit(argument, origins)]
        return found if name in _SAME_ORIGIN else []
