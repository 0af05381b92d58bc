# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Where the fields of struct bpf_link_info lie; the form of the tables is that of layout.py.

Source: include/uapi/linux/bpf.h.
"""

from __future__ import annotations

LINK_INFO = {
    "type": (0, "I"),
    "id": (4, "I"),
    "prog_id": (8, "I"),
}
# The newest headers need no more than 64 either; the first kernels with links stopped earlier (info_len tells).
LINK_INFO_SIZE = 64

# Fields of the union, by type of link; "name" pointers and their lengths go both ways.
LINK_RAW_TRACEPOINT = {"tp_name": (16, "Q"), "tp_name_len": (24, "I"), "cookie": (32, "Q")}  # cookie: 6.17
LINK_TRACING = {
    "attach_type": (16, "I"),
    "target_obj_id": (20, "I"),  # a program's id for EXT, else of the BTF object; 5.13
    "target_btf_id": (24, "I"),  # 5.13
    "cookie": (32, "Q"),  # 6.17
}
LINK_CGROUP = {"cgroup_id": (16, "Q"), "attach_type": (24, "I")}
LINK_ITER = {"target_name": (16, "Q"), "target_name_len": (24, "I"), "map_id": (28, "I")}
LINK_ITER_CGROUP = {"cgroup_id": (32, "Q"), "order": (40, "I")}  # 6.1
LINK_ITER_TASK = {"tid": (32, "I"), "pid": (36, "I")}  # 6.1
LINK_NETNS = {"netns_ino": (16, "I"), "attach_type": (20, "I")}
LINK_XDP = {"ifindex": (16, "I")}
LINK_PERF_EVENT = {"perf_type": (16, "I")}  # info from 6.6 on: 0 on kernels that have the link but not its info
LINK_PERF_UPROBE = {
    "file_name": (24, "Q"),
    "name_len": (32, "I"),
    "offset": (36, "I"),
    "cookie": (40, "Q"),  # 6.9
    "ref_ctr_offset": (48, "Q"),  # 6.16
}
LINK_PERF_KPROBE = {
    "func_name": (24, "Q"),
    "name_len": (32, "I"),
    "offset": (36, "I"),
    "addr": (40, "Q"),
    "missed": (48, "Q"),  # 6.7
    "cookie": (56, "Q"),  # 6.9
}
LINK_PERF_TRACEPOINT = {"tp_name": (24, "Q"), "name_len": (32, "I"), "cookie": (40, "Q")}
LINK_PERF_EVENT_EVENT = {"config": (24, "Q"), "event_type": (32, "I"), "cookie": (40, "Q")}
LINK_KPROBE_MULTI = {
    "addrs": (16, "Q"),
    "count": (24, "I"),
    "flags": (28, "I"),
    "missed": (32, "Q"),  # 6.7
    "cookies": (40, "Q"),  # 6.9
}
LINK_UPROBE_MULTI = {
    "path": (16, "Q"),
    "offsets": (24, "Q"),
    "ref_ctr_offsets": (32, "Q"),
    "cookies": (40, "Q"),
    "path_size": (48, "I"),
    "count": (52, "I"),
    "flags": (56, "I"),
    "pid": (60, "I"),
}
LINK_STRUCT_OPS = {"map_id": (16, "I")}
LINK_NETFILTER = {"pf": (16, "I"), "hooknum": (20, "I"), "priority": (24, "i"), "flags": (28, "I")}
LINK_TCX = {"ifindex": (16, "I"), "attach_type": (20, "I")}
LINK_NETKIT = {"ifindex": (16, "I"), "attach_type": (20, "I")}
LINK_SOCKMAP = {"map_id": (16, "I"), "attach_type": (20, "I")}
LINK_TRACING_MULTI = {
    "attach_type": (16, "I"),
    "count": (20, "I"),
    "btf_obj_id": (24, "I"),
    "ids": (32, "Q"),
    "addrs": (40, "Q"),
    "cookies": (48, "Q"),
}

# number of the link type (link_types.py) -> fields of the union; nested unions have layouts of their own above
LINK_BY_TYPE = {
    1: LINK_RAW_TRACEPOINT,
    2: LINK_TRACING,
    3: LINK_CGROUP,
    4: LINK_ITER,
    5: LINK_NETNS,
    6: LINK_XDP,
    7: LINK_PERF_EVENT,
    8: LINK_KPROBE_MULTI,
    9: LINK_STRUCT_OPS,
    10: LINK_NETFILTER,
    11: LINK_TCX,
    12: LINK_UPROBE_MULTI,
    13: LINK_NETKIT,
    14: LINK_SOCKMAP,
    15: LINK_TRACING_MULTI,
}

# kind of a perf_event link (PERF_LINK_... in link_types.py) -> fields of its nested union
LINK_PERF_BY_KIND = {
    1: LINK_PERF_UPROBE,
    2: LINK_PERF_UPROBE,
    3: LINK_PERF_KPROBE,
    4: LINK_PERF_KPROBE,
    5: LINK_PERF_TRACEPOINT,
    6: LINK_PERF_EVENT_EVENT,
}
