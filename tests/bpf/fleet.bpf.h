/* Copyright (c) 2026, ebpf.fleet contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What every object of the tests begins with. It is meant to compile with clang 11 and libbpf 0.4 or newer. */
#ifndef FLEET_BPF_H
#define FLEET_BPF_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

/* The programs below call helpers that the kernel gives to GPL-compatible programs alone. */
char LICENSE[] SEC("license") = "GPL";

/* A program that does nothing but return one number is all that most types need to be loaded. */
#define RETURNS(section, function, context, number) \
	SEC(section) int function(struct context *ctx) { (void)ctx; return number; }

#endif
