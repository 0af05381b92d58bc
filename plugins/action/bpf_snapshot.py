# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

from ..plugin_utils._action import FleetAction
from ..plugin_utils._native.draw import draw
from ..plugin_utils._native.options import SELECTORS
from ..plugin_utils._run.filename import quoted
from ..plugin_utils._snapshot import files, folder
from ..plugin_utils._snapshot.collect import Collector
from ..plugin_utils.plain import plain

# Objects of Ansible, which are no part of an answer.
_ANSIBLE_S_OWN = ("exception", "warnings", "deprecations", "invocation")


class ActionModule(FleetAction):
    OPTIONS = {
        **SELECTORS,
        "type": {"type": "str"},
        "required": {"type": "bool", "default": False},
        "dest": {"type": "path", "default": "bpf-snapshot"},
        "redact": {"type": "str", "choices": ["addresses", "nothing"], "default": "addresses"},
        "map_entries": {"type": "int", "default": 0},
    }

    def work(self, options, variables):
        def execute(name, args):
            given = {key: value for key, value in args.items() if value is not None}
            answer = self.ask(name, given, variables)
            return plain({key: part for key, part in answer.items() if key not in _ANSIBLE_S_OWN})

        selection = {key: options[key] for key in (*SELECTORS, "type")}
        host = plain(variables.get("inventory_hostname") or "localhost")
        record = Collector(execute, selection, options["map_entries"], options["required"]).collect()
        made, missing = files.build(host, record, options["redact"] == "nothing", draw)
        path = None
        if not self.dry_run:
            path = folder.fresh(os.path.join(os.path.abspath(options["dest"]), quoted(host)))
            folder.write(path, made)
        return {
            "changed": True,
            "path": path,
            "files": sorted(made),
            "missing": missing,
            "counts": {noun: len(record[noun]) for noun in ("programs", "maps", "links")},
        }
