# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The kinds of BTF types: their numbers, names and how many 32-bit words follow the three that every type has."""

from __future__ import annotations

INT = 1
PTR = 2
ARRAY = 3
STRUCT = 4
UNION = 5
ENUM = 6
FWD = 7
TYPEDEF = 8
VOLATILE = 9
CONST = 10
RESTRICT = 11
FUNC = 12
FUNC_PROTO = 13
VAR = 14
DATASEC = 15
FLOAT = 16
DECL_TAG = 17
TYPE_TAG = 18
ENUM64 = 19

# By number, as bpftool writes them.
NAMES = (
    *("UNKN", "INT", "PTR", "ARRAY", "STRUCT", "UNION", "ENUM", "FWD", "TYPEDEF", "VOLATILE", "CONST", "RESTRICT"),
    *("FUNC", "FUNC_PROTO", "VAR", "DATASEC", "FLOAT", "DECL_TAG", "TYPE_TAG", "ENUM64"),
)

MODIFIERS = frozenset((VOLATILE, CONST, RESTRICT, TYPE_TAG))
# Kinds that only stand before the type of a value. A VAR is in it: it is a name for a place of that type.
ALIASES = MODIFIERS | {TYPEDEF, VAR, DECL_TAG}

# Flags in the fourth word of an INT.
SIGNED = 1
CHAR = 2
BOOL = 4

# The header leaves room for 128 kinds (0x7f since the layout section came; 16, then 32 before it).
MAX_KINDS = 128
# Words per type, words per element (vlen). Kind 0 and kinds that are not listed have no length that we know.
WORDS = {
    INT: (1, 0),
    PTR: (0, 0),
    ARRAY: (3, 0),
    STRUCT: (0, 3),
    UNION: (0, 3),
    ENUM: (0, 2),
    FWD: (0, 0),
    TYPEDEF: (0, 0),
    VOLATILE: (0, 0),
    CONST: (0, 0),
    RESTRICT: (0, 0),
    FUNC: (0, 0),
    FUNC_PROTO: (0, 2),
    VAR: (1, 0),
    DATASEC: (0, 3),
    FLOAT: (0, 0),
    DECL_TAG: (1, 0),
    TYPE_TAG: (0, 0),
    ENUM64: (0, 3),
}
