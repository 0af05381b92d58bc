# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes of a map of the fake kernel, for the tests of those who plan and write them."""

from __future__ import annotations

import struct
from contextlib import contextmanager

from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_change import Change
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_reading import Reading
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_targets import Targets
from ansible_collections.ebpf.fleet.plugins.module_utils._module.one_map import open_id
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_plan import Terms
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_wanted import Terms as EntryTerms
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_wanted import Wanted
from ansible_collections.ebpf.fleet.plugins.module_utils._view.forms import Wanted as Form
from ansible_collections.ebpf.fleet.tests.unit.support import fake_writes


def number(value):
    return struct.pack("=I", value)


@contextmanager
def maker(kernel):
    """A maker of changes of map 5, which is open while the block runs."""
    fake_writes.install(kernel)
    opened = []

    def made(wanted, form=("u32", "u32"), on_error="stop", **terms):
        opened.append(open_id(5))
        reading = Reading(opened[-1], Form(*form))
        entries = Wanted(reading.entries, opened[-1].info, EntryTerms())
        entries.add([{"key": key, "value": value} for key, value in wanted.items()], str)
        params = {"pinned": None, "on_error": on_error}
        return Change(reading, entries, Terms(**terms), Targets(opened[-1].info), params)

    try:
        yield made
    finally:
        for one in opened:
            one.fd.close()


def fill(kernel, count, **info):
    entries = {number(one): number(one) for one in range(count)}
    return kernel.add_map(5, entries=entries, value_size=4, **dict({"max_entries": 10000}, **info))
