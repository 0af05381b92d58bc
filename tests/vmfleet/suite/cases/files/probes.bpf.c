/* Copyright (c) 2026, ebpf.fleet contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Programs of the types that not every kernel loads: with probes, trampolines and security hooks. None is attached. */
#include "fleet.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} calls SEC(".maps");

static __attribute__((noinline)) int count(__u32 process)
{
	__u64 one = 1, *value = bpf_map_lookup_elem(&calls, &process);

	if (value)
		__sync_fetch_and_add(value, 1);
	else
		bpf_map_update_elem(&calls, &process, &one, BPF_ANY);
	return 0;
}

#define COUNTS(section, function) \
	SEC(section) int function(unsigned long long *ctx) { (void)ctx; return count(bpf_get_current_pid_tgid() >> 32); }

COUNTS("kprobe/do_nanosleep", on_kprobe)
COUNTS("kretprobe/do_nanosleep", on_kretprobe)
COUNTS("raw_tp/sched_switch", on_raw_tp)
COUNTS("tp_btf/sched_switch", on_tp_btf)
COUNTS("fentry/do_nanosleep", on_fentry)
COUNTS("fexit/do_nanosleep", on_fexit)
COUNTS("lsm/file_open", on_lsm)
