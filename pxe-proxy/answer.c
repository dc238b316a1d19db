/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/answer.h"

#include "lib/boot/reply.h"

#include <string.h>

enum { HEAD = 2 /* of an option: code and length */, ADDRESS = 4 };

/* What a client knows a ProxyDHCP's messages by: these nine bytes and no more, since iPXE
 * compares them whole where there is a menu. */
static const char class_id[] = {'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't'};

/* All that is never left out fits into the 548 bytes that every client takes: header and
 * cookie, 53, 54, 60, 97, the longer form of 43, the longest 82, END. With the longest of 11 and
 * 17 it still fits ANSWER_MAX, however much the client takes. */
enum {
	ALWAYS_MAX = DHCP4_HEADER_LEN + 4 + (HEAD + 1) + (HEAD + ADDRESS) +
	    (HEAD + sizeof(class_id)) + (HEAD + 17) + (HEAD + 7) + (HEAD + 255) + 1,
	LOGIN_MAX = HEAD + BOOT_LOGIN_MAX * ADDRESS + HEAD + DB_ROOT_PATH_MAX,
};
_Static_assert(ALWAYS_MAX <= 548, "what must be said has room");
_Static_assert(ALWAYS_MAX + LOGIN_MAX <= ANSWER_MAX, "all that may be said has room");

static bool
is_offer(const struct request *request)
{
	return request->door == REQUEST_DHCP;
}

/* A redirecting OFFER says who we are and no more, which is what makes a client ask port
 * 4011. */
static bool
names_file(const struct request *request, const struct boot_answer *answer)
{
	return !is_offer(request) || answer->offer == DB_OFFER_DIRECT;
}

/* RFC 2131 table 3. An OFFER is broadcast whatever the client asked: it has no address, and
 * ISC's relay would send to 0.0.0.0 what is not marked so. Unlike a DHCP server's its secs are
 * the client's. */
static struct dhcp4_header
header_for(const struct request *request, const struct boot_answer *answer)
{
	struct dhcp4_header header = request->header;
	header.op = DHCP4_BOOTREPLY;
	header.hops = 0;
	header.yiaddr = 0;
	header.siaddr = names_file(request, answer) ? answer->server : request->from;
	if (is_offer(request)) {
		header.flags = DHCP4_FLAG_BROADCAST;
		header.ciaddr = 0;
	}
	return header;
}

/* Option 43. The direct form's discovery control says: fetch the file named here, ask nobody.
 * A boot item is echoed, without which iPXE drops the ACK. */
static void
put_vendor(
    struct wr *w, const struct request *request, const struct boot_answer *answer)
{
	uint8_t value[16];
	struct wr inner = wr_init(value, sizeof(value));
	struct pxe_vendor vendor = {
	    .has_discovery = is_offer(request) && names_file(request, answer),
	    .discovery = PXE_USE_FILE,
	    .has_item = !is_offer(request) && request->has_item,
	    .item_type = request->item_type,
	    .item_layer = request->item_layer,
	};
	if (vendor.has_discovery || vendor.has_item) {
		pxe_vendor_encode(&inner, &vendor);
		dhcp4_put_option(w, DHCP4_OPT_VENDOR, value, wr_len(&inner, value));
	}
}

/* Option 11 or 17, where it fits into room bytes. Firmware keeps DHCP's ACK and ours
 * apart, so a bootstrap may not find them here: the DHCP server must send them too. */
static void
put_login(struct wr *w, const struct boot_answer *answer, size_t room)
{
	uint8_t list[BOOT_LOGIN_MAX * ADDRESS];
	struct wr inner = wr_init(list, sizeof(list));
	unsigned count = boot_reply_logins(answer->login_count, room);
	size_t root_path_len = strlen(answer->root_path);
	for (unsigned i = 0; i < count; i++) {
		wr_be32(&inner, answer->login[i]);
	}
	if (count > 0) {
		dhcp4_put_option(
		    w, DHCP4_OPT_RESOURCE_LOCATION, list, wr_len(&inner, list));
	}
	if (root_path_len > 0 && HEAD + root_path_len <= room) {
		dhcp4_put_option(
		    w, DHCP4_OPT_ROOT_PATH, answer->root_path, root_path_len);
	}
}

/* Bytes left for the login options in what the client takes, when written bytes stand and 82
 * and END follow. */
static size_t
login_room(const struct request *request, size_t written)
{
	size_t room = boot_reply_room(request->has_max_message, request->max_message);
	size_t taken = written + 1 +
	    (request->relay_info_len > 0 ? HEAD + request->relay_info_len : 0);
	return room > taken ? room - taken : 0;
}

/* The file stands in its field alone, never in option 67: without a NUL there old ROMs ask for
 * "name\xff" and EDK2 writes one over the next byte, with it others take it into the name. 82
 * comes last (RFC 3046 section 2.2). */
size_t
answer_write(const struct request *request, const struct boot_answer *answer,
    uint8_t dst[static ANSWER_MAX])
{
	struct wr w = wr_init(dst, ANSWER_MAX);
	const struct dhcp4_header header = header_for(request, answer);
	dhcp4_put_header(
	    &w, &header, names_file(request, answer) ? answer->file : NULL);
	dhcp4_put_u8(
	    &w, DHCP4_OPT_MESSAGE_TYPE, is_offer(request) ? DHCP4_OFFER : DHCP4_ACK);
	dhcp4_put_be32(&w, DHCP4_OPT_SERVER_ID, request->from);
	dhcp4_put_option(&w, DHCP4_OPT_CLASS_ID, class_id, sizeof(class_id));
	if (request->has_uuid) {
		dhcp4_put_option(
		    &w, DHCP4_OPT_CLIENT_UUID, request->uuid, sizeof(request->uuid));
	}
	put_vendor(&w, request, answer);
	put_login(&w, answer, login_room(request, wr_len(&w, dst)));
	if (request->relay_info_len > 0) {
		dhcp4_put_option(&w, DHCP4_OPT_RELAY_AGENT, request->relay_info,
		    request->relay_info_len);
	}
	dhcp4_put_end(&w, dst);
	return wr_len(&w, dst);
}
