# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ..plugin_utils._errors import FleetError
from ..plugin_utils._policy.plan import plan
from ..plugin_utils._policy.standard import NONE, standard
from ..plugin_utils.plain import plain


def bpf_hardening_plan(sysctls, profile=NONE, settings=None, accept_latch=False):
    try:
        # a variable of the command line is a string, and "false" must not mean yes
        return plan(standard(plain(profile), plain(settings)), plain(sysctls), boolean(accept_latch))
    except (FleetError, TypeError) as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self):
        return {"bpf_hardening_plan": bpf_hardening_plan}
