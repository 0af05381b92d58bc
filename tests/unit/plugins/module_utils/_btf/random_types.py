# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random BTF types, as hypothesis draws them: all that a value can be made of, with gaps, bitfields and unions."""

from __future__ import annotations

from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds

ORDERS = st.sampled_from(["little", "big"])
LEAVES = ("integer", "bool", "char", "enum", "enum64", "float", "pointer", "text")
DEPTH = 3


@st.composite
def types(draw, builder, depth=0, names=None):
    """Add a type and what it needs to a `Builder`; return (id, size in bytes)."""
    choice = draw(st.sampled_from(LEAVES + ("array", "struct", "struct", "union") * (depth < DEPTH)))
    if choice == "array":
        type_id, size = draw(types(builder, depth + 1))
        count = draw(st.integers(0, 3))
        return builder.array(type_id, count), size * count
    if choice in ("struct", "union"):
        return draw(records(builder, choice == "union", depth, names if names is not None else iter(range(10**6))))
    return _leaf(draw, builder, choice)


def _leaf(draw, builder, choice):
    if choice == "integer":
        size = draw(st.sampled_from([1, 2, 4, 8, 16]))
        return builder.integer("n", size, draw(st.sampled_from([0, kinds.SIGNED]))), size
    if choice == "bool":
        size = draw(st.sampled_from([1, 4]))
        return builder.integer("bool", size, kinds.BOOL), size
    if choice == "char":
        return builder.integer("unsigned char", 1, kinds.CHAR), 1
    if choice == "enum":
        size, flag = draw(st.sampled_from([1, 2, 4, 8])), draw(st.integers(0, 1))
        return builder.enum(size, {"ZERO": 0, "AGAIN": 0, "ONE": 1, "MINUS": -1, "LARGE": 70000}, flag), size
    if choice == "enum64":
        return builder.enum64({"ZERO": 0, "HUGE": 1 << 40, "MINUS": -1}, draw(st.integers(0, 1))), 8
    if choice == "float":
        size = draw(st.sampled_from([2, 4, 8, 12]))
        return builder.add(kinds.FLOAT, "float", size), size
    if choice == "pointer":
        return builder.pointer(), 8
    count = draw(st.integers(0, 6))
    return builder.array(builder.integer("char", 1), count), count


@st.composite
def records(draw, builder, is_union, depth, names):
    """Add a struct or union with gaps, bitfields and members without a name."""
    members, end, size = [], 0, 0
    for _member in range(draw(st.integers(0, 4))):
        start = 0 if is_union else 8 * (-(-end // 8) + draw(st.integers(0, 2)))
        if draw(st.integers(0, 3)) == 0:
            width = draw(st.integers(1, 32))
            start = 0 if is_union else end + draw(st.integers(0, 3))
            encoding = draw(st.sampled_from([0, kinds.SIGNED, kinds.BOOL]))
            members.append((f"b{next(names)}", builder.integer("n", 4, encoding), start, width))
            end = start + width
        else:
            anonymous = depth < DEPTH and draw(st.integers(0, 3)) == 0
            if anonymous:
                type_id, one = draw(records(builder, draw(st.booleans()), depth + 1, names))
            else:
                type_id, one = draw(types(builder, depth + 1))
            members.append(("" if anonymous else f"m{next(names)}", type_id, start))
            end = start + 8 * one
        size = max(size, -(-end // 8))
    size += draw(st.integers(0, 2))
    flag = int(any(len(member) > 3 for member in members))
    return builder.struct(size, *members, flag=flag, kind=kinds.UNION if is_union else kinds.STRUCT), size
