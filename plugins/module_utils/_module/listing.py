# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._kernel import errors
from .failure import fail
from .select import OPTIONS, Selector, select
from .single import WrongPin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def run_listing(
    noun: str,
    read: Callable,
    include: tuple[str, ...],
    options: tuple[str, ...],
    extra: dict | None = None,
    rules: dict | None = None,
) -> None:
    """Run an ``_info`` module that lists a noun: options, selection, errors and result.

    ``read(selector, include)`` returns records; ``options`` names the selectors of `OPTIONS` that the noun has,
    ``extra`` adds some of its own, ``rules`` say which go together, as `AnsibleModule` takes them; the result is under
    the noun.
    """
    spec = {name: OPTIONS[name] for name in options}
    spec.update(extra or {})
    if include:
        spec["include"] = {"type": "list", "elements": "str", "choices": list(include), "default": []}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True, **(rules or {}))
    selector = Selector(module.params)
    try:
        records = read(selector, module.params.get("include", ()))
        result = select(selector, records, lambda: _everything(read))
    except errors.KernelError as error:
        fail(module, f"read {_subject(noun, selector)}", error)
    except WrongPin as error:
        module.fail_json(msg=str(error))
    _finish(module, noun, selector, result)


def _everything(read: Callable) -> list[dict]:
    """Return what there is to suggest; who may open a pin may still not list."""
    try:
        return read(None, ())
    except errors.Denied:
        return []


def _words(noun: str) -> str:
    return {"btfs": "BTF objects"}.get(noun, noun)


def _subject(noun: str, selector: Selector) -> str:
    return f"{_words(noun)} ({selector.describe()})" if selector.exact else f"the {_words(noun)} of this host"


def _finish(module: AnsibleModule, noun: str, selector: Selector, result: dict) -> None:
    near = result["near_matches"]
    if selector.required and not result["found"]:
        module.fail_json(
            msg=f"no {_words(noun)} with {selector.describe() or 'any property'}{_suggest(near)}",
            near_matches=near,
        )
    module.exit_json(changed=False, near_matches=near, **{noun: result["found"]})


def _suggest(near: list[dict]) -> str:
    if not near:
        return "; nothing on this host comes close"
    return "; near: " + ", ".join(f"{record['id']} ({_name(record)})" for record in near)


def _name(record: dict) -> str:
    """Return type and name as far as there are such: links have no name, BTF objects no type."""
    return " ".join(record[key] for key in ("type", "name") if record.get(key))
