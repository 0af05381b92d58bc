# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""How the parts of a value are called that belong to the kernel."""

from __future__ import annotations

# structs
NAMES = (
    "bpf_spin_lock", "bpf_res_spin_lock", "bpf_timer", "bpf_wq", "bpf_task_work", "bpf_list_head", "bpf_list_node",
    "bpf_rb_root", "bpf_rb_node", "bpf_refcount",
)  # fmt: skip
# tags of pointers
POINTERS = ("kptr", "kptr_untrusted", "percpu_kptr", "uptr")


def names_owned(blob: bytes) -> bool:
    """Return whether BTF may have such parts: False is certain, and no type had to be looked at for it."""
    return any(name.encode() + b"\0" in blob for name in (*NAMES, *POINTERS))
