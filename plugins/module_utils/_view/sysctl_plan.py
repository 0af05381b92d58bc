# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What a task does about each setting: the decision table, and the order of the writes. Pure."""

from __future__ import annotations

from collections import namedtuple

from .._objects import sysctl
from .sysctl import needs_reboot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping

    from .._kernel import errors

# What the task asked for. ``present`` is False for state=absent; the rest are the options of the same names.
Options = namedtuple("Options", "present runtime persist strict accept_latch force")

# What is known about a setting before the task. ``running`` and ``filed`` (what our file assigns) are numbers or None,
# ``blocked`` the error of a write that this process cannot do, ``always_on`` whether the kernel has no interpreter
# (None: unknown), ``floor`` a `Floor` where the JIT memory in use had to be looked at.
Facts = namedtuple("Facts", "running filed blocked always_on floor")

# The least sensible bpf_jit_limit: ``used`` bytes of machine code or None with ``why``, ``quarter`` of the limit now.
Floor = namedtuple("Floor", "used why quarter")

# ``write`` the number for the running kernel or None, ``persist`` "set", "remove" or None, ``valid`` whether the kernel
# takes the value (True or `UNKNOWN`; None without one), ``reboot_required``, ``refuse`` a sentence or None, and
# ``error`` the kernel's that it tells of, if any.
Decision = namedtuple("Decision", "write persist valid reboot_required refuse error")

UNKNOWN = "unknown"
SET = "set"
REMOVE = "remove"

RANGES = {
    sysctl.STATS: (0, 1),
    sysctl.KPTR: (0, 2),
    # what the kernel and the patches of distributions give a meaning to; most kernels take any number
    sysctl.PARANOID: (-1, 4),
    sysctl.UNPRIVILEGED: (0, 2),
    sysctl.JIT_ENABLE: (0, 2),
    sysctl.JIT_HARDEN: (0, 2),
    sysctl.JIT_KALLSYMS: (0, 1),
    sysctl.JIT_LIMIT: (1, 2**63 - 1),
}
# The values that every kernel takes which has the setting.
_CERTAIN = {
    sysctl.PARANOID: (-1, 0, 1, 2),
    sysctl.UNPRIVILEGED: (0, 1),
    sysctl.JIT_ENABLE: (1,),
    sysctl.JIT_LIMIT: (),
}


def decide(name: str, wanted: int | None, facts: Facts, options: Options) -> Decision:
    """Return what is to be done about one setting; ``wanted`` is None only where just our line is to go."""
    persist = _persist(wanted, facts, options)
    if wanted is None:
        return Decision(None, persist, None, False, None, None)
    locked = needs_reboot(name, facts.running, wanted)
    write = wanted if options.runtime and facts.running != wanted and not locked else None
    refuse, error = _refuse(name, wanted, facts, options, write is not None, persist == SET, locked), None
    if refuse is None and write is not None and facts.blocked is not None:
        refuse, error = sentence(name, wanted, facts.blocked), facts.blocked
    valid = True if facts.running == wanted else _valid(name, wanted, facts)
    return Decision(write, persist, valid, locked and options.persist and options.present, refuse, error)


def order(writes: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return (name, value) of each write, in the order in which they depend on each other.

    What closes comes before what opens, so that nothing is seen or loaded in between that neither the old nor the new
    settings allow: the JIT is limited and hardened before it is switched on, symbols are hidden before hardening goes.
    bpf_jit_enable=2 is refused while kptr_restrict is 2, so that is lowered before and raised after. The latch is last:
    it cannot be taken back when something else fails.
    """
    return sorted(writes.items(), key=lambda item: _rank(*item))


def _rank(name: str, value: int) -> int:
    ranks = {
        sysctl.JIT_LIMIT: 0,
        sysctl.JIT_HARDEN: 1 if value else 6,
        sysctl.JIT_KALLSYMS: 7 if value else 2,
        sysctl.KPTR: 5 if value == 2 else 3,
        sysctl.JIT_ENABLE: 4,
        sysctl.PARANOID: 8,
        sysctl.STATS: 9,
        sysctl.UNPRIVILEGED: 10,
    }
    return ranks[name]


def _persist(wanted: int | None, facts: Facts, options: Options) -> str | None:
    if not options.persist:
        return None
    if not options.present:
        return REMOVE
    return SET if facts.filed != wanted else None


def _valid(name: str, wanted: int, facts: Facts) -> bool | str:
    if name == sysctl.JIT_ENABLE and facts.always_on is not None:
        return wanted == 1 or not facts.always_on
    return True if wanted in _CERTAIN.get(name, (wanted,)) else UNKNOWN


def _refuse(
    name: str, wanted: int, facts: Facts, options: Options, writes: bool, persists: bool, locked: bool
) -> str | None:
    """Return the sentence of the first rule that forbids the value, None where none does."""
    low, high = RANGES[name]
    if not low <= wanted <= high:
        return f"{name}={wanted} is out of range: it goes from {low} to {high}"
    if name == sysctl.JIT_ENABLE and wanted != 1 and facts.always_on:
        return f"cannot write {name}={wanted}: this kernel is built with CONFIG_BPF_JIT_ALWAYS_ON, which allows 1 only"
    if locked:
        return _refuse_locked(name, wanted, options)
    if not (writes or persists):
        return None
    if name == sysctl.UNPRIVILEGED and wanted == 1 and facts.running != 1 and not options.accept_latch:
        return f"{name}=1 cannot be taken back until the next boot: set accept_latch to true if that is meant"
    return _refuse_limit(name, wanted, facts.floor) if facts.floor is not None else None


def _refuse_locked(name: str, wanted: int, options: Options) -> str | None:
    lasting = options.persist and options.present
    if not options.runtime or (lasting and not options.strict):
        return None
    return f"cannot write {name}={wanted}: it is locked at 1 until reboot, and only a persistent value outlasts that"


def _refuse_limit(name: str, wanted: int, floor: Floor) -> str | None:
    danger = "a JIT without memory breaks seccomp for every unprivileged process where the JIT is always on"
    if floor.used is None:
        return (
            f"cannot tell whether {name}={wanted} is enough: the machine code in use is unknown ({floor.why}), and "
            f"{danger}; force takes it anyway"
        )
    least = max(4 * floor.used, floor.quarter)
    if wanted >= least:
        return None
    return (
        f"{name}={wanted} is too low: it is below {least}, the larger of four times the {floor.used} bytes of machine "
        f"code in use and a quarter of the limit now, and {danger}; force takes it anyway"
    )


def sentence(name: str, wanted: int, error: errors.KernelError) -> str:
    """Return the sentence about a write that failed: object, cause and way out."""
    hint = error.hint
    return f"cannot write {name}={wanted}: {error}{'. ' if hint else ''}{hint}"


def needs_floor(name: str, wanted: int | None, running: int | None, options: Options) -> bool:
    """Return whether the JIT memory in use has to be looked at: only a limit below the present one may harm."""
    return (
        name == sysctl.JIT_LIMIT and wanted is not None and not options.force and (running is None or wanted < running)
    )


def notes(records: Iterable[dict[str, Any]], lasting: Mapping[str, int], effects: bool = True) -> list[str]:
    """Return sentences about what will not be as it was meant.

    ``lasting`` are the values that were made persistent, ``effects`` tells whether running ones matter as well.
    """
    found = []
    for record in records:
        name, persistent = record["name"], record["persistent"]
        if effects and name == sysctl.JIT_KALLSYMS and record["running"] and record["effective"] == 0:
            found.append(f"{name}={record['running']} has no effect while {sysctl.JIT_HARDEN} is not 0")
        if name in lasting and persistent != lasting[name]:
            found.append(_note(record, lasting[name]))
    return found


def _note(record: dict[str, Any], wanted: int) -> str:
    name, persistent = record["name"], record["persistent"]
    why = record.get("unavailable", {}).get("persistent")
    if why is not None:
        return f"whether a boot sets {name} to {wanted} is unknown: what may decide cannot be read ({why})"
    if persistent is None:
        return f"a boot does not set {name} to {wanted}: a line without a value takes it back, or the file is not read"
    active = [source for source in record["sources"] if source["active_systemd"] or source["active_procps"]]
    files = sorted({source["file"] for source in active if source["value"] == persistent})
    return f"a boot sets {name} to {persistent}, not to {wanted}: {', '.join(files)} decides"
