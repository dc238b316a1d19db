/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/boot/decide.h"

/* How an answer stands in a DHCPv4 reply, OFFER and ACK alike: siaddr, file, and options 66
 * and 67 say the same, and 11 or 17 carries the login servers. */
struct boot_reply {
	uint32_t siaddr;         /* host order */
	char file[128];          /* the header field: text, then NULs to its end */
	uint8_t tftp_server_len; /* option 66: 0 when dropped for size */
	char tftp_server[IP4_TEXT];
	uint8_t boot_file_len; /* option 67, with its NUL when delivery is direct */
	char boot_file[BOOT_FILE_TEXT + 1];
	unsigned login_count; /* option 11: 0 when absent */
	uint32_t login[BOOT_LOGIN_MAX];
	uint8_t root_path_len; /* option 17: 0 when absent */
	char root_path[DB_ROOT_PATH_MAX + 1];
};

/* Lays out an answer whose action is BOOT_BOOT. base_len is the length in bytes of the DHCP
 * message with all options but those named above; max_len what the client takes of a DHCP
 * message (boot_reply_room()). Where both do not fit, 66 is dropped, then 11 shortened to no
 * less than one address; siaddr, file and 67 stay in any case. */
void boot_reply_make(const struct boot_answer *answer, size_t base_len, size_t max_len,
    struct boot_reply *ret);

/* Bytes of DHCP message a client takes: option 57 counts the IP and UDP headers (RFC 2132
 * section 9.10), so 28 less than it says; 548 without option 57 (has_max false). */
size_t boot_reply_room(bool has_max, uint16_t max_message_size);

/* How many of count login servers fit option 11 in room bytes, its code and length counted. */
unsigned boot_reply_logins(unsigned count, size_t room);
