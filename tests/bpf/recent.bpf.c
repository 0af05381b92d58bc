/* Copyright (c) 2026, ebpf.fleet contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Types and forms that came late: they are in an object of their own, since an old kernel refuses all of it. */
#include "fleet.bpf.h"

struct opaque;
struct bpf_iter__task;

RETURNS("iter/task", r_iter, bpf_iter__task, 0)
RETURNS("syscall", r_syscall, opaque, 0)
RETURNS("xdp.frags", r_xdp_frags, xdp_md, XDP_PASS)
