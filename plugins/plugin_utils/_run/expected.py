# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager

from .._errors import FleetError


def hosts(pattern, limit, groups, loader):
    """Names of the hosts of the inventory that a play on this pattern, under this C(--limit), goes to. Sorted.

    C(pattern) is one or a list of them, as C(hosts) of a play. C(groups) is the magic variable {group: [host names]}.
    """
    manager = InventoryManager(loader, parse=False)
    for group, members in groups.items():
        manager.add_group(group)
        for name in members:
            manager.add_host(name, group=group)
    try:
        manager.subset(limit or None)
    except AnsibleError as error:
        raise FleetError(f"the limit {limit!r} cannot be read: {error}") from error
    named = pattern if isinstance(pattern, str) else ",".join(pattern)
    nobody = f"the host pattern {named!r} matches no host of the inventory, so there is nothing to report"
    try:
        found = {host.name for host in manager.get_hosts(pattern=pattern)}
    except AnsibleError as error:  # for one, with host_pattern_mismatch=error
        raise FleetError(f"{nobody}: {error}") from error
    if not found:
        raise FleetError(nobody)
    return sorted(found)
