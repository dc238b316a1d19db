/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Ports whose protocols are Citrix's own: an empty datagram, which a server that listens drops
 * in silence. Only ICMP tells the other case, so a hung server passes. */
#include "watch/probe_ops.h"

enum {
	LOGIN_PORT = 6910, /* the first of the streaming ports */
	TSB_PORT = 6969,   /* the two-stage boot service */
};

static void
say(struct probe *probe, struct probe_action *ret)
{
	probe_send(ret, probe->port, 0);
}

static void
packet(struct probe *probe, uint16_t peer_port, const void *bytes, size_t len,
    uint64_t now_ms, struct probe_action *ret)
{
	(void)peer_port;
	(void)bytes;
	(void)len;
	(void)ret;
	probe_heard(probe, now_ms);
	probe->result = PROBE_ANSWERED;
}

const struct probe_ops probe_login = {
    .port = LOGIN_PORT, .silence_is_good = true, .say = say, .packet = packet};

const struct probe_ops probe_tsb = {
    .port = TSB_PORT, .silence_is_good = true, .say = say, .packet = packet};
