# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""``bpf_pin``: look, compare, pin or unpin, look again."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._kernel import bpffs, errors
from .._objects import pin, pin_write
from .._view import pin as view
from .._view.record import hide
from . import one_object
from .ensure import NotKept, ensure
from .failure import failure, sentence
from .one_object import NoSuchObject
from .pin_place import SPEC as PLACE_SPEC
from .pin_place import Place, Refusal, brief, failed, identity, words
from .single import WrongPin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._kernel.fd import Fd

SPEC: dict[str, dict[str, Any]] = {
    **PLACE_SPEC,
    **one_object.SPEC,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "force": {"type": "bool", "default": False},
}
_OF_FILES = ("mode", "uid", "gid")


def run() -> None:
    """Run ``bpf_pin``."""
    module = AnsibleModule(
        argument_spec=SPEC,
        required_if=[("state", "present", one_object.SELECTORS, True)],
        supports_check_mode=True,
        **one_object.RULES,
    )
    present = module.params["state"] == "present"
    path, place = module.params["path"], None
    try:
        place = Place(module.params)
        result = _present(module, place) if present else _absent(module, place)
    except NoSuchObject as error:
        module.fail_json(msg=str(error), near_matches=error.near)
    except (Refusal, WrongPin) as error:
        module.fail_json(**failed(place, str(error)))
    except NotKept as error:
        module.fail_json(**failed(place, f"{path} is not as it was left: {error}"))
    except errors.KernelError as error:
        what = f"pin an object at {path}" if present else f"unpin {path}"
        module.fail_json(**failed(place, sentence(what, error), failure=failure(error)))
    module.exit_json(**result)


def _present(module: AnsibleModule, place: Place) -> dict[str, Any]:
    place.plan(module.params["mount"], module.params["mount_point"])
    with one_object.open_one(module.params) as fd:
        wanted = pin.planned(place.path, place.mount or bpffs.mount_of(place.path), fd.number)
        if identity(place.found) == identity(wanted):
            return dict(_kept(module, place), pins=[view.record(place.found)])
        if place.found is not None and not module.params["force"]:
            raise Refusal(f"{place} holds {words(place.found)}, not {words(wanted)}: with force: true it is replaced")
        return _pin(module, place, fd, wanted)


def _kept(module: AnsibleModule, place: Place) -> dict[str, Any]:
    state = {"pins": brief(place.found)}
    return ensure(module, state, state, lambda: None, lambda: state)


def _pin(module: AnsibleModule, place: Place, fd: Fd, wanted: pin.Pin) -> dict[str, Any]:
    seen = [wanted]

    def apply() -> None:
        if place.found is None:
            place.prepare()
            # Where somebody else was faster, maybe with the same object, the look that follows tells.
            pin_write.pin_new(fd, place.path)
        elif identity(pin.read_path(place.path)) != identity(wanted):
            _check_again(place)
            pin_write.replace(fd, place.found)

    def read() -> dict[str, Any]:
        found = pin.read_path(place.path)
        seen[:] = [found] if found is not None else []
        return dict(place.state(False), pins=brief(found))

    before = dict(place.state(False), pins=brief(place.found))
    result = ensure(module, before, dict(place.state(True), pins=brief(wanted)), apply, read)
    records = [view.record(one) for one in seen]
    if seen[0] is wanted:
        hide(records[0], dict.fromkeys(_OF_FILES, "check mode"))
    return dict(result, pins=records)


def _absent(module: AnsibleModule, place: Place) -> dict[str, Any]:
    found = place.found
    if found is not None and not module.params["force"]:
        _check_meant(module.params, found)

    def apply() -> None:
        if pin.read_path(place.path) is not None:
            _check_again(place)
            pin_write.unpin(place.path)

    def read() -> dict[str, Any]:
        return {"pins": brief(pin.read_path(place.path))}

    return dict(ensure(module, {"pins": brief(found)}, {"pins": []}, apply, read), pins=[])


def _check_again(place: Place) -> None:
    """Refuse to take away what came after the task had looked; between this look and the act is a moment, no more."""
    now = pin.read_path(place.path)
    if now is None or identity(now) != identity(place.found):
        told = words(now) if now is not None else "nothing"
        raise Refusal(f"{place} holds {told} by now: somebody else was faster. Run the task again")


def _check_meant(params: dict[str, Any], found: pin.Pin) -> None:
    """Refuse to unpin an object that is not the one that the selectors name."""
    record = view.record(found)
    given = {key: params[key] for key in ("kind", *one_object.SELECTORS) if params[key] is not None}
    if not given or all(_agrees(key, value, record) for key, value in given.items()):
        return
    told = ", ".join(f"{key}={value}" for key, value in given.items())
    raise Refusal(f"{record['path']} holds {words(found)}, which has not {told}: with force: true it is unpinned")


def _agrees(key: str, value: Any, record: dict[str, Any]) -> bool:
    if key == "pinned":
        other = Place({"path": value}).found
        return identity(other) == (record["kind"], record["id"])
    if key == "name":
        # the kernel ends names after 15 characters
        return value == record["name"] or (len(record["name"] or "") == 15 and value.startswith(record["name"]))
    return value == record[key]
