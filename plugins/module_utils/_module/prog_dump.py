# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The work of bpf_prog_dump on the target."""

from __future__ import annotations

import base64
import json
import zlib

from ansible.module_utils.basic import AnsibleModule

from .._kernel import errors
from .._view.prog_code import FORMATS
from . import prog_code
from .ensure import NotKept, ensure, may_act
from .failure import fail, sentence
from .select import OPTIONS, TAG_OPTION, Selector, select
from .single import WrongPin
from .stream_file import StreamFile, digest, unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SELECTORS = ("id", "name", "pinned", "tag")
PICTURES = ("svg", "png")
SPEC = {
    **{name: OPTIONS[name] for name in ("id", "name", "pinned")},
    **TAG_OPTION,
    **prog_code.OPTIONS,
    "format": {"type": "str", "choices": [*FORMATS, *PICTURES], "default": "text"},
    "dest": {"type": "path", "required": True},
    # What the controller has made of the code: bytes, packed with zlib, in Base64.
    "_content": {"type": "str"},
}
_KEYS = ("id", "type", "name", "full_name", "tag", "machine", "functions")


def run() -> None:
    """Run the module. What only the controller can make a file of is returned as ``program``, without ``dest``."""
    module = AnsibleModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        add_file_common_args=True,
        required_one_of=[SELECTORS],
        mutually_exclusive=[SELECTORS],
    )
    why = unfit(module.params["dest"])
    if why:
        module.fail_json(msg=why)
    if module.params["_content"] is not None:
        module.exit_json(**_written(module, zlib.decompress(base64.b64decode(module.params["_content"]))))
    program = _program(module)
    shape = module.params["format"]
    if shape in PICTURES or (module.params["what"] == "jited" and shape != "raw"):
        module.exit_json(changed=False, program=program)
    result = _written(module, content(program, shape))
    result.update(program={key: program[key] for key in _KEYS if key in program}, hints=program["hints"])
    module.exit_json(**result)


def content(program: dict[str, Any], shape: str) -> bytes:
    """Return a record's code as the bytes of a file; ``records`` are JSON, one a line."""
    if shape == "raw":
        return bytes.fromhex(program["raw"])
    if shape == "records":
        return "".join(json.dumps(record) + "\n" for record in program["records"]).encode("ascii")
    return program[shape].encode("utf-8", "backslashreplace")


def _program(module: AnsibleModule) -> dict[str, Any]:
    params = dict(module.params)
    if params["format"] in PICTURES:
        params["format"] = "dot"
    selector = Selector(params)
    try:
        found = select(selector, prog_code.read(selector), lambda: prog_code.read(None))
    except errors.KernelError as error:
        fail(module, f"read the program with {selector.describe()}", error)
    except WrongPin as error:
        module.fail_json(msg=str(error))
    if len(found["found"]) != 1:
        module.fail_json(msg=_which(selector, found), near_matches=found["near_matches"])
    (program,) = found["found"]
    missing = [key for key in ("raw", params["format"]) if key in program and program[key] is None]
    if missing:
        why = "; ".join([program["unavailable"][missing[0]], *program["hints"]])
        module.fail_json(msg=f"cannot dump {_words(program)}: {why}")
    return program


def _which(selector: Selector, found: dict[str, Any]) -> str:
    if found["found"]:
        names = ", ".join(_words(record) for record in found["found"][:10])
        return f"{len(found['found'])} programs have {selector.describe()}: {names}; name one by id or by its pin"
    near = ", ".join(_words(record) for record in found["near_matches"])
    return f"there is no program with {selector.describe()}{'; near: ' + near if near else ''}"


def _words(record: dict[str, Any]) -> str:
    return "program {} ({})".format(record["id"], " ".join(filter(None, (record["type"], record["name"]))))


def _written(module: AnsibleModule, data: bytes) -> dict[str, Any]:
    """Bring the file to its content and its attributes, and return what there is to tell of it."""
    dest = module.params["dest"]
    try:
        with StreamFile(dest, may_act(module)) as stream:
            stream.write(data)
            stream.finish()
            before, after = {"sha256": digest(stream.path)}, {"sha256": stream.sha256}
            result = ensure(module, before, after, lambda: stream.move(module), lambda: {"sha256": digest(stream.path)})
    except errors.KernelError as error:
        module.fail_json(msg=sentence("dump the program", error))
    except NotKept as error:
        module.fail_json(msg=f"{dest} was written by somebody else at the same time: {error}")
    arguments = module.load_file_common_arguments(module.params, path=dest)
    result["changed"] = module.set_fs_attributes_if_different(arguments, result["changed"])
    return dict(result, dest=dest, size=len(data), **after)
