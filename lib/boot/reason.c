/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/reason.h"

#include "lib/base/wr.h"
#include "lib/wire/arch.h"

#include <stdio.h>

/* {word}s are explained at words[]. */
static const char *const sentences[REASON_KINDS] = {
    [REASON_PXE] = "it asks as a PXE client",
    [REASON_BOOTP] = "it asks by BOOTP",
    [REASON_OTHER_CLIENT] =
	"it is no PXE client, but clients of every kind are answered",
    [REASON_NOT_PXE] = "it is no PXE client",
    [REASON_ARCH_ASSUMED] = "it names no architecture, which is taken for bios",
    [REASON_HTTP] = "{arch} is an HTTP boot type, which gets no TFTP file",
    [REASON_MAC_UNKNOWN] = "its MAC is not known, so no device record applies",
    [REASON_DEVICE_ABSENT] = "{mac} has no device record",
    [REASON_DEVICE_FARM] = "device {mac} says farm {farm}",
    [REASON_DEVICE_NONE] = "device {mac} says none",
    [REASON_DEVICE_INHERITS] = "device {mac} leaves the farm to its scope",
    [REASON_SUBNET] = "subnet id {subnet} is in the map",
    [REASON_SUBNET_ABSENT] = "subnet id {subnet} is not in the map",
    [REASON_PREFIX] = "{scope} is the longest prefix for {addr}",
    [REASON_PREFIX_ABSENT] = "no prefix of the map holds {addr}",
    [REASON_PLACE_UNKNOWN] =
	"neither subnet id nor address is known, so only device and "
	"default apply",
    [REASON_DEFAULT] = "the default applies",
    [REASON_DEFAULT_ABSENT] = "the map has no default",
    [REASON_SCOPE_FARM] = "{scope} says farm {farm}",
    [REASON_SCOPE_NONE] = "{scope} says none",
    [REASON_FILE] = "the bootstrap for {arch} is {file}, from the {who}",
    [REASON_FILE_NONE] = "the {who} says that {arch} has no bootstrap",
    [REASON_FILE_ABSENT] = "farm {farm} has no bootstrap for {arch}",
    [REASON_DRAINED] = "{count} of {total} {who}s {is} drained and left out",
    [REASON_ALL_DRAINED] = "every {who} is drained, so drain is ignored",
    [REASON_CHOICE + CHOOSE_UP_PRIMARY] =
	"{count} of {total} {who}s {is} up; {server} {how}",
    [REASON_CHOICE + CHOOSE_UP_BACKUP] =
	"no primary {who} is up; of the backups that are, {server} {how}",
    [REASON_CHOICE + CHOOSE_UNPROVEN_PRIMARY] =
	"no {who} is up: {server} is unproven and named all the same",
    [REASON_CHOICE + CHOOSE_UNPROVEN_BACKUP] =
	"no {who} is up and no primary is unproven: backup {server} is unproven and "
	"named all the same",
    [REASON_CHOICE + CHOOSE_DOWN_PRIMARY] =
	"no {who} is up or unproven: {server} is down and named all the same",
    [REASON_CHOICE + CHOOSE_DOWN_BACKUP] =
	"no {who} is up or unproven, nor a primary left: backup {server} is down and "
	"named all the same",
    [REASON_NO_CANDIDATE] = "farm {farm} has no {who} that serves TFTP",
    [REASON_BY_BOOT_SERVER] = "delivery is boot-server: a boot server sends {file}",
    [REASON_DIRECT] = "delivery is direct: the farm server sends {file}",
    [REASON_LOGIN] = "option 11 names {count} of {total} login addresses",
    [REASON_LOGIN_ALL] = "every login address is down or drained: option 11 names "
			 "{count} of {total} all the same",
    [REASON_LOGIN_ABSENT] = "farm {farm} has no login server for option 11",
    [REASON_LOGIN_ROOT_PATH] = "option 17 names the login servers",
    [REASON_LOGIN_NONE] = "farm {farm} sends no login list",
    [REASON_LOGIN_EMBEDDED] = "{arch} takes no login list: its bootstrap carries one",
};

static const char *const whos[] = {
    [REASON_WHO_DEVICE] = "device record",
    [REASON_WHO_SCOPE] = "scope",
    [REASON_WHO_FARM] = "farm",
    [REASON_WHO_FARM_SERVER] = "farm server",
    [REASON_WHO_BOOT_SERVER] = "boot server",
};

static const char *const hows[] = {
    [REASON_HOW_ALONE] = "is the only choice",
    [REASON_HOW_SCORE] = "has the highest score",
    [REASON_HOW_LISTED] = "is listed first",
};

void
reason_add(struct boot_answer *answer, const struct boot_reason *reason)
{
	if (answer->reason_count < BOOT_REASONS_MAX) {
		answer->reasons[answer->reason_count++] = *reason;
	}
}

/* What a sentence may speak of. */
struct telling {
	const struct boot_facts *facts;
	const struct boot_answer *answer;
	const struct boot_reason *reason;
};

enum { WORD_TEXT = 24 };
/* A word's text: its own, or made in room. */
typedef const char *word_fn(const struct telling *t, char room[static WORD_TEXT]);
_Static_assert((int)WORD_TEXT >= (int)MAC_TEXT && (int)WORD_TEXT >= (int)IP4_TEXT &&
	(int)WORD_TEXT >= (int)ARCH_TEXT,
    "every made word fits");

static const char *
number_word(uint32_t number, char room[static WORD_TEXT])
{
	(void)snprintf(room, WORD_TEXT, "%u", number);
	return room;
}

static const char *
mac_word(const struct telling *t, char room[static WORD_TEXT])
{
	return mac_format(&t->facts->mac, room);
}

static const char *
addr_word(const struct telling *t, char room[static WORD_TEXT])
{
	return ip4_format(t->facts->addr, room);
}

static const char *
subnet_word(const struct telling *t, char room[static WORD_TEXT])
{
	return number_word(t->facts->subnet_id, room);
}

static const char *
farm_word(const struct telling *t, char room[static WORD_TEXT])
{
	(void)room;
	return t->answer->farm;
}

static const char *
scope_word(const struct telling *t, char room[static WORD_TEXT])
{
	(void)room;
	return t->answer->scope;
}

static const char *
file_word(const struct telling *t, char room[static WORD_TEXT])
{
	(void)room;
	return t->answer->bootstrap;
}

static const char *
arch_word(const struct telling *t, char room[static WORD_TEXT])
{
	return arch_name(t->reason->arch, room);
}

static const char *
server_word(const struct telling *t, char room[static WORD_TEXT])
{
	return ip4_format(t->reason->server, room);
}

static const char *
count_word(const struct telling *t, char room[static WORD_TEXT])
{
	return number_word(t->reason->count, room);
}

static const char *
total_word(const struct telling *t, char room[static WORD_TEXT])
{
	return number_word(t->reason->total, room);
}

static const char *
is_word(const struct telling *t, char room[static WORD_TEXT])
{
	(void)room;
	return t->reason->count == 1 ? "is" : "are";
}

static const char *
who_word(const struct telling *t, char room[static WORD_TEXT])
{
	(void)room;
	return whos[t->reason->who];
}

static const char *
how_word(const struct telling *t, char room[static WORD_TEXT])
{
	(void)room;
	return hows[t->reason->how];
}

static const struct {
	const char *name;
	word_fn *text;
} words[] = {
    /* of the facts */
    {"{mac}", mac_word},
    {"{addr}", addr_word},
    {"{subnet}", subnet_word},
    /* of the answer */
    {"{farm}", farm_word},
    {"{scope}", scope_word},
    {"{file}", file_word},
    /* of the reason itself */
    {"{arch}", arch_word},
    {"{server}", server_word},
    {"{count}", count_word},
    {"{total}", total_word},
    {"{is}", is_word},
    {"{who}", who_word},
    {"{how}", how_word},
};

/* Writes the word that p begins with and returns its length in the sentence; 0 for none. */
static size_t
tell_word(const struct telling *t, const char *p, struct wr *w)
{
	char room[WORD_TEXT];
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].name);
		if (strncmp(p, words[i].name, len) == 0) {
			const char *text = words[i].text(t, room);
			wr_bytes(w, text, strlen(text));
			return len;
		}
	}
	return 0;
}

char *
boot_reason_text(const struct boot_facts *facts, const struct boot_answer *answer,
    unsigned i, char dst[static BOOT_REASON_TEXT])
{
	const struct telling t = {facts, answer, &answer->reasons[i]};
	const char *p = sentences[t.reason->kind];
	struct wr w = wr_init(dst, BOOT_REASON_TEXT - 1);
	while (*p != '\0') {
		size_t len = *p == '{' ? tell_word(&t, p, &w) : 0;
		if (len == 0) {
			wr_u8(&w, (uint8_t)*p);
			len = 1;
		}
		p += len;
	}
	dst[wr_len(&w, dst)] = '\0';
	return dst;
}
