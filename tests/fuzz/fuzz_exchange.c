/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* A datagram against the proxy's exchange with a map in memory. Byte 0 says how it came (door,
 * relay-only, whether an address of ours was asked, the interface's address), then come its
 * source, its source port and the message. Whatever it holds: only a PXE client's own question
 * has a reply; the reply is whole, ours, within what the client takes, and would itself be
 * answered by nobody. */
#include "pxe-proxy/exchange.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/world.h"

#include "lib/boot/reply.h"

#include <stdio.h>

static const char *const links[] = {
    "10.20.0.2", "10.20.65.2", "10.50.0.2", "192.168.1.1"};

static void
map_fill(struct world *w)
{
	world_example(w);
	struct db_farm *south = world_farm(w, "south");
	world_file(&south->files, ARCH_BIOS, "ARDBP32.BIN");
	world_file(&south->files, ARCH_UEFI_X64, "pvsnbpx64.efi");
	world_file(&south->files, ARCH_UEFI_ARM64, "");
	world_server(south, "10.3.0.11");
	south->delivery = DB_DELIVERY_DIRECT;
	south->login = DB_LOGIN_ROOT_PATH;
	(void)snprintf(south->root_path, sizeof(south->root_path),
	    "pvs:[south.example.org]:17:6910");
	south->offer[0].arch = ARCH_BIOS;
	south->offer[0].form = DB_OFFER_REDIRECT;
	south->offer[1].arch = ARCH_UEFI_X64;
	south->offer[1].form = DB_OFFER_DIRECT;
	south->offer_count = 2;
	world_prefix(w, "10.50.0.0/16", "south")->reply_delay_ms = 200;
	world_device(w, "52:54:00:aa:00:99")->which = DB_DEVICE_NONE;
}

static void *
map(void)
{
	static struct world w;
	if (w.farm_count == 0) {
		map_fill(&w);
	}
	return &w;
}

/* The same option with the same value in both, or in neither. */
static void
require_echo(struct dhcp4 *asked, struct dhcp4 *reply, uint8_t code)
{
	struct rd a, b;
	bool has = dhcp4_option(asked, code, &a);
	fuzz_require(dhcp4_option(reply, code, &b) == has && a.left == b.left);
	fuzz_require(a.left == 0 || memcmp(a.p, b.p, a.left) == 0);
}

static void
require_size(struct dhcp4 *asked, size_t len)
{
	uint16_t max = 0;
	bool has = dhcp4_option_be16(asked, DHCP4_OPT_MAX_MESSAGE, &max);
	fuzz_require(len >= DHCP4_PADDED_LEN && len <= ANSWER_MAX);
	fuzz_require(len <= 548 || len <= boot_reply_room(has, max));
}

static void
require_types(const struct request_in *in, struct dhcp4 *asked, struct dhcp4 *reply)
{
	uint8_t question = 0;
	uint8_t answer = 0;
	fuzz_require(dhcp4_option_u8(asked, DHCP4_OPT_MESSAGE_TYPE, &question));
	fuzz_require(dhcp4_option_u8(reply, DHCP4_OPT_MESSAGE_TYPE, &answer));
	if (in->door == REQUEST_DHCP) {
		fuzz_require(question == DHCP4_DISCOVER && answer == DHCP4_OFFER);
		fuzz_require(reply->header.flags == DHCP4_FLAG_BROADCAST);
		fuzz_require(reply->header.ciaddr == 0);
	} else {
		fuzz_require(question == DHCP4_REQUEST || question == DHCP4_INFORM);
		fuzz_require(answer == DHCP4_ACK);
		fuzz_require(reply->header.ciaddr == asked->header.ciaddr);
	}
}

static void
require_header(const struct dhcp4_header *asked, const struct dhcp4_header *reply)
{
	fuzz_require(asked->op == DHCP4_BOOTREQUEST && reply->op == DHCP4_BOOTREPLY);
	fuzz_require(reply->htype == DHCP4_HTYPE_ETHERNET && reply->hlen == MAC_LEN);
	fuzz_require(reply->xid == asked->xid && reply->secs == asked->secs);
	fuzz_require(reply->giaddr == asked->giaddr && reply->yiaddr == 0);
	fuzz_require(memcmp(reply->chaddr, asked->chaddr, sizeof(reply->chaddr)) == 0);
	fuzz_require(ip4_is_unicast(reply->siaddr));
}

/* A client knows it for a ProxyDHCP's by 54 and 60, and the file stands in its field alone. */
static void
require_options(const struct request_in *in, struct dhcp4 *asked, struct dhcp4 *reply)
{
	struct rd value;
	uint32_t server = 0;
	fuzz_require(dhcp4_option(asked, DHCP4_OPT_CLASS_ID, &value));
	fuzz_require(dhcp4_is_pxe_client(value.p, value.left));
	fuzz_require(dhcp4_option(reply, DHCP4_OPT_CLASS_ID, &value));
	fuzz_require(dhcp4_is_pxe_client(value.p, value.left) && value.left == 9);
	fuzz_require(dhcp4_option_be32(reply, DHCP4_OPT_SERVER_ID, &server));
	fuzz_require(server == in->local && server != 0);
	fuzz_require(!dhcp4_option(reply, DHCP4_OPT_BOOT_FILE, &value));
	fuzz_require(!dhcp4_option(reply, DHCP4_OPT_TFTP_SERVER, &value));
	fuzz_require(!dhcp4_option(reply, DHCP4_OPT_RESOURCE_LOCATION, &value) ||
	    !dhcp4_option(reply, DHCP4_OPT_ROOT_PATH, &value));
	fuzz_require((dhcp4_file(reply).left > 0) || reply->header.siaddr == in->local);
	require_echo(asked, reply, DHCP4_OPT_CLIENT_UUID);
	require_echo(asked, reply, DHCP4_OPT_RELAY_AGENT);
}

static void
require_way(const struct request_in *in, const struct exchange *exchange)
{
	fuzz_require(exchange->destination_port != 0);
	if (exchange->to == EXCHANGE_TO_LINK) {
		fuzz_require(exchange->destination == UINT32_MAX && !in->relay_only);
		fuzz_require(exchange->destination_port == DHCP4_CLIENT_PORT);
		return;
	}
	fuzz_require(ip4_is_unicast(exchange->destination));
	fuzz_require((exchange->to == EXCHANGE_TO_CLIENT) == (in->door == REQUEST_PXE));
	fuzz_require(exchange->to != EXCHANGE_TO_CLIENT || exchange->delay_ms == 0);
}

/* Neither this proxy nor another takes the reply for a question. */
static void
require_no_loop(const struct exchange *exchange)
{
	static struct exchange echo;
	struct request_in in = {.source = exchange->request.from,
	    .local = exchange->destination,
	    .link_addr = exchange->destination,
	    .source_port = DHCP4_CLIENT_PORT,
	    .bytes = exchange->reply,
	    .len = exchange->len};
	for (in.door = REQUEST_DHCP; in.door <= REQUEST_PXE; in.door++) {
		exchange_answer(&in, &world_source, map(), &echo);
		fuzz_require(echo.why == SILENCE_SERVER && echo.len == 0);
	}
}

static struct request_in
read_way(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	uint8_t flags = rd_u8(&r);
	struct request_in in = {.door = (flags & 1) != 0 ? REQUEST_PXE : REQUEST_DHCP,
	    .relay_only = (flags & 2) != 0,
	    .local = (flags & 4) != 0 ? 0 : world_ip4("10.20.0.2"),
	    .link_addr = (flags & 8) != 0 ? 0 : world_ip4(links[flags >> 4 & 3])};
	in.source = rd_be32(&r);
	in.source_port = rd_be16(&r);
	in.bytes = r.p;
	in.len = r.left;
	return in;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct exchange exchange;
	static struct dhcp4 asked, reply;
	struct request_in in = read_way(data, size);
	exchange_answer(&in, &world_source, map(), &exchange);
	fuzz_require(exchange.why < SILENCE_COUNT && exchange.why != SILENCE_FAILED);
	fuzz_require((exchange.why == SILENCE_NONE) == (exchange.len > 0));
	fuzz_require(
	    (exchange.why == SILENCE_NOT_OURS) == (exchange.cause != BOOT_OURS));
	if (exchange.why != SILENCE_NONE) {
		return 0;
	}
	fuzz_require(dhcp4_decode(in.bytes, in.len, &asked) == 0);
	fuzz_require(dhcp4_decode(exchange.reply, exchange.len, &reply) == 0);
	require_header(&asked.header, &reply.header);
	require_types(&in, &asked, &reply);
	require_options(&in, &asked, &reply);
	require_size(&asked, exchange.len);
	require_way(&in, &exchange);
	require_no_loop(&exchange);
	return 0;
}
