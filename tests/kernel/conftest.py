# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests on the running kernel. They need root; what they make they give back, and they attach nothing to anything."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path

import pytest

# The folder's own modules import each other by their plain names, also under --import-mode=importlib.
sys.path.insert(0, str(Path(__file__).resolve().parent))


def _why_not() -> str:
    """Return why nothing of this folder can run here, or an empty string."""
    if os.geteuid() != 0:
        return "the tests on the running kernel need root"
    try:
        import objects
    except ImportError as error:
        return f"the collection cannot be imported: {error}"
    try:
        with objects.Map(2).create():
            return ""
    except OSError as error:
        return f"bpf(2) does not work here: {error}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).resolve().parent
    mine = [item for item in items if here in item.path.resolve().parents]
    why = _why_not() if mine else ""
    for item in mine:
        if why:
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session", autouse=True)
def own_mounts() -> None:
    """What the tests mount is seen by nobody else, and goes with them whatever happens."""
    import objects

    objects.own_mounts()


def _tool(name: str, path: str | None) -> None:
    if path is None:
        pytest.skip(f"{name} is missing (make oracles installs it)")


@pytest.fixture(scope="session")
def bpftool() -> str:
    """The path of bpftool, or a skip."""
    import objects

    _tool("bpftool", objects.BPFTOOL)
    return objects.BPFTOOL


@pytest.fixture(scope="session")
def strace() -> str:
    """The path of strace, or a skip."""
    _tool("strace", shutil.which("strace"))
    return shutil.which("strace")


@pytest.fixture
def bpffs():
    """A bpffs of the test's own."""
    import objects

    with objects.bpffs() as place:
        yield place


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory, bpftool: str):
    """The objects of tests/bpf, loaded and pinned: the folder of the pins."""
    import objects

    _tool("clang", objects.CLANG)
    folder = tmp_path_factory.mktemp("objects")
    with objects.bpffs() as place:
        for source in objects.sources():
            built = objects.compile_object(source, folder, btf=source != objects.WITHOUT_BTF)
            objects.load_object(built, place / source.partition(".")[0])
        yield place


@pytest.fixture(scope="session")
def handmade():
    """Maps and programs of every type, made through the door: name -> descriptor, as (maps, programs)."""
    import objects

    with contextlib.ExitStack() as stack:
        maps = stack.enter_context(objects.made(objects.maps()))
        for table in (objects.variants(), objects.late_variants()):
            maps.update(stack.enter_context(objects.made(table)))
        yield maps, stack.enter_context(objects.made(objects.programs()))


def pytest_terminal_summary(terminalreporter) -> None:
    """Say what was skipped in one line for each reason, not one for each place."""
    counts: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        if isinstance(report.longrepr, tuple) and "tests/kernel/" in report.nodeid:
            reason = report.longrepr[2].removeprefix("Skipped: ")
            counts[reason] = counts.get(reason, 0) + 1
    for reason, count in counts.items():
        terminalreporter.write_line(f"kernel tests: {count} skipped: {reason}")
