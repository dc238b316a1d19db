/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/exchange.h"

#include "lib/base/ip4.h"

static void
address_reply(struct exchange *ret)
{
	const struct request *request = &ret->request;
	if (request->door == REQUEST_PXE) {
		ret->to = EXCHANGE_TO_CLIENT;
		ret->destination = request->peer;
		ret->destination_port = request->peer_port;
		ret->delay_ms = 0;
		return;
	}
	ret->to = request->relayed ? EXCHANGE_TO_RELAY : EXCHANGE_TO_LINK;
	ret->destination = request->relayed ? request->header.giaddr : IP4_EVERYBODY;
	ret->destination_port =
	    request->relayed ? DHCP4_SERVER_PORT : DHCP4_CLIENT_PORT;
	ret->delay_ms = ret->answer.reply_delay_ms;
}

/* Asks the decision. */
static enum silence
decide(const struct db_source *source, void *snap, struct exchange *ret)
{
	ret->err = boot_decide(&ret->request.facts, source, snap, &ret->answer);
	if (ret->err != 0) {
		return SILENCE_FAILED;
	}
	ret->cause = ret->answer.cause;
	return ret->answer.action == BOOT_BOOT ? SILENCE_NONE : SILENCE_NOT_OURS;
}

void
exchange_answer(const struct request_in *in, const struct db_source *source, void *snap,
    struct exchange *ret)
{
	ret->err = 0;
	ret->cause = BOOT_OURS;
	ret->len = 0;
	ret->why = request_read(in, &ret->request);
	/* a REQUEST is not for us on port 67 only */
	ret->is_read = ret->why == SILENCE_NONE ||
	    (ret->why == SILENCE_TYPE && ret->request.type == DHCP4_REQUEST);
	if (ret->why == SILENCE_NONE) {
		ret->why = decide(source, snap, ret);
	}
	if (ret->why == SILENCE_NONE) {
		if (in->direct_only) {
			ret->answer.offer = DB_OFFER_DIRECT;
		}
		address_reply(ret);
		ret->len = answer_write(&ret->request, &ret->answer, ret->reply);
	}
}
