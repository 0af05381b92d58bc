/* Copyright (c) 2026, ebpf.fleet contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Programs of the tracing types; none of them is ever attached by the tests of the read modules. */
#include "fleet.bpf.h"

struct opaque;
struct bpf_perf_event_data;
struct bpf_raw_tracepoint_args;

RETURNS("kprobe/do_nothing", t_kprobe, opaque, 0)
RETURNS("kretprobe/do_nothing", t_kretprobe, opaque, 0)
RETURNS("tracepoint/sched/sched_switch", t_tracepoint, opaque, 0)
RETURNS("perf_event", t_perf_event, bpf_perf_event_data, 0)
RETURNS("raw_tp/sched_switch", t_raw_tp, bpf_raw_tracepoint_args, 0)
