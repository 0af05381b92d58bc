/* Copyright (c) 2026, ebpf.fleet contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Compiled without -g: programs that have no BTF, and so no functions, lines or whole names. */
#include "fleet.bpf.h"

RETURNS("socket", without_any_types_at_all, __sk_buff, 0)
RETURNS("xdp", bare, xdp_md, XDP_DROP)
