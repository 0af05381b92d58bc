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

struct bpf_map;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} r_walked SEC(".maps");

/* A function that the kernel calls, and not the program. */
static long r_callback(struct bpf_map *map, __u32 *key, __u32 *value, void *context)
{
	*value += 1;
	return 0;
}

SEC("tc") int r_walk(struct __sk_buff *skb)
{
	return bpf_for_each_map_elem(&r_walked, r_callback, 0, 0);
}
