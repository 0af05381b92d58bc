/* Copyright (c) 2026, ebpf.fleet contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Programs of the types that attach to a control group. */
#include "fleet.bpf.h"

RETURNS("cgroup_skb/ingress", c_skb_ingress, __sk_buff, 1)
RETURNS("cgroup_skb/egress", c_skb_egress, __sk_buff, 1)
RETURNS("cgroup/sock_create", c_sock_create, bpf_sock, 1)
RETURNS("cgroup/post_bind4", c_post_bind4, bpf_sock, 1)
RETURNS("cgroup/connect4", c_connect4, bpf_sock_addr, 1)
RETURNS("cgroup/sendmsg6", c_sendmsg6, bpf_sock_addr, 1)
RETURNS("cgroup/dev", c_device, bpf_cgroup_dev_ctx, 1)
RETURNS("cgroup/sysctl", c_sysctl, bpf_sysctl, 1)
RETURNS("cgroup/getsockopt", c_getsockopt, bpf_sockopt, 1)
RETURNS("cgroup/setsockopt", c_setsockopt, bpf_sockopt, 1)
