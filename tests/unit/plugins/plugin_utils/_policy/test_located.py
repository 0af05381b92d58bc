# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
import yaml

from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import located


def write(folder: pathlib.Path, content: bytes) -> str:
    path = folder / "x.yml"
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize(
    ("content", "line", "text"),
    [
        (b"a: 1\nb: [1\n", 2, "not valid YAML"),
        (b"a: 1\n\tb: 2\n", 2, "not valid YAML"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        (b"a: 1\nb: \x07\n", 2, "not valid YAML"),
        (b"---\na: 1\n---\nb: 2\n", 3, "not valid YAML"),
        (b"a: *gone\n", 1, "not valid YAML"),
    ],
)
def test_a_file_that_is_no_yaml_names_the_line(tmp_path: pathlib.Path, content: bytes, line: int, text: str) -> None:
    path = write(tmp_path, content)
    node, problems = located.read(path)
    assert node is None
    assert [(problem.file, problem.line) for problem in problems] == [(path, line)]
    assert text in problems[0].message


def test_a_missing_file_is_a_problem_too(tmp_path: pathlib.Path) -> None:
    node, [problem] = located.read(str(tmp_path / "gone.yml"))
    assert node is None and problem.line == 0 and "No such file" in problem.message


def test_a_section_knows_its_lines_and_double_keys(tmp_path: pathlib.Path) -> None:
    node, _problems = located.read(write(tmp_path, b"\na: 1\nb:\n  - 2\na: 3\n"))
    found, problems = located.section(node, "x")
    assert found.lines == {"a": 5, "b": 3} and found.line == 2
    assert located.value(found.data["b"]) == [2]
    assert [(problem.line, problem.message) for problem in problems] == [(5, "the key a is here twice")]


def test_something_else_than_a_mapping(tmp_path: pathlib.Path) -> None:
    node, _problems = located.read(write(tmp_path, b"\n- a\n"))
    found, [problem] = located.section(node, "x")
    assert found is None and problem.line == 2


def test_tags_that_run_code_are_refused(tmp_path: pathlib.Path) -> None:
    node, _problems = located.read(write(tmp_path, b"!!python/object/apply:os.system [id]\n"))
    with pytest.raises(yaml.YAMLError):
        located.value(node)
