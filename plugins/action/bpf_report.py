# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import shutil

from ..plugin_utils._action import FleetAction
from ..plugin_utils._errors import FleetError
from ..plugin_utils._policy import pack
from ..plugin_utils._report import html, terminal, threshold
from ..plugin_utils._report.hosts import records
from ..plugin_utils._report.inventory import Inventory
from ..plugin_utils._report.model import build
from ..plugin_utils._run import atomic, directory, expected
from ..plugin_utils.plain import plain

FORMATS = ("html", "json")


class ActionModule(FleetAction):
    OPTIONS = {
        "step": {"type": "str", "choices": ["begin", "report"], "default": "report"},
        "base_dir": {"type": "path", "default": "bpf-audit"},
        "run_dir": {"type": "path"},
        "pattern": {"type": "list", "elements": "str", "default": ["all"]},
        "rules": {"type": "list", "elements": "path", "default": []},
        "builtin_rules": {"type": "bool", "default": True},
        "skip_rules": {"type": "list", "elements": "str", "default": []},
        "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": list(FORMATS)},
        "fail_on": {"type": "str", "choices": list(threshold.CHOICES), "default": threshold.NEVER},
        "fail_on_missing": {"type": "bool", "default": True},
    }

    def work(self, options, variables):
        rules = pack.load(map(self.find, options["rules"]), options["skip_rules"], options["builtin_rules"])
        if options["step"] == "begin":
            return self._begin(rules, options)
        return self._report(rules, options, variables)

    def _begin(self, rules, options):
        if options["run_dir"] and not self.dry_run:
            run = directory.Run(options["run_dir"])
        else:
            run = directory.fresh(options["base_dir"], self.dry_run)
        changed = run.begin([rule.id for rule in rules], self.dry_run)
        return {"changed": changed, "run_dir": run.path, "rules": len(rules)}

    def _report(self, rules, options, variables):
        if not options["run_dir"]:
            raise FleetError("run_dir is missing: name the folder that the hosts' records are in")
        run = directory.Run(options["run_dir"])
        groups = plain(variables.get("groups") or {})
        names = expected.hosts(options["pattern"], plain(variables.get("ansible_limit")), groups, self._loader)
        inventory = Inventory(len(names))
        model = build(rules, inventory.watch(records(run, names, rules)))
        reports, changed = self._write(run, options["formats"], model, inventory)
        lines = terminal.render(model, max(80, shutil.get_terminal_size((120, 25)).columns))
        lines += ["", *(f"{kind} report: {path}" for kind, path in reports.items() if path)]
        self._display.display("\n" + "\n".join(lines) + "\n")
        return self._verdict(model, options, {"changed": changed, "reports": reports, "run_dir": run.path})

    def _write(self, run, formats, model, inventory):
        """({format: path, None if nothing may be written}, whether anything differs from what is there)."""
        makers = {"html": lambda: html.render(model, inventory), "json": lambda: directory.encode(model)}
        reports, changed = {}, False
        for kind in formats:
            path, text = os.path.join(run.path, f"report.{kind}"), makers[kind]()
            differs = atomic.read(path) != text
            changed = changed or differs
            if differs and not self.dry_run:
                atomic.write(path, text)
            reports[kind] = path if not differs or not self.dry_run else None
        return reports, changed

    def _verdict(self, model, options, result):
        result["summary"] = model["summary"]
        result["not_audited"] = model["not_audited"][:100]
        complaint = threshold.complaint(model, options["fail_on"], options["fail_on_missing"])
        return {**result, "failed": True, "msg": complaint} if complaint else result
