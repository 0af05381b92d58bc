# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ..plugin_utils._action import FleetAction
from ..plugin_utils._errors import FleetError
from ..plugin_utils._jmespath import HAS_JMESPATH
from ..plugin_utils._policy import pack
from ..plugin_utils._policy.judge import judge
from ..plugin_utils._policy.standard import NONE, profiles, standard
from ..plugin_utils._policy.tally import counts, findings, verdicts
from ..plugin_utils._run.directory import Run
from ..plugin_utils._run.document import unpack
from ..plugin_utils.plain import plain

# The process that forks a worker for every host loads this file first; what it reads is read once for all of them.
if HAS_JMESPATH:
    pack.builtin_rules()


class ActionModule(FleetAction):
    OPTIONS = {
        "rules": {"type": "list", "elements": "path", "default": []},
        "builtin_rules": {"type": "bool", "default": True},
        "skip_rules": {"type": "list", "elements": "str", "default": []},
        "run_dir": {"type": "path"},
        "profile": {"type": "str", "choices": [*profiles(), NONE], "default": NONE},
        "settings": {"type": "dict", "default": {}},
    }

    def work(self, options, variables):
        self._run = Run(options["run_dir"]) if options["run_dir"] else None
        self._host = str(plain(variables["inventory_hostname"]))
        try:
            return self._audit(options, variables)
        except (AnsibleError, FleetError) as error:
            # Also what ends before the host is reached: a record of an earlier run would pass for this one.
            outcome = "unreachable" if isinstance(error, AnsibleConnectionFailure) else "failed"
            self._store({"outcome": outcome, "error": " ".join(str(error).split())})
            raise

    def _audit(self, options, variables):
        # before the first connection: a broken rule must not cost a round trip to every host
        rules = pack.load(map(self.find, options["rules"]), options["skip_rules"], options["builtin_rules"])
        self._measure = standard(options["profile"], options["settings"])
        answer = self.ask("bpf_audit", {}, variables)
        if answer.get("failed") or answer.get("unreachable"):
            return self._failed(answer)
        return self._judged(rules, unpack(answer))

    def _failed(self, answer):
        from ..plugin_utils._run.failure import explain, sentence  # most hosts answer

        answer = explain(answer)
        outcome = "unreachable" if answer.get("unreachable") else "failed"
        self._store({"outcome": outcome, "error": sentence(answer)})
        return answer

    def _judged(self, rules, document):
        judged = judge(rules, document, self._measure)
        policy = {"policy": pack.digest(rules), "standard": self._measure}
        path = self._store({"outcome": "ok", **policy, "verdicts": judged, "document": document})
        return {
            "changed": False,
            "record": path,
            "counts": counts(document),
            "findings": findings(rules, judged),
            "verdicts": verdicts(judged),
            "unavailable": document.get("unavailable") or {},
        }

    def _store(self, record):
        """Path of the host's file; None without a run directory, and where check mode forbids to write into it."""
        if self._run is None or not self._run.takes(self.dry_run):
            return None
        return self._run.store(self._host, record)
