# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Where the fields of the variants of union bpf_attr lie: field name -> (offset, struct code); see layout.py.

A file of its own since only tests and writers need them, and a target compiles every file that it imports.
"""

from __future__ import annotations

# --- union bpf_attr: reading --------------------------------------------------------------------------------------

# Never hand the kernel less than 256 bytes of memory, whatever size is said: it writes output fields at their offsets.
GET_NEXT_ID = {"start_id": (0, "I"), "next_id": (4, "I")}
GET_FD_BY_ID = {"id": (0, "I"), "open_flags": (8, "I"), "fd_by_id_token_fd": (12, "i")}  # open_flags: maps only
OBJ_GET_INFO_BY_FD = {"bpf_fd": (0, "I"), "info_len": (4, "I"), "info": (8, "Q")}
OBJ_GET = {"pathname": (0, "Q"), "bpf_fd": (8, "I"), "file_flags": (12, "I"), "path_fd": (16, "i")}  # path_fd: 6.5
OBJ_PIN = OBJ_GET
PROG_QUERY = {
    "target_fd": (0, "I"),  # or target_ifindex
    "attach_type": (4, "I"),
    "query_flags": (8, "I"),
    "attach_flags": (12, "I"),
    "prog_ids": (16, "Q"),
    "count": (24, "I"),
    "prog_attach_flags": (32, "Q"),  # 6.0
    "link_ids": (40, "Q"),  # 6.6
    "link_attach_flags": (48, "Q"),  # 6.6
    "revision": (56, "Q"),  # 6.6
}
TASK_FD_QUERY = {
    "pid": (0, "I"),
    "fd": (4, "I"),
    "flags": (8, "I"),
    "buf_len": (12, "I"),
    "buf": (16, "Q"),
    "prog_id": (24, "I"),
    "fd_type": (28, "I"),
    "probe_offset": (32, "Q"),
    "probe_addr": (40, "Q"),
}
MAP_ELEM = {"map_fd": (0, "I"), "key": (8, "Q"), "value": (16, "Q"), "flags": (24, "Q")}  # value or next_key
MAP_BATCH = {
    "in_batch": (0, "Q"),
    "out_batch": (8, "Q"),
    "keys": (16, "Q"),
    "values": (24, "Q"),
    "count": (32, "I"),
    "map_fd": (36, "I"),
    "elem_flags": (40, "Q"),
    "flags": (48, "Q"),
}
ENABLE_STATS = {"type": (0, "I")}
LINK_DETACH = {"link_fd": (0, "I")}
ITER_CREATE = {"link_fd": (0, "I"), "flags": (4, "I")}
PROG_STREAM_READ = {"stream_buf": (0, "Q"), "stream_buf_len": (8, "I"), "stream_id": (12, "I"), "prog_fd": (16, "I")}

# --- union bpf_attr: loading, attaching, running ------------------------------------------------------------------

MAP_CREATE = {
    "map_type": (0, "I"),
    "key_size": (4, "I"),
    "value_size": (8, "I"),
    "max_entries": (12, "I"),
    "map_flags": (16, "I"),
    "inner_map_fd": (20, "I"),
    "numa_node": (24, "I"),
    "map_name": (28, "16s"),
    "map_ifindex": (44, "I"),
    "btf_fd": (48, "I"),
    "btf_key_type_id": (52, "I"),
    "btf_value_type_id": (56, "I"),
    "btf_vmlinux_value_type_id": (60, "I"),  # 5.6
    "map_extra": (64, "Q"),  # 5.16
    "value_type_btf_obj_fd": (72, "i"),  # 6.9
    "map_token_fd": (76, "i"),  # 6.9
    "excl_prog_hash": (80, "Q"),  # 6.18
    "excl_prog_hash_size": (88, "I"),  # 6.18
}
PROG_LOAD = {
    "prog_type": (0, "I"),
    "insn_cnt": (4, "I"),
    "insns": (8, "Q"),
    "license": (16, "Q"),
    "log_level": (24, "I"),
    "log_size": (28, "I"),
    "log_buf": (32, "Q"),
    "kern_version": (40, "I"),
    "prog_flags": (44, "I"),
    "prog_name": (48, "16s"),
    "prog_ifindex": (64, "I"),
    "expected_attach_type": (68, "I"),
    # 5.0
    "prog_btf_fd": (72, "I"),
    "func_info_rec_size": (76, "I"),
    "func_info": (80, "Q"),
    "func_info_cnt": (88, "I"),
    "line_info_rec_size": (92, "I"),
    "line_info": (96, "Q"),
    "line_info_cnt": (104, "I"),
    "attach_btf_id": (108, "I"),  # 5.5
    "attach_prog_fd": (112, "I"),  # 5.5; or attach_btf_obj_fd, 5.11
    "core_relo_cnt": (116, "I"),  # 5.17
    "fd_array": (120, "Q"),  # 5.14
    "core_relos": (128, "Q"),  # 5.17
    "core_relo_rec_size": (136, "I"),  # 5.17
    "log_true_size": (140, "I"),  # 6.4
    "prog_token_fd": (144, "i"),  # 6.9
    "fd_array_cnt": (148, "I"),  # 6.14
    "signature": (152, "Q"),  # 6.18
    "signature_size": (160, "I"),  # 6.18
    "keyring_id": (164, "i"),  # 6.18
}
PROG_ATTACH = {
    "target_fd": (0, "I"),  # or target_ifindex
    "attach_bpf_fd": (4, "I"),
    "attach_type": (8, "I"),
    "attach_flags": (12, "I"),
    "replace_bpf_fd": (16, "I"),  # 5.6
    "relative_fd": (20, "I"),  # or relative_id; 6.6
    "expected_revision": (24, "Q"),  # 6.6
}
PROG_TEST_RUN = {
    "prog_fd": (0, "I"),
    "retval": (4, "I"),
    "data_size_in": (8, "I"),
    "data_size_out": (12, "I"),
    "data_in": (16, "Q"),
    "data_out": (24, "Q"),
    "repeat": (32, "I"),
    "duration": (36, "I"),  # ns a run
    "ctx_size_in": (40, "I"),  # 5.2
    "ctx_size_out": (44, "I"),
    "ctx_in": (48, "Q"),
    "ctx_out": (56, "Q"),
    "flags": (64, "I"),  # 5.10
    "cpu": (68, "I"),  # 5.10
    "batch_size": (72, "I"),  # 5.18
}
RAW_TRACEPOINT_OPEN = {"name": (0, "Q"), "prog_fd": (8, "I"), "cookie": (16, "Q")}  # cookie: 6.10
BTF_LOAD = {
    "btf": (0, "Q"),
    "btf_log_buf": (8, "Q"),
    "btf_size": (16, "I"),
    "btf_log_size": (20, "I"),
    "btf_log_level": (24, "I"),
    "btf_log_true_size": (28, "I"),  # 6.4
    "btf_flags": (32, "I"),  # 6.9
    "btf_token_fd": (36, "i"),  # 6.9
}
LINK_CREATE = {
    "prog_fd": (0, "I"),  # or map_fd (struct_ops, 6.4)
    "target_fd": (4, "I"),  # or target_ifindex
    "attach_type": (8, "I"),
    "flags": (12, "I"),
}
# What follows in LINK_CREATE's union, by what is attached.
CREATE_TRACING = {"target_btf_id": (16, "I"), "cookie": (24, "Q")}  # 5.10, cookie: 5.19
CREATE_ITER = {"iter_info": (16, "Q"), "iter_info_len": (24, "I")}  # 5.9
CREATE_PERF_EVENT = {"bpf_cookie": (16, "Q")}  # 5.15
CREATE_KPROBE_MULTI = {
    "multi_flags": (16, "I"),
    "cnt": (20, "I"),
    "syms": (24, "Q"),
    "addrs": (32, "Q"),
    "cookies": (40, "Q"),
}  # 5.18
CREATE_NETFILTER = {"pf": (16, "I"), "hooknum": (20, "I"), "priority": (24, "i"), "nf_flags": (28, "I")}  # 6.4
CREATE_RELATIVE = {"relative_fd": (16, "I"), "expected_revision": (24, "Q")}  # tcx 6.6, netkit 6.7, cgroup 6.17
CREATE_UPROBE_MULTI = {
    "path": (16, "Q"),
    "offsets": (24, "Q"),
    "ref_ctr_offsets": (32, "Q"),
    "cookies": (40, "Q"),
    "cnt": (48, "I"),
    "multi_flags": (52, "I"),
    "multi_pid": (56, "I"),
    "path_fd": (60, "I"),
}  # 6.6
LINK_UPDATE = {"link_fd": (0, "I"), "new_prog_fd": (4, "I"), "flags": (8, "I"), "old_prog_fd": (12, "I")}
PROG_BIND_MAP = {"prog_fd": (0, "I"), "map_fd": (4, "I"), "flags": (8, "I")}

ATTR_SIZE = 168
ATTR_SIZES = {"6.18": 168}  # the union as a whole; pass only as many bytes as the command's last field reaches
