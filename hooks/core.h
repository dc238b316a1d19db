/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "hooks/message.h"
#include "hooks/params.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The hook without Kea: facts of a packet in, an edit of the reply out. Addresses are in host
 * order. Everything but new and free may be called from any thread, concurrently, and never
 * waits. */
struct hook_core;

enum { HOOK_HW_LEN = 6, HOOK_FILE_LEN = 128, HOOK_OPTION_MAX = 255 };

/* Bytes of an option's value; p is NULL where the option is absent. */
struct hook_bytes {
	const uint8_t *p;
	size_t len;
};

/* A query and the reply that Kea has made for it. Pointers are borrowed for the call. */
struct hook_packet {
	bool offer; /* an OFFER, else an ACK or a BOOTP reply */
	bool bootp; /* the query had no option 53 */
	uint32_t xid;
	bool has_mac;
	uint8_t mac[HOOK_HW_LEN];
	bool has_subnet_id;
	uint32_t subnet_id;
	uint32_t addr; /* yiaddr, with INFORM ciaddr; 0: none */
	struct hook_bytes class_id;
	struct hook_bytes archs;
	struct hook_bytes max_message;
	struct hook_bytes user_class;

	/* The reply. */
	uint32_t siaddr;
	bool has_file;
	struct hook_bytes reply_class_id;
	uint16_t
	    option_len[256]; /* bytes on the wire by code, with codes and lengths */
};

struct hook_option {
	uint8_t code;
	uint8_t len;
	uint8_t data[HOOK_OPTION_MAX];
};

/* What to do to the reply: remove every option named, then add these, set siaddr and file,
 * clear sname. */
struct hook_edit {
	uint32_t siaddr;
	uint8_t file[HOOK_FILE_LEN];
	unsigned remove_count;
	uint8_t remove[8];
	unsigned add_count;
	struct hook_option add[3];
};

/* Starts the hook: marker, helper thread, event sender. With fault (a sentence: a wrong
 * parameter), or after two crashes, it is inert: it touches nothing and starts nothing.
 * Blocks for no other process. Returns 0 or a negated errno. */
int hook_core_new(const struct hook_params *params, const char *fault,
    const struct hook_log *log, struct hook_core **ret)
    __attribute__((warn_unused_result));

/* Ends what hook_core_new() started. No packet may be on its way. NULL is fine. */
void hook_core_free(struct hook_core *core);

/* Does nothing for any packet: the shim need not look at it. */
bool hook_core_is_inert(const struct hook_core *core);

/* Decides about one reply. True: *ret says what to do. False: the reply goes out as Kea made
 * it. Counts, sends the event, logs. */
bool hook_core_answer(
    struct hook_core *core, const struct hook_packet *packet, struct hook_edit *ret);

/* Counts what the shim met: a machine in PVSBOOT_SKIP, a reply that another hook has packed
 * already, an exception. */
void hook_core_skipped(struct hook_core *core);
void hook_core_already_packed(struct hook_core *core);
void hook_core_exception(struct hook_core *core, const char *what);

/* What pvs-explain asks. */
struct hook_question {
	const char *hw_address; /* required */
	const char *ip_address; /* or NULL */
	const char *arch;       /* or NULL */
	bool has_subnet_id;
	int64_t subnet_id;
};

enum { HOOK_ERROR_MAX = 256 };

/* The answers of the commands as JSON text, freed with free(); NULL with a sentence in error. */
char *hook_core_explain(
    struct hook_core *core, const struct hook_question *question, char *error);
char *hook_core_status(struct hook_core *core, char *error);

#ifdef __cplusplus
}
#endif
