/* Copyright (c) 2026, ebpf.fleet contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What makes a record long: maps with types, global data, metadata, subprograms, a name that the kernel cuts short. */
#include "fleet.bpf.h"

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct guarded {
	struct bpf_spin_lock lock;
	__u32 value;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct counter);
} m_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct guarded);
} m_guarded SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} m_per_cpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 3);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} m_tail_calls SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
};

struct inner m_inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 16);
	__type(key, __u32);
	__array(values, struct inner);
} m_outer SEC(".maps") = {
	.values = { [3] = &m_inner },
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 128);
	__type(key, __u32);
	__type(value, __u32);
} m_name_far_longer_than_fifteen SEC(".maps");

const volatile __u32 limit = 1500;
__u64 seen;
__u32 factor = 3;

/* bpftool shows variables of this prefix as the metadata of a program. */
const char bpf_metadata_owner[] SEC(".rodata") = "fleet tests";
const volatile int bpf_metadata_revision SEC(".rodata") = 42;

static __attribute__((noinline)) __u64 weigh(__u32 bytes)
{
	struct counter *counter;
	__u32 key = bytes & 7;

	counter = bpf_map_lookup_elem(&m_counters, &key);
	if (!counter)
		return 0;
	counter->packets++;
	counter->bytes += bytes;
	return counter->packets;
}

static __attribute__((noinline)) __u64 note(__u32 key)
{
	__u64 *slot = bpf_map_lookup_elem(&m_per_cpu, &key);

	return slot ? ++*slot : 0;
}

SEC("tc") int count_every_packet_that_arrives(struct __sk_buff *skb)
{
	struct guarded *guarded;
	__u32 key = 1;

	seen += weigh(skb->len) * factor + note(key) + bpf_metadata_revision;
	guarded = bpf_map_lookup_elem(&m_guarded, &key);
	if (guarded) {
		bpf_spin_lock(&guarded->lock);
		guarded->value++;
		bpf_spin_unlock(&guarded->lock);
	}
	bpf_map_lookup_elem(&m_name_far_longer_than_fifteen, &key);
	bpf_map_lookup_elem(&m_outer, &key);
	return skb->len > limit ? 2 : -1;
}

SEC("tc") int short_name(struct __sk_buff *skb)
{
	seen++;
	bpf_tail_call(skb, &m_tail_calls, 0);
	return 0;
}
