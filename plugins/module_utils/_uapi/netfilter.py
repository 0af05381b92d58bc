# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Protocol families and hooks of netfilter links: number -> name as bpftool's plain text prints it.

bpftool's JSON has the bare numbers. IPv4 and IPv6 are "ip" and "ip6" in its text, not "ipv4" and "ipv6"; a family
or hook without an entry is printed as a number. ARP counts its hooks on its own; netdev has no named hook.
Source: include/uapi/linux/netfilter.h and netfilter_arp.h.
"""

from __future__ import annotations

INET = 1
IPV4 = 2
ARP = 3
NETDEV = 5
BRIDGE = 7
IPV6 = 10

PF_NAMES = {
    INET: "inet",
    IPV4: "ip",
    ARP: "arp",
    NETDEV: "netdev",
    BRIDGE: "bridge",
    IPV6: "ip6",
}

_INET_HOOKS = {
    0: "prerouting",
    1: "input",
    2: "forward",
    3: "output",
    4: "postrouting",
}

# family -> hook number -> name
HOOK_NAMES = {
    INET: _INET_HOOKS,
    IPV4: _INET_HOOKS,
    BRIDGE: _INET_HOOKS,  # has its own enum with the same numbers
    IPV6: _INET_HOOKS,
    ARP: {0: "input", 1: "output"},
}
