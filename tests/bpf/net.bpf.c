/* Copyright (c) 2026, ebpf.fleet contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* One program of every networking type that can be loaded without a device. */
#include "fleet.bpf.h"

RETURNS("socket", n_socket, __sk_buff, 0)
RETURNS("tc", n_sched_cls, __sk_buff, -1)
RETURNS("action", n_sched_act, __sk_buff, 0)
RETURNS("xdp", n_xdp, xdp_md, XDP_PASS)
RETURNS("lwt_in", n_lwt_in, __sk_buff, 0)
RETURNS("lwt_out", n_lwt_out, __sk_buff, 0)
RETURNS("lwt_xmit", n_lwt_xmit, __sk_buff, 0)
RETURNS("lwt_seg6local", n_lwt_seg6local, __sk_buff, 0)
RETURNS("sockops", n_sock_ops, bpf_sock_ops, 1)
RETURNS("sk_skb/stream_parser", n_sk_skb_parser, __sk_buff, 0)
RETURNS("sk_skb/stream_verdict", n_sk_skb_verdict, __sk_buff, SK_PASS)
RETURNS("sk_msg", n_sk_msg, sk_msg_md, SK_PASS)
RETURNS("flow_dissector", n_flow_dissector, __sk_buff, BPF_OK)
RETURNS("sk_lookup", n_sk_lookup, bpf_sk_lookup, SK_PASS)
RETURNS("sk_reuseport", n_sk_reuseport, sk_reuseport_md, SK_PASS)
