# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netfilter numbers: against the C headers where they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import netfilter

HEADER = Path("/usr/include/linux/netfilter.h")


@pytest.mark.skipif(not HEADER.exists(), reason=f"no {HEADER}")
@pytest.mark.parametrize("family", ["INET", "IPV4", "ARP", "NETDEV", "BRIDGE", "IPV6"])
def test_families_agree_with_the_header(family):
    match = re.search(rf"\bNFPROTO_{family}\s*=\s*(\d+)", HEADER.read_text("utf-8"))
    assert getattr(netfilter, family) == int(match.group(1))


@pytest.mark.skipif(not HEADER.exists(), reason=f"no {HEADER}")
def test_hooks_agree_with_the_header():
    body = re.search(r"enum nf_inet_hooks \{(.*?)\};", HEADER.read_text("utf-8"), flags=re.S).group(1)
    order = re.findall(r"NF_INET_(\w+),", body)[:5]
    assert order == ["PRE_ROUTING", "LOCAL_IN", "FORWARD", "LOCAL_OUT", "POST_ROUTING"]
    words = ["prerouting", "input", "forward", "output", "postrouting"]
    assert list(netfilter.HOOK_NAMES[netfilter.IPV4].items()) == list(enumerate(words))


def test_families_of_ip_share_their_hooks_and_arp_has_its_own():
    hooks = netfilter.HOOK_NAMES
    assert hooks[netfilter.INET] == hooks[netfilter.IPV6] == hooks[netfilter.BRIDGE] == hooks[netfilter.IPV4]
    assert hooks[netfilter.ARP] == {0: "input", 1: "output"}
    assert netfilter.NETDEV not in hooks


def test_names_are_those_of_bpftool():
    assert netfilter.PF_NAMES == {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
