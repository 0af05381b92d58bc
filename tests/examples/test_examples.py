# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run every example that users read: EXAMPLES of modules, READMEs of roles, examples/. manifest.yml says how."""

from __future__ import annotations

import ast
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANIFEST = yaml.safe_load(pathlib.Path(__file__).with_name("manifest.yml").read_text(encoding="utf-8"))
LIBRARY = ROOT / "tests" / "integration" / "targets" / "setup_bpf" / "library"
RUNNERS = ("local", "fleet", "syntax")
INVENTORY = """\
all:
  hosts:
    localhost:
  children:
    web:
      hosts:
        web1:
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
    # root may use it everywhere, and sudo is not everywhere
    ansible_become_method: ansible.builtin.su
"""
PREPARE = [
    {
        "name": "Prepare",
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [{"name": "Make objects", "bpf_objects": {"folder": "/sys/fs/bpf/example", "cgroup": False}}],
    }
]
# The bpffs and all that is pinned in it go with the mount namespace.
PRIVATE = [
    "unshare",
    "--mount",
    "--propagation",
    "private",
    "sh",
    "-c",
    'mount -t bpf bpf /sys/fs/bpf && exec "$@"',
    "sh",
]


# ---- what there is


def examples_of(module: pathlib.Path) -> list[dict]:
    """Return the tasks in the EXAMPLES of a module."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EXAMPLES":
            return yaml.safe_load(ast.literal_eval(node.value)) or []
    return []


def blocks_of(readme: pathlib.Path) -> list[str]:
    """Return the yaml blocks of a README."""
    return re.findall(r"^```ya?ml\n(.*?)^```", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


MODULES = {path.stem: examples_of(path) for path in sorted((ROOT / "plugins" / "modules").glob("*.py"))}
READMES = {path.parent.name: blocks_of(path) for path in sorted((ROOT / "roles").glob("*/README.md"))}
PLAYBOOKS = {path.name: path for path in sorted((ROOT / "examples").glob("*.yml"))}


def found() -> list[tuple]:
    """Return the place of every example there is."""
    places: list[tuple] = [(module, task.get("name")) for module, tasks in MODULES.items() for task in tasks]
    places += [(role, number + 1) for role, blocks in READMES.items() for number in range(len(blocks))]
    return places + [("examples", name) for name in PLAYBOOKS]


def listed() -> list[tuple[tuple, dict]]:
    """Return the place of every example in the manifest, with what it says."""
    places: list[tuple] = []
    for module, entries in MANIFEST["modules"].items():
        places += [((module, entry["task"]), entry) for entry in entries]
    for role, entries in MANIFEST["readmes"].items():
        places += [((role, entry["block"]), entry) for entry in entries]
    return places + [(("examples", name), entry) for name, entry in MANIFEST["playbooks"].items()]


def test_the_manifest_names_every_example_once_in_order() -> None:
    assert [place for place, _entry in listed()] == found()


def test_every_module_has_examples() -> None:
    assert [module for module, tasks in MODULES.items() if not tasks] == []


def test_every_entry_has_a_runner_and_a_reason_where_it_is_not_run() -> None:
    assert [place for place, entry in listed() if entry["runner"] not in RUNNERS] == []
    assert [place for place, entry in listed() if entry["runner"] == "syntax" and not entry.get("reason")] == []


def test_what_is_substituted_occurs() -> None:
    text = yaml.safe_dump([MODULES, READMES, [path.read_text(encoding="utf-8") for path in PLAYBOOKS.values()]])
    assert [old for old in MANIFEST["substitute"] if old not in text] == []


# ---- runs


@pytest.fixture(scope="module")
def kernel() -> None:
    """Skip what needs root and a bpf(2) that works."""
    spec = importlib.util.spec_from_file_location("hacking_test", ROOT / "hacking" / "test.py")
    assert spec is not None and spec.loader is not None
    runner = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(ROOT / "hacking"))
    try:
        spec.loader.exec_module(runner)
    finally:
        sys.path.remove(str(ROOT / "hacking"))
    if runner.kernel_refusal():
        pytest.skip(f"examples on the running kernel: {runner.kernel_refusal()}")
    if shutil.which("unshare") is None:
        pytest.skip("examples on the running kernel: unshare is missing")


class Folder:
    """A folder with an inventory, to write plays into and to run them from."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        (path / "files").mkdir()
        (path / "inventory.yml").write_text(INVENTORY, encoding="utf-8")
        (path / "files" / "our_rules.yml").write_text(READMES["bpf_audit"][1], encoding="utf-8")
        self.write("prepare.yml", yaml.safe_dump(PREPARE))

    def write(self, name: str, text: str) -> str:
        for old, new in MANIFEST["substitute"].items():
            text = text.replace(old, new.format(folder=self.path))
        (self.path / name).write_text(text, encoding="utf-8")
        return name

    def tasks(self, tasks: list[dict], hosts: str) -> str:
        play = {"name": "Run examples", "hosts": hosts, "gather_facts": False, "tasks": tasks}
        return self.write("play.yml", yaml.safe_dump([play], sort_keys=False, width=1000))

    def run(self, *arguments: str, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
        environment = dict(
            os.environ, ANSIBLE_LIBRARY=str(LIBRARY), ANSIBLE_NOCOLOR="1", ANSIBLE_RETRY_FILES_ENABLED="0"
        )
        command = [*prefix, "ansible-playbook", "-i", "inventory.yml", *arguments]
        return subprocess.run(
            command,
            cwd=self.path,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def run_local(self, *arguments: str) -> tuple[int, str]:
        done = self.run("prepare.yml", *arguments, prefix=tuple(PRIVATE))
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> Folder:
    return Folder(tmp_path)


def section(output: str, task: str) -> str:
    """Return what a play printed under a task."""
    match = re.search(
        rf"^TASK \[{re.escape(task)}\] \**\n(.*?)(?=^(?:TASK|PLAY) |\Z)", output, re.MULTILINE | re.DOTALL
    )
    return match[1] if match else ""


def mode(entries: list[dict]) -> list[str]:
    """Return the arguments of a run: an example that would change the host is run in check mode."""
    return ["--check"] if any(entry.get("check") for entry in entries) else []


def judge(code: int, output: str, entry: dict) -> None:
    """Fail unless a run ended well, or failed in the one way that its entry allows."""
    if code and entry.get("fails"):
        assert re.search(rf"FAILED!.*{entry['fails']}", output), output
    else:
        assert code == 0, output
        assert re.search(entry.get("prints", ""), output), output


def entries(module: str, *runners: str) -> list[dict]:
    return [entry for entry in MANIFEST["modules"].get(module, []) if entry["runner"] in runners]


def chosen(module: str, *runners: str) -> list[dict]:
    names = [entry["task"] for entry in entries(module, *runners)]
    return [task for task in MODULES[module] if task.get("name") in names]


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize("module", [module for module in MODULES if entries(module, "local")])
def test_examples_of_a_module(folder: Folder, module: str) -> None:
    run = entries(module, "local")
    code, output = folder.run_local(folder.tasks(chosen(module, "local"), "localhost"), *mode(run))
    last: dict = {}
    for entry in run:
        printed = section(output, entry["task"])
        assert re.search(r"^(ok|changed|fatal): \[localhost", printed, re.MULTILINE), output
        assert re.search(entry.get("prints", ""), printed), printed
        last = entry
        if "FAILED!" in printed:
            break
    judge(code, output, {key: value for key, value in last.items() if key == "fails"})


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize("name", [name for name, entry in MANIFEST["playbooks"].items() if entry["runner"] == "local"])
def test_playbook(folder: Folder, name: str) -> None:
    entry = MANIFEST["playbooks"][name]
    code, output = folder.run_local(folder.write(name, PLAYBOOKS[name].read_text(encoding="utf-8")), *mode([entry]))
    judge(code, output, entry)


def readme_plays(*runners: str) -> list[tuple[str, dict]]:
    """Return the role and the entry of every block of a README that is a playbook."""
    return [
        (role, entry)
        for role, entries in MANIFEST["readmes"].items()
        for entry in entries
        if entry["runner"] in runners and isinstance(yaml.safe_load(READMES[role][entry["block"] - 1]), list)
    ]


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(("role", "entry"), readme_plays("local"))
def test_readme(folder: Folder, role: str, entry: dict) -> None:
    code, output = folder.run_local(folder.write("readme.yml", READMES[role][entry["block"] - 1]), *mode([entry]))
    judge(code, output, entry)


def not_run(folder: Folder) -> list[str]:
    """Write a play for each example that is not run here; returns their files."""
    names = []
    for module in MODULES:
        tasks = chosen(module, "fleet", "syntax")
        if tasks:
            text = yaml.safe_dump([{"name": module, "hosts": "all", "tasks": tasks}], sort_keys=False)
            names.append(folder.write(f"{module}.yml", text))
    for role, entry in readme_plays("fleet", "syntax"):
        names.append(folder.write(f"{role}_{entry['block']}.yml", READMES[role][entry["block"] - 1]))
    for name, entry in MANIFEST["playbooks"].items():
        if entry["runner"] != "local":
            names.append(folder.write(name, PLAYBOOKS[name].read_text(encoding="utf-8")))
    return names


def test_syntax_of_what_is_not_run(folder: Folder) -> None:
    names = not_run(folder)
    if names:
        done = folder.run("--syntax-check", *names)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_example_would_fail(folder: Folder) -> None:
    # that the checks above can fail at all
    name = folder.tasks([{"name": "Wrong", "ebpf.fleet.no_such_module": {}}], "localhost")
    assert folder.run("--syntax-check", name).returncode != 0
