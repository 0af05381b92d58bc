# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ..plugin_utils._run.failure import explain, sentence
from ..plugin_utils.plain import plain


def bpf_failure(result):
    return sentence(explain(plain(result)))


class FilterModule:
    def filters(self):
        return {"bpf_failure": bpf_failure}
