# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.errors import AnsibleError
from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.parsing.convert_bool import boolean

from ..plugin_utils._action import FleetAction
from ..plugin_utils._errors import FleetError


class ActionModule(FleetAction):
    """Copies ``src`` to the target; the module checks the options, and does the rest."""

    _supports_async = True
    OPTIONS = None
    TRANSFERS_FILES = True

    def work(self, options, variables):
        if options.get("src") and not self._is_remote(options.get("remote_src", False)):
            options = {**options, "src": self._sent(options["src"]), "remote_src": True}
        return self.ask("bpf_map_entry", options, variables)

    def _is_remote(self, value):
        try:
            return boolean(value)
        except TypeError as error:
            raise FleetError(f"remote_src: {to_text(error)}") from None

    def _sent(self, src):
        """Path on the target of a copy of a file; it goes with the temporary folder of the task."""
        try:
            found = self._loader.get_real_file(self._find_needle("files", src))
        except AnsibleError as error:
            raise FleetError(f"src: {to_text(error)}") from None
        if not self._connection._shell.tmpdir:
            self._make_tmp_path()
        folder = self._connection._shell.tmpdir
        target = self._connection._shell.join_path(folder, "entries.jsonl")
        self._transfer_file(found, target)
        # Nobody executes it, so that only another unprivileged user on the target needs a command for this.
        self._fixup_perms2((folder, target), execute=False)
        return target
