# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run every integration target on this host through ansible-test, one test a target."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGETS = ROOT / "tests" / "integration" / "targets"

sys.path.insert(0, str(ROOT / "hacking"))
import staged_ansible_test
from stage import stage


def names() -> list[str]:
    """Targets with something to run; setup_* and the like are dependencies of others."""
    return sorted(
        folder.name
        for folder in TARGETS.glob("*")
        if ((folder / "tasks").is_dir() or (folder / "runme.sh").exists()) and not hidden(folder)
    )


def hidden(folder: pathlib.Path) -> bool:
    aliases = folder / "aliases"
    return aliases.exists() and "hidden" in aliases.read_text(encoding="utf-8").split()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return stage(tmp_path_factory.mktemp("staged"))


def test_there_are_targets() -> None:
    # without this line an empty folder would be a skipped test
    assert names()


@pytest.mark.parametrize("target", names())
def test_target(copy: pathlib.Path, target: str) -> None:
    # without --allow-destructive ansible-test leaves a destructive target out and succeeds
    command = ["ansible-test", "integration", "--local", "--allow-destructive", "--color", "no", target]
    env = staged_ansible_test.environment(staged_ansible_test.real_pythons())
    done = subprocess.run(
        command, cwd=copy, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output[-20000:]
    assert "All targets skipped" not in output, output
    assert "PLAY RECAP" in output, output
