# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os
from collections import namedtuple

import yaml

from .shipped import Loader

# One thing wrong in a file that a person wrote; ``line`` counts from 1, 0 is the file as a whole.
Problem = namedtuple("Problem", "file line message")

# A mapping of a YAML file with the place of everything: ``lines`` is {key: line}, ``line`` where it begins.
Section = namedtuple("Section", "data lines line")


def read(path):
    """(YAML root node, [Problem]) of a file; the node is None if there is a problem."""
    try:
        with open(path, "rb") as stream:
            text = stream.read().decode("utf-8")
    except OSError as error:
        return None, [Problem(path, 0, f"cannot read the file: {os.strerror(error.errno or 0)}")]
    except UnicodeDecodeError as error:
        return None, [Problem(path, error.object.count(b"\n", 0, error.start) + 1, "this is not UTF-8")]
    try:
        return yaml.compose(text, Loader=Loader), []
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = "not valid YAML: " + " ".join(filter(None, (error.context, error.problem)))
        # what ends too early is marked behind the last line
        return None, [Problem(path, min(mark.line + 1, len(text.splitlines())) if mark else 0, message)]
    except yaml.reader.ReaderError as error:
        return None, [Problem(path, text.count("\n", 0, error.position) + 1, f"not valid YAML: {error.reason}")]


def section(node, path):
    """(Section, [Problem]) of a mapping node; the Section is None if it is something else."""
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        return None, [Problem(path, line, "a mapping (key: value) is wanted here")]
    nodes, lines, problems = {}, {}, []
    for key_node, value_node in node.value:
        key, here = str(key_node.value), key_node.start_mark.line + 1
        if key in nodes:
            problems.append(Problem(path, here, f"the key {key} is here twice"))
        nodes[key], lines[key] = value_node, here
    return Section(nodes, lines, line), problems


def value(node):
    """Plain Python value of a node. Raises yaml.YAMLError for tags that safe YAML does not know."""
    loader = Loader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()
