# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os

from ansible import constants as C
from ansible.plugins.action import ActionBase

from ._errors import FleetError
from .plain import plain


class FleetAction(ActionBase):
    """Base of the action plugins: options checked and plain, errors as one sentence, check mode read here alone.

    A subclass has C(OPTIONS), an argument specification, and C(work(options, variables)), which returns the result.
    With None for C(OPTIONS) a module on the target checks them, and the options are what the task has. They are plain
    then too: what ansible-core 2.19 and newer keep about each value takes time for each to send.

    A module may go on in the background (C(async)) where the controller has nothing to do after it: a subclass sets
    C(_supports_async), and tells by C(afterwards(options)) when it has.
    """

    TRANSFERS_FILES = False
    OPTIONS: dict[str, dict] | None = {}

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        if self._task.async_val and not self._supports_async:
            # ansible-core has a sentence for it too, which depends on the release.
            why = "needs the controller until it is done, and cannot go on in the background"
            return {"failed": True, "msg": f"async: {self._task.action} {why}"}
        result = super().run(tmp, task_vars)
        self._variables = task_vars or {}
        self.dry_run = bool(self._task.check_mode)
        try:
            options = self._options()
            self._refuse_background(options)
            result.update(self.work(options, self._variables))
        except FleetError as error:
            result.update({"failed": True, "msg": str(error)})
        return result

    def _options(self):
        if self.OPTIONS is None:
            return plain(self._task.args)
        return plain(self.validate_argument_spec(argument_spec=self.OPTIONS)[1])

    def _refuse_background(self, options):
        why = self.afterwards(options) if self._task.async_val else ""
        if why:
            raise FleetError(f"async: {why}")

    def ask(self, module, arguments, variables):
        """The answer of a module on the target; in the background it is that of its start."""
        return self._execute_module(
            f"ebpf.fleet.{module}",
            module_args=arguments,
            task_vars=variables,
            wrap_async=self._supports_async and self._task.async_val,
        )

    def _is_pipelining_enabled(self, module_style, wrap_async=False):
        """Whether a module goes to the target by the standard input of its interpreter: one command, and no file.

        The user decides. Where nobody did, it does so unless it runs as another user: that sudo can insist on a
        terminal (requiretty) is why ansible-core leaves it off.
        """
        if super()._is_pipelining_enabled(module_style, wrap_async):
            return True
        return module_style == "new" and not wrap_async and not C.DEFAULT_KEEP_REMOTE_FILES and self._nobody_minds()

    def _nobody_minds(self):
        connection = self._connection
        if connection.become or not connection.has_pipelining:
            return False
        try:
            return connection.get_option_and_origin("pipelining", self._chosen())[1] == "default"
        except KeyError:  # a connection of another collection may know no such option
            return False

    def _chosen(self):
        """Variables that users set. Up to ansible-core 2.17 a task's have the setting anyhow; newer ones ask none."""
        if self._task.delegate_to:
            return self._variables
        return self._variables.get("vars", self._variables)  # as they were before, which only the task's own host has

    def find(self, path):
        """Absolute path of a file that the user named: seen from where ansible was started, else from the playbook."""
        if os.path.isabs(path) or os.path.exists(path):
            return os.path.abspath(path)
        return self._loader.path_dwim(path)

    def afterwards(self, options):
        """What the controller makes of the module's answer and what to take instead, a sentence; "" for nothing."""
        return ""

    def work(self, options, variables):
        raise NotImplementedError
