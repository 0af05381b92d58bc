# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ..plugin_utils._errors import FleetError
from ..plugin_utils._policy.plan import plan
from ..plugin_utils._policy.standard import NONE, standard
from ..plugin_utils.plain import plain


def bpf_hardening_plan(sysctls, profile=NONE, settings=None, accept_latch=False):
    try:
        return plan(standard(plain(profile), plain(settings)), plain(sysctls), bool(accept_latch))
    except FleetError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self):
        return {"bpf_hardening_plan": bpf_hardening_plan}
