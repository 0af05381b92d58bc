# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""``bpf_sysctl``: read, plan, write, read again.

Most tasks find everything as it should be. What only a change or a failure needs is imported there: out of the archive
that Ansible sends, each line of it is compiled by each task.
"""

from __future__ import annotations

from collections import namedtuple

from ansible.module_utils.basic import AnsibleModule

from .._kernel import errors
from .._objects import sysctl, sysctl_text
from .._objects.sysctl_tree import Tree
from .._view import sysctl_plan as plan
from .ensure import NotKept, ensure
from .sysctl_list import records
from .sysctl_task import SPEC, Refusal, Task, read_task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What the kernel runs with (name -> Value) and what the files say, as found or as planned.
World = namedtuple("World", "values tree")

# ``decisions`` a setting, ``writes`` name -> number for the running kernel, ``files`` path -> new content.
Plan = namedtuple("Plan", "decisions writes files after")


class Module(AnsibleModule):
    """Whatever it fails of, it tells what it had written by then: ``written``."""

    def __init__(self) -> None:
        self.written: list[dict[str, Any]] = []
        super().__init__(argument_spec=SPEC, supports_check_mode=True)

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        if self.written:
            told = ", ".join("{}={}".format(one["name"], one["value"]) for one in self.written)
            msg = f"{msg} (written before that: {told})"
            kwargs = dict(kwargs, changed=True, written=self.written)
        super().fail_json(msg, **kwargs)


def run() -> None:
    """Run ``bpf_sysctl``."""
    module = Module()
    try:
        task = read_task(module.params)
        before = _observe(task)
        planned = _plan(task, before)
        result = _carry_out(module, task, before, planned)
    except Refusal as refusal:
        _fail(module, str(refusal), refusal.error)
    except NotKept as error:
        module.fail_json(msg=f"the settings did not stay as they were written: {error}")
    module.exit_json(**result)


def _observe(task: Task) -> World:
    return World(sysctl.values(task.wanted), Tree())


def _plan(task: Task, before: World) -> Plan:
    """Return what is to be done; raises `Refusal` for settings that must not have their values."""
    decisions = {name: _decide(name, value, task, before) for name, value in task.wanted.items()}
    refused = [decision for decision in decisions.values() if decision.refuse]
    if refused:
        error = next((decision.error for decision in refused if decision.error), None)
        raise Refusal(". ".join(decision.refuse for decision in refused), error)
    writes = {name: decision.write for name, decision in decisions.items() if decision.write is not None}
    files = _edits(task, before) if task.options.persist else {}
    values = dict(before.values)
    values.update({name: sysctl.Value(number, None, False) for name, number in writes.items()})
    return Plan(decisions, writes, files, World(values, before.tree.edited(files)))


def _decide(name: str, wanted: int | None, task: Task, before: World) -> plan.Decision:
    found, options = before.values[name], task.options
    filed = before.tree.text(task.file) if options.persist else None
    facts = plan.Facts(found.number, None, None, None, None)
    if isinstance(filed, bytes):
        facts = facts._replace(filed=sysctl_text.assigned(filed, name))
    if wanted is not None and options.runtime and wanted != found.number:
        facts = facts._replace(blocked=_writer().refusal(name, wanted, found))
    if name == sysctl.JIT_ENABLE and wanted not in (None, 1, found.number):
        facts = facts._replace(always_on=_writer().always_on())
    if plan.needs_floor(name, wanted, found.number, options):
        facts = facts._replace(floor=_floor(found.number))
    return plan.decide(name, wanted, facts, options)


def _writer() -> Any:
    from .._objects import sysctl_write

    return sysctl_write


def _floor(running: int | None) -> plan.Floor:
    from .._objects import jit_memory  # looks at every program, which no other setting needs

    used, why = jit_memory.in_use()
    return plan.Floor(used, why, (running or 0) // 4)


def _edits(task: Task, before: World) -> dict[str, bytes | None]:
    """Return path -> new content of all files that have to change; raises `Refusal`."""
    wanted: Any = task.wanted if task.options.present else dict.fromkeys(task.wanted)
    text = before.tree.text(task.file)
    if not isinstance(text, int) and sysctl_text.edit(text, wanted) == text and task.conflicts == "report":
        return {}
    from . import sysctl_edits

    changes = sysctl_edits.own_file(before.tree, task.file, wanted)
    if task.conflicts == "report" or not task.options.present:
        return changes
    tree = before.tree.edited(changes)
    conflicts = sysctl_edits.find_conflicts(tree, wanted)
    if task.conflicts == "fix":
        changes.update(sysctl_edits.without_conflicts(tree, conflicts, wanted))
    else:
        sysctl_edits.check_conflicts(conflicts)
    sysctl_edits.check_outcome(records(wanted, before.values, before.tree.edited(changes)), wanted)
    return changes


def _carry_out(module: Module, task: Task, before: World, planned: Plan) -> dict[str, Any]:
    """Bring about what is planned, and return the result of the task; raises `Refusal` and `NotKept`."""
    seen: list[World] = []

    def read() -> dict[str, Any]:
        seen.append(_observe(task))
        return _state(task, planned, seen[-1])

    def apply() -> None:
        _apply(module, planned, before)

    result = ensure(module, _state(task, planned, before), _state(task, planned, planned.after), apply, read)
    after = seen[-1] if seen else planned.after
    sysctls = records(task.wanted, after.values, after.tree)
    for record in sysctls:
        decision = planned.decisions[record["name"]]
        # what the kernel has taken is valid
        record["valid"] = True if seen and decision.write is not None else decision.valid
    _warn(module, task, sysctls)
    reboot = any(record["reboot_required"] for record in sysctls)
    return dict(result, sysctls=sysctls, reboot_required=reboot, files=sorted(planned.files))


def _apply(module: Module, planned: Plan, before: World) -> None:
    for name, value in plan.order(planned.writes):
        try:
            _writer().write(name, value)
        except errors.KernelError as error:
            _fail(module, plan.sentence(name, value, error), error)
        module.written.append({"name": name, "value": value, "before": before.values[name].number})
    from . import config_file

    for path, content in planned.files.items():
        try:
            config_file.replace(module, path, content)
        except errors.KernelError as error:
            _fail(module, f"cannot keep settings in {path}: {error}", error)


def _state(task: Task, planned: Plan, world: World) -> dict[str, Any]:
    """Return what is compared and shown: the three values of each setting, and the files that change."""
    keys = ("running", "effective", "persistent")
    found = records(task.wanted, world.values, world.tree)
    settings = {record["name"]: {key: record[key] for key in keys} for record in found}
    return {"settings": settings, "files": {path: _text(world.tree.text(path)) for path in planned.files}}


def _text(content: bytes | int | None) -> str | None:
    return content.decode("utf-8", "backslashreplace") if isinstance(content, bytes) else None


def _warn(module: Module, task: Task, sysctls: list[dict[str, Any]]) -> None:
    """Tell of what the task brought about that will not be as it was meant."""
    lasting = task.wanted if task.options.present and task.options.persist else {}
    for sentence in plan.notes(sysctls, lasting):
        module.warn(sentence)


def _fail(module: Module, sentence: str, error: OSError | None) -> None:
    details = {}
    if isinstance(error, errors.KernelError):
        from .failure import failure  # only a task that fails pays for it

        details["failure"] = failure(error)
    module.fail_json(msg=sentence, **details)
