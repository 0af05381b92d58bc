# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._jmespath import JMESPathError, TreeInterpreter
from .._run.document import UNUSABLE

# JMESPath has two truth values: a comparison with something that the host could not tell is "no match", so a rule
# would pass on a blind host. This interpreter has a third, Unknown, with Kleene's tables: false && unknown is false,
# true || unknown is true, everything else that rests on an unknown is unknown.


class Unknown:
    """What the host could not tell: which key, of what, and why. The third truth value."""

    __slots__ = ("fact", "reason", "subject")

    def __init__(self, fact, reason, subject=None):
        self.fact = fact
        self.reason = reason
        self.subject = subject


class Partial(list):
    """Result of a filter: the elements that match, and beside them those that could not be decided."""

    def __init__(self, elements=(), undecided=()):
        super().__init__(elements)
        self.undecided = list(undecided)  # of (element, Unknown)


def doubt(value):
    """The Unknown in a value if its content cannot be relied upon, else None."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Partial) and value.undecided:
        return value.undecided[0][1]
    if isinstance(value, list):
        return next((found for found in map(doubt, value) if found), None)
    return None


def truth(value):
    """True, False or an Unknown."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Partial) and not value and value.undecided:
        return value.undecided[0][1]
    return not (value is None or value is False or value == "" or value == [] or value == {})


def _proves(found):
    """Whether something is certain in an incomplete list: the records in it are there. That none is there is not."""
    return isinstance(found, list) and bool(found) and isinstance(found[0], dict)


class Logic(TreeInterpreter):
    """JMESPath over records that know what they do not know.

    C(nullable): keys whose null is an answer ("has none"); every other null, and every key that a record names in its
    C(unavailable), is Unknown. C(blind): {key: reason} of keys that are unknown or incomplete in the whole document.
    """

    def __init__(self, nullable=(), blind=None):
        super().__init__()
        self._nullable = frozenset(nullable)
        self._blind = blind or {}

    def visit_field(self, node, value):
        if isinstance(value, Unknown):
            return value
        if not isinstance(value, dict):
            return None
        key = node["value"]
        found = value.get(key)
        if found is not None and (key not in self._blind or _proves(found)):
            return found
        return self._absent(key, value)

    def _absent(self, key, record):
        reasons = record.get("unavailable")
        # in the metadata of a program that key is whatever its author made it
        reason = (isinstance(reasons, dict) and reasons.get(key)) or self._blind.get(key)
        if reason is None and key in self._nullable and key in record:
            return None
        subject = record.get("name") or record.get("path") or record.get("id")
        return Unknown(key, str(reason or "the host did not tell"), subject)

    def visit_comparator(self, node, value):
        left, right = (self.visit(child, value) for child in node["children"])
        unknown = doubt(left) or doubt(right)
        if unknown:
            return unknown
        operator = node["value"]
        if operator not in ("eq", "ne") and isinstance(left, str) != isinstance(right, str):
            return None  # "unlimited" < 5 has no order; the library would raise TypeError
        literals = [{"type": "literal", "value": side, "children": []} for side in (left, right)]
        return super().visit_comparator({"type": "comparator", "value": operator, "children": literals}, None)

    def visit_and_expression(self, node, value):
        left = self.visit(node["children"][0], value)
        if truth(left) is False:
            return left
        right = self.visit(node["children"][1], value)
        if isinstance(truth(left), Unknown):
            return right if truth(right) is False else truth(left)
        return right

    def visit_or_expression(self, node, value):
        left = self.visit(node["children"][0], value)
        if truth(left) is True:
            return left
        right = self.visit(node["children"][1], value)
        if isinstance(truth(left), Unknown):
            return right if truth(right) is True else truth(left)
        return right

    def visit_not_expression(self, node, value):
        verdict = truth(self.visit(node["children"][0], value))
        return verdict if isinstance(verdict, Unknown) else not verdict

    def visit_function_expression(self, node, value):
        arguments = [self.visit(child, value) for child in node["children"]]
        unknown = next((found for found in map(doubt, arguments) if found), None)
        if unknown:
            return unknown
        arguments = [list(argument) if isinstance(argument, Partial) else argument for argument in arguments]
        result = self._functions.call_function(node["value"], arguments)
        return doubt(result) or result

    def visit_filter_projection(self, node, value):
        left, right, condition = node["children"]
        base = self.visit(left, value)
        if not isinstance(base, list):
            return base if isinstance(base, Unknown) else None
        kept = Partial()
        for element in base:
            self._sort_in(kept, element, truth(self.visit(condition, element)), right)
        for element, unknown in getattr(base, "undecided", ()):
            if truth(self.visit(condition, element)) is not False:
                self._sort_in(kept, element, unknown, right)
        return kept

    def _sort_in(self, kept, element, verdict, right):
        if verdict is False:
            return
        shown = self.visit(right, element)
        if isinstance(verdict, Unknown):
            kept.undecided.append((shown, verdict))
        elif shown is not None:
            kept.append(shown)

    def visit_projection(self, node, value):
        left, right = node["children"]
        base = self.visit(left, value)
        if not isinstance(base, list):
            return base if isinstance(base, Unknown) else None
        shown = (self.visit(right, element) for element in base)
        undecided = [(self.visit(right, element), unknown) for element, unknown in getattr(base, "undecided", ())]
        return Partial((element for element in shown if element is not None), undecided)

    def visit_value_projection(self, node, value):
        base = self.visit(node["children"][0], value)
        if isinstance(base, Unknown):
            return base
        if not isinstance(base, dict):
            return None
        shown = (self.visit(node["children"][1], element) for element in base.values())
        return Partial(element for element in shown if element is not None)

    def visit_flatten(self, node, value):
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return base if isinstance(base, Unknown) else None
        flat = Partial(undecided=getattr(base, "undecided", ()))
        for element in base:
            if isinstance(element, Unknown):
                flat.undecided.append((None, element))
            elif isinstance(element, list):
                flat.extend(element)
                flat.undecided.extend(getattr(element, "undecided", ()))
            else:
                flat.append(element)
        return flat

    def visit_index(self, node, value):
        return doubt(value) or super().visit_index(node, value)

    def visit_slice(self, node, value):
        return doubt(value) or super().visit_slice(node, value)

    def visit_multi_select_dict(self, node, value):
        return value if isinstance(value, Unknown) else super().visit_multi_select_dict(node, value)

    def visit_multi_select_list(self, node, value):
        return value if isinstance(value, Unknown) else super().visit_multi_select_list(node, value)


def evaluate(tree, document, nullable=(), blind=None):
    """(offending objects, [(object, Unknown), ...]) of a query's syntax tree. Raises one of `ERRORS`.

    A list of lists is one list of objects; null, false and empty lists are no object.
    """
    certain: list = []
    unsure: list[tuple[object, Unknown]] = []
    _collect(Logic(nullable, blind).visit(tree, document), certain, unsure)
    return certain, unsure


def _collect(outcome, certain, unsure):
    if isinstance(outcome, Unknown):
        unsure.append((None, outcome))
    elif isinstance(outcome, list):
        for element in outcome:
            _collect(element, certain, unsure)
        unsure.extend(getattr(outcome, "undecided", ()))
    elif outcome is not None and outcome is not False:
        certain.append(outcome)


ERRORS = (JMESPathError, *UNUSABLE)
