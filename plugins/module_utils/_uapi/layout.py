# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Where the fields of the kernel's info structs lie: field name -> (offset, struct code); union bpf_attr: attr_layout.

Codes are those of Python's struct module, to be used with "=" (native byte order, standard sizes). Pointers are "Q" on
every machine: the kernel has u64 fields for them and wants the upper half zero from 32-bit programs. The layouts only
ever grow at their ends; which fields a kernel has, it says itself by the ``info_len`` it writes back. The ..._SIZES
tables (first kernel -> bytes its struct had from there on) are for tests and explanations, never for decisions:
enterprise kernels backport.

A field of a union is listed in a layout of its own wherever two members overlap. Fields that one command has twice
under two names (``target_fd`` and ``target_ifindex``) are listed once, under the first name.

hacking/uapi.py checks all of this against the kernel's header and the running kernel's BTF.
Source: include/uapi/linux/bpf.h.
"""

from __future__ import annotations

# --- bpf_prog_info ------------------------------------------------------------------------------------------------

PROG_INFO = {
    "type": (0, "I"),
    "id": (4, "I"),
    "tag": (8, "8s"),
    "jited_prog_len": (16, "I"),
    "xlated_prog_len": (20, "I"),
    "jited_prog_insns": (24, "Q"),
    "xlated_prog_insns": (32, "Q"),
    "load_time": (40, "Q"),  # ns of CLOCK_BOOTTIME
    "created_by_uid": (48, "I"),
    "nr_map_ids": (52, "I"),
    "map_ids": (56, "Q"),
    "name": (64, "16s"),
    "ifindex": (80, "I"),
    # A bit-field: one bit of this u32, the rest is padding. Compilers give it the lowest bit on little endian machines
    # and the highest on big endian ones.
    "gpl_compatible": (84, "I"),
    "netns_dev": (88, "Q"),
    "netns_ino": (96, "Q"),
    "nr_jited_ksyms": (104, "I"),
    "nr_jited_func_lens": (108, "I"),
    "jited_ksyms": (112, "Q"),
    "jited_func_lens": (120, "Q"),
    # 5.0
    "btf_id": (128, "I"),
    "func_info_rec_size": (132, "I"),
    "func_info": (136, "Q"),
    "nr_func_info": (144, "I"),
    "nr_line_info": (148, "I"),
    "line_info": (152, "Q"),
    "jited_line_info": (160, "Q"),
    "nr_jited_line_info": (168, "I"),
    "line_info_rec_size": (172, "I"),
    "jited_line_info_rec_size": (176, "I"),
    "nr_prog_tags": (180, "I"),
    "prog_tags": (184, "Q"),
    # 5.1
    "run_time_ns": (192, "Q"),
    "run_cnt": (200, "Q"),
    # 5.12
    "recursion_misses": (208, "Q"),
    # 5.16
    "verified_insns": (216, "I"),
    # 6.0
    "attach_btf_obj_id": (220, "I"),
    "attach_btf_id": (224, "I"),
}
GPL_BIT = {"little": 0, "big": 31}  # sys.byteorder -> the bit of gpl_compatible that counts
PROG_INFO_SIZE = 232
PROG_INFO_SIZES = {"4.18": 128, "5.0": 192, "5.1": 208, "5.12": 216, "5.16": 224, "6.0": 232}

# --- bpf_map_info, bpf_btf_info, bpf_token_info -------------------------------------------------------------------

MAP_INFO = {
    "type": (0, "I"),
    "id": (4, "I"),
    "key_size": (8, "I"),
    "value_size": (12, "I"),
    "max_entries": (16, "I"),
    "map_flags": (20, "I"),
    "name": (24, "16s"),
    "ifindex": (40, "I"),
    "btf_vmlinux_value_type_id": (44, "I"),  # 5.6; padding before
    "netns_dev": (48, "Q"),
    "netns_ino": (56, "Q"),
    "btf_id": (64, "I"),
    "btf_key_type_id": (68, "I"),
    "btf_value_type_id": (72, "I"),
    "btf_vmlinux_id": (76, "I"),  # 6.9; padding before
    # 5.16
    "map_extra": (80, "Q"),
    # 6.18: read by the kernel as well, EINVAL when set for a map that is not exclusive
    "hash": (88, "Q"),
    "hash_size": (96, "I"),
}
MAP_INFO_SIZE = 104
MAP_INFO_SIZES = {"4.18": 80, "5.16": 88, "6.18": 104}

BTF_INFO = {
    "btf": (0, "Q"),
    "btf_size": (8, "I"),
    "id": (12, "I"),
    # 5.11
    "name": (16, "Q"),
    "name_len": (24, "I"),
    "kernel_btf": (28, "I"),
}
BTF_INFO_SIZE = 32
BTF_INFO_SIZES = {"4.18": 16, "5.11": 32}

TOKEN_INFO = {
    "allowed_cmds": (0, "Q"),
    "allowed_maps": (8, "Q"),
    "allowed_progs": (16, "Q"),
    "allowed_attachs": (24, "Q"),
}
TOKEN_INFO_SIZE = 32

# --- bpf_link_info ------------------------------------------------------------------------------------------------

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

# --- records inside buffers ---------------------------------------------------------------------------------------

FUNC_INFO = {"insn_off": (0, "I"), "type_id": (4, "I")}
FUNC_INFO_SIZE = 8
LINE_INFO = {"insn_off": (0, "I"), "file_name_off": (4, "I"), "line_off": (8, "I"), "line_col": (12, "I")}
LINE_INFO_SIZE = 16  # line_col: line << 10 | column
