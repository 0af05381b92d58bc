# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from . import once


def run_audit_module(options: dict) -> None:
    """Run the target's part of ``bpf_audit``; ``options`` are the action plugin's and change nothing here."""
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    with once.compiled():
        from .document import ENCODING, collect, pack

        document = collect()
    counts = {
        noun: None if document[noun] is None else len(document[noun])
        for noun in ("programs", "maps", "links", "btfs", "pins")
    }
    module.exit_json(changed=False, document=pack(document), encoding=ENCODING, counts=counts)
