# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._view.compact import compact
from . import kernel, settings
from .kernel import SCHEMA
from .survey import Survey

SUBSETS = ("programs", "maps", "links", "btf", "pins", "sysctls", "memlock", "kernel")
# Neither of these looks at an object or at other people's processes.
MINIMUM = ("kernel", "sysctls")


def choose(gather_subset: list[str]) -> set[str]:
    """Return the subsets that a ``gather_subset`` list means.

    ``all`` and ``min`` stand for many, ``!x`` takes away what is not named, and a list of exclusions alone starts from
    all.
    """
    added = {name for name in gather_subset if not name.startswith("!")}
    taken = {name[1:] for name in gather_subset if name.startswith("!")}
    chosen = set(SUBSETS if "all" not in taken and (not added or "all" in added) else ())
    chosen.update(MINIMUM if "min" in added else ())
    chosen.difference_update(taken, MINIMUM if "min" in taken else ())
    return chosen | added.intersection(SUBSETS)


def gather(subsets: set[str]) -> dict:
    """Return the facts: one key a subset (``btfs`` for btf), compact records, and ``unavailable``.

    What could not be read is None there, its sentence in ``unavailable``; keys of records that the kernel did not tell
    are in ``unavailable`` as ``noun.key``. Never raises `KernelError`.
    """
    survey = Survey()
    facts: dict = {"schema": SCHEMA, "unavailable": survey.unavailable}
    for subset, noun in (
        ("programs", "programs"),
        ("maps", "maps"),
        ("links", "links"),
        ("btf", "btfs"),
        ("pins", "pins"),
    ):
        if subset in subsets:
            facts[noun] = _shorten(noun, getattr(survey, noun), survey.unavailable)
    if "sysctls" in subsets:
        facts["sysctls"] = settings.read_sysctls()
    if "memlock" in subsets:
        facts["memlock"] = settings.read_memlock(survey.pids)
    if "kernel" in subsets:
        facts["kernel"] = kernel.read()
    return facts


def _shorten(noun: str, records: list[dict] | None, unavailable: dict[str, str]) -> list[dict] | None:
    if records is None:
        return None
    short, missing = compact(noun, records)
    unavailable.update((f"{noun}.{key}", why) for key, why in missing.items())
    return short


def run() -> None:
    """Run ``bpf_facts``."""
    names = ("all", "min") + SUBSETS
    choices = list(names) + ["!" + name for name in names]
    spec = {"gather_subset": {"type": "list", "elements": "str", "choices": choices, "default": ["all"]}}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    facts = gather(choose(module.params["gather_subset"]))
    module.exit_json(changed=False, ansible_facts={"bpf": facts})
