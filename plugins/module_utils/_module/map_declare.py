# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""``bpf_map``: look, compare, make and pin, or freeze, or unpin, and look again."""

from __future__ import annotations

import os

from ansible.module_utils.basic import AnsibleModule

from .._kernel import errors
from .._objects import map_create, pin, pin_write
from .._view import map_definition as definition
from . import map_found
from .ensure import NotKept, ensure
from .failure import failure, sentence
from .map_wanted import RULES, Wanted
from .map_wanted import SPEC as SHAPE_SPEC
from .pin_place import SPEC as PLACE_SPEC
from .pin_place import Place, Refusal, failed, identity, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._kernel.fd import Fd

SPEC: dict[str, Any] = {
    **PLACE_SPEC,
    **SHAPE_SPEC,
    "state": {"type": "str", "choices": ["present", "absent", "frozen"], "default": "present"},
    "recreate": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "accept_latch": {"type": "bool", "default": False},
}
_UNKNOWN = (
    "This kernel does not know the type of map, a flag or a kind of BTF type, or the sizes do not go with the type or "
    "are too large."
)
_LATCH = (
    "user space can never write to it again, for as long as it lives: set accept_latch: true if that is what is meant"
)
_FREEZING = {
    "EBUSY": "a process has it mapped into its memory for writing",
    "EINVAL": "this kernel cannot freeze maps, which came with Linux 5.2",
    "ENOTSUPP": "values with timers, locks or pointers of the kernel cannot be frozen",
    "EPERM": "the pin may only be read, or the map is frozen already",
}


class Split(Refusal):
    """A map that others use is not replaced; ``users`` as `map_split` tells them."""

    def __init__(self, text: str, users: dict[str, Any]) -> None:
        super().__init__(text)
        self.users = users


def run() -> None:
    """Run ``bpf_map``."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True, **RULES)
    path, state, place = module.params["path"], module.params["state"], None
    try:
        place = Place(module.params)
        found = _found(place)
        result = _absent(module, place, found) if state == "absent" else _Task(module, place, found).run()
    except Split as error:
        module.fail_json(msg=str(error), split=error.users)
    except Refusal as error:
        module.fail_json(**failed(place, str(error)))
    except NotKept as error:
        module.fail_json(**failed(place, f"the map at {path} is not as it was left: {error}"))
    except errors.KernelError as error:
        text, told = _told(module.params, error)
        module.fail_json(**failed(place, text, failure=told))
    module.exit_json(**result)


def _told(params: dict[str, Any], error: errors.KernelError) -> tuple[str, dict[str, Any]]:
    """Return (sentence, machine-readable half) of what the kernel refused."""
    path, told = params["path"], failure(error)
    if error.call == "BPF_MAP_FREEZE" and error.name in _FREEZING:
        told["hint"] = _FREEZING[error.name]
        return f"cannot freeze the map at {path}: {told['hint']}", told
    if isinstance(error, map_create.TypesRefused):
        told["log"] = error.log
        end = f"What the kernel wrote about its types ends with: {error.last_line}"
        return f"cannot make the map at {path}: {error}. {end}", told
    if error.call in ("BPF_MAP_CREATE", "BPF_BTF_LOAD") and not error.hint:
        told["hint"] = _UNKNOWN
        return f"cannot make the map at {path}: {error}. {_UNKNOWN}", told
    verb = {"present": "make", "frozen": "freeze", "absent": "unpin"}[params["state"]]
    return sentence(f"{verb} the map at {path}", error), told


def _found(place: Place) -> map_found.Found | None:
    if place.found is None:
        return None
    if place.found.kind != "map" or identity(place.found) is None:
        raise Refusal(f"{place} holds {words(place.found)}, not a map that could be read: it is left alone")
    return map_found.read(place.path)


def _absent(module: AnsibleModule, place: Place, found: map_found.Found | None) -> dict[str, Any]:
    def apply() -> None:
        if pin.read_path(place.path) is not None:
            _check_again(place)
            pin_write.unpin(place.path)

    before = {"map": found.brief() if found else None}
    result = ensure(module, before, {"map": None}, apply, lambda: {"map": _brief(map_found.read(place.path))})
    return dict(result, map=None)


def _brief(found: map_found.Found | None) -> dict[str, Any] | None:
    return found.brief() if found else None


def _check_again(place: Place) -> None:
    now = pin.read_path(place.path)
    if now is None or identity(now) != identity(place.found):
        told = words(now) if now is not None else "nothing"
        raise Refusal(f"{place} holds {told} by now: somebody else was faster. Run the task again")


class _Task:
    """``state`` present or frozen: ``found`` is the map that is there, ``recreate`` whether it is replaced."""

    def __init__(self, module: AnsibleModule, place: Place, found: map_found.Found | None) -> None:
        self.module, self.place = module, place
        self.found: Any = found
        self.pin: Any = place.found
        self.wanted = Wanted(module.params)
        self.frozen = module.params["state"] == "frozen"
        self.split: dict[str, Any] | None = None
        self.replaced = False

    def run(self) -> dict[str, Any]:
        params = self.module.params
        if self.found is None:
            self.place.plan(params["mount"], params["mount_point"])
        else:
            self._compare(self.found)
        makes = self.found is None or self.replaced
        if makes:
            self._check()
        if self.frozen and (makes or not self.found.frozen) and not params["accept_latch"]:
            raise Refusal(f"the map at {self.place} would be frozen: {_LATCH}")
        return self._carry_out(makes)

    def _compare(self, found: map_found.Found) -> None:
        """Find out whether the map is what is declared, and if not whether it may be replaced."""
        told = self.wanted.kept()
        why = found.untold(told)
        if why:
            raise Refusal(why)
        different = definition.differences(found.definition, told)
        if not different:
            return
        text = f"{self.place} holds {words(self.pin)}, which is not as declared: {'; '.join(different)}"
        if not self.module.params["recreate"]:
            raise Refusal(f"{text}. With recreate: true a new map takes its place, without its entries")
        from . import map_split

        try:
            self.split = map_split.users(found.record["id"])
        except map_split.CannotTell as error:
            raise Refusal(f"cannot tell who uses {words(self.pin)}: {error}") from None
        using = map_split.words(self.split)
        if using and not self.module.params["force"]:
            raise Split(
                f"{text}. It is not replaced, as {using} would go on with the old map: load them again first, or "
                "replace it with force: true all the same",
                self.split,
            )
        self.replaced = True

    def _check(self) -> None:
        declared = self.wanted.definition
        if "type" not in declared:
            there = f"{words(self.pin)} would be replaced" if self.pin else f"there is no map pinned at {self.place}"
            raise Refusal(f"{there}, and without type or object none can be made")
        why = definition.refusal(declared)
        if why:
            raise Refusal(f"cannot make the map at {self.place}: {why}")

    def _carry_out(self, makes: bool) -> dict[str, Any]:
        place = self.place
        seen: list[Any] = []
        told = self.wanted.kept()

        def read() -> dict[str, Any]:
            seen[:] = [map_found.read(place.path)]
            return self._state(seen[0], told)

        before = self._state(self.found, told)
        after = dict(place.state(True), map=dict(told, frozen=self.frozen or (not makes and self.found.frozen)))
        result = ensure(self.module, before, after, self._make if makes else self._freeze, read)
        if makes and not seen:
            record = map_found.planned(told, str(place), self.frozen)
        else:
            record = (seen[0] if seen else self.found).record
            if self.frozen:
                record["frozen"] = True  # or would be
        if self.split is not None:
            result["split"] = self.split
        return dict(result, map=record)

    def _state(self, found: map_found.Found | None, told: dict[str, Any]) -> dict[str, Any]:
        shown = None if found is None else dict(definition.shown(found.definition, told), frozen=found.frozen)
        return dict(self.place.state(False), map=shown)

    def _freeze(self) -> None:
        _check_again(self.place)
        with pin.open_path(self.place.path, 0) as fd:
            map_create.freeze(fd)

    def _make(self) -> None:
        with self._create() as fd:
            if self.frozen:
                map_create.freeze(fd)
            if self.found is None:
                self.place.prepare()
                # Where somebody else was faster, maybe with the same task, the look that follows tells.
                pin_write.pin_new(fd, self.place.path)
            else:
                _check_again(self.place)
                pin_write.replace(fd, self.pin)

    def _create(self) -> Fd:
        declared = self.wanted.definition
        inner = declared.get("inner_map")
        name = declared.get("name") or definition.default_name(str(self.place))
        shape = _shape(declared, os.fsencode(name))
        wanted = self.wanted
        shape = shape._replace(
            btf=wanted.btf, key_type=wanted.key, value_type=wanted.value, numa_node=wanted.numa_node or 0
        )
        if not inner:
            return map_create.create(shape)
        with map_create.create(_shape(inner, b"")) as template:
            return map_create.create(shape, template)


def _shape(declared: dict[str, Any], name: bytes) -> Any:
    return map_create.Shape(
        type=definition.type_number(declared["type"]),
        key_size=declared["key_size"],
        value_size=declared["value_size"],
        max_entries=declared["max_entries"],
        flags=definition.flag_bits(declared["flags"]),
        map_extra=declared.get("map_extra") or 0,
        name=name,
        btf=b"",
        key_type=0,
        value_type=0,
        numa_node=0,
    )
