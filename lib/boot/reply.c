/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/reply.h"

#include <string.h>

enum {
	OPTION_HEAD = 2,     /* code and length */
	ADDRESS = 4,         /* one address of option 11 */
	IP_UDP_HEADERS = 28, /* what option 57 counts besides the message */
	DEFAULT_ROOM = 548,  /* 576 less the headers: what every client takes */
};

static size_t
option_size(size_t len)
{
	return len > 0 ? OPTION_HEAD + len : 0;
}

/* All but option 11. */
static size_t
others_size(const struct boot_reply *r)
{
	return option_size(r->tftp_server_len) + option_size(r->boot_file_len) +
	    option_size(r->root_path_len);
}

unsigned
boot_reply_logins(unsigned count, size_t room)
{
	size_t most = room > OPTION_HEAD ? (room - OPTION_HEAD) / ADDRESS : 0;
	return count < most ? count : (unsigned)most;
}

/* What repeats siaddr goes first, then login servers from the end of their list. */
static void
make_fit(struct boot_reply *r, size_t room)
{
	if (others_size(r) + option_size((size_t)r->login_count * ADDRESS) > room) {
		r->tftp_server_len = 0;
		r->tftp_server[0] = '\0';
	}
	size_t others = others_size(r);
	unsigned fitting =
	    boot_reply_logins(r->login_count, room > others ? room - others : 0);
	if (r->login_count > 0) {
		r->login_count = fitting > 0 ? fitting : 1;
	}
}

void
boot_reply_make(const struct boot_answer *answer, size_t base_len, size_t max_len,
    struct boot_reply *ret)
{
	size_t file_len = strlen(answer->file);
	bool with_nul = answer->delivery == DB_DELIVERY_DIRECT;
	ret->siaddr = answer->server;
	memset(ret->file, 0, sizeof(ret->file));
	memcpy(ret->file, answer->file, file_len);
	ip4_format(answer->server, ret->tftp_server);
	ret->tftp_server_len = (uint8_t)strlen(ret->tftp_server);
	memcpy(ret->boot_file, answer->file, file_len + 1);
	ret->boot_file_len = (uint8_t)(file_len + (with_nul ? 1 : 0));
	ret->login_count = answer->login_count;
	memcpy(
	    ret->login, answer->login, answer->login_count * sizeof(answer->login[0]));
	ret->root_path_len = (uint8_t)strlen(answer->root_path);
	memcpy(ret->root_path, answer->root_path, (size_t)ret->root_path_len + 1);
	make_fit(ret, max_len > base_len ? max_len - base_len : 0);
}

size_t
boot_reply_room(bool has_max, uint16_t max_message_size)
{
	/* A size below the legal 576 is taken at its word: all that is dropped for it is said
	 * elsewhere in the reply, or is one login server of several. */
	if (!has_max) {
		return DEFAULT_ROOM;
	}
	return max_message_size > IP_UDP_HEADERS
	    ? (size_t)max_message_size - IP_UDP_HEADERS
	    : 0;
}
