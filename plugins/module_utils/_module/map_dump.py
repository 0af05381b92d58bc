# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The work of bpf_map_dump."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._btf.errors import WrongValue
from .._kernel import errors
from .._objects.map_walk import LostPlace
from . import map_reading, one_map
from .ensure import NotKept, ensure, may_act
from .map_failure import fail_content, fail_opening
from .map_reading import Reading, wanted
from .stream_file import StreamFile, digest, unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SPEC = dict(
    map_reading.SPEC,
    dest={"type": "path", "required": True},
    gzip={"type": "bool", "default": False},
)


def run() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        add_file_common_args=True,
        required_one_of=one_map.RULES["required_one_of"],
        mutually_exclusive=one_map.RULES["mutually_exclusive"],
    )
    why = unfit(module.params["dest"])
    if why:
        module.fail_json(msg=why)
    try:
        with one_map.open_one(module.params) as opened:
            try:
                result = dict(_dump(module, opened), map=opened.record())
            except (errors.KernelError, WrongValue, LostPlace) as error:
                fail_content(module, opened, error)
            except NotKept as error:
                module.fail_json(msg=f"{module.params['dest']} was written by somebody else at the same time: {error}")
    except (errors.KernelError, one_map.NoSuchMap, one_map.single.WrongPin) as error:
        fail_opening(module, error)
    _finish(module, result)


def _dump(module: AnsibleModule, opened: one_map.Opened) -> dict[str, Any]:
    params = module.params
    reading = Reading(opened, wanted(params))
    with StreamFile(params["dest"], may_act(module), params["gzip"]) as stream:
        count = write(reading, stream)
        before, after = {"sha256": digest(stream.path)}, {"sha256": stream.sha256}
        result = ensure(module, before, after, lambda: stream.move(module), lambda: {"sha256": digest(stream.path)})
        complete = reading.content.complete
        return dict(result, dest=params["dest"], count=count, complete=complete, size=stream.size, **after)


def write(reading: Reading, stream: StreamFile) -> int:
    """Write the entries of a map as JSON, one a line, and return how many; raises `KernelError`."""
    count = 0
    for chunk in reading.content.chunks():
        stream.write(reading.entries.lines(chunk).encode("ascii"))
        count += chunk.count
    stream.finish()
    return count


def _finish(module: AnsibleModule, result: dict[str, Any]) -> None:
    arguments = module.load_file_common_arguments(module.params, path=result["dest"])
    result["changed"] = module.set_fs_attributes_if_different(arguments, result["changed"])
    if not result["complete"]:
        module.warn(f"{result['dest']} does not have all of map {result['map']['id']}: complete is false")
    module.exit_json(**result)
