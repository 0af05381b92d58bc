# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Where the fields of the kernel's info structs lie: field name -> (offset, struct code).

bpf_link_info is in link_layout, union bpf_attr in attr_layout.

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

# --- records inside buffers ---------------------------------------------------------------------------------------

FUNC_INFO = {"insn_off": (0, "I"), "type_id": (4, "I")}
FUNC_INFO_SIZE = 8
LINE_INFO = {"insn_off": (0, "I"), "file_name_off": (4, "I"), "line_off": (8, "I"), "line_col": (12, "I")}
LINE_INFO_SIZE = 16  # line_col: line << 10 | column
