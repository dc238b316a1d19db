/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/status/status.h"

#include "cli/conf/config.h"
#include "cli/print.h"
#include "lib/base/hex.h"
#include "lib/base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
	WHAT_WIDTH = 32,
	VERDICT_WIDTH = 8,
	SERVER_INDENT = 2,
	ACCOUNT_INDENT = 4,
	REMARK_INDENT = 6,
	HANG = 2,        /* of what goes on */
	FOLD_ABOVE = 16, /* servers of a farm: then those that are well have one line */
	HASH_SHOWN = 12, /* digits */
	LINE = 1024,     /* of a remark before it is broken; an escaped note fits */
	AGE_TEXT = 24,
	COUNT_TEXT = 24,
	RESPONSE_TEXT = COUNT_TEXT + 3,
};

enum tint { PLAIN, GOOD, DOUBTFUL, BAD };
static const char *const tints[] = {
    [PLAIN] = "", [GOOD] = "\033[32m", [DOUBTFUL] = "\033[33m", [BAD] = "\033[31m"};
static const char untint[] = "\033[0m";

struct text {
	FILE *out;
	bool colour;
	int64_t now_ms;
};

/* ---- lines */

/* One remark from the indent on, broken between words. */
static void __attribute__((format(printf, 4, 5)))
remark(const struct text *t, int indent, enum tint tint, const char *format, ...)
{
	char line[LINE];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	bool tinted = t->colour && tint != PLAIN;
	(void)fprintf(t->out, "%*s%s", indent, "", tinted ? tints[tint] : "");
	(void)print_words(t->out, line, indent, indent + HANG, true);
	(void)fprintf(t->out, "%s\n", tinted ? untint : "");
}

/* How long ago, in the largest unit that it fills; "-" for never. */
static const char *
age_text(const struct text *t, int64_t ms, char dst[static AGE_TEXT])
{
	static const struct {
		int64_t s;
		char unit;
	} units[] = {
	    {365 * 86400, 'y'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	int64_t s = t->now_ms > ms ? (t->now_ms - ms) / 1000 : 0;
	size_t i = 0;
	if (ms == 0) {
		return "-";
	}
	while (units[i].s > 1 && s < units[i].s) {
		i++;
	}
	(void)snprintf(dst, AGE_TEXT, "%" PRId64 "%c", s / units[i].s, units[i].unit);
	return dst;
}

/* A number in at most six places: 123456, 1234k, 1234M, ... */
static const char *
count_text(uint64_t count, char dst[static COUNT_TEXT])
{
	static const char suffixes[] = "\0kMGTPE";
	size_t i = 0;
	for (; count > (i == 0 ? 999999 : 99999); count /= 1000) {
		i++;
	}
	(void)snprintf(dst, COUNT_TEXT, "%" PRIu64 "%.1s", count, &suffixes[i]);
	return dst;
}

static const char *
response_text(const struct db_health *health, char dst[static RESPONSE_TEXT])
{
	enum { LONG_MS = 100000, SECOND_MS = 1000 };
	char count[COUNT_TEXT];
	bool in_s = health->latency_ms >= LONG_MS;
	if (health->last_good_ms == 0) {
		return "-";
	}
	(void)snprintf(dst, RESPONSE_TEXT, "%s %s",
	    count_text(
		in_s ? health->latency_ms / SECOND_MS : health->latency_ms, count),
	    in_s ? "s" : "ms");
	return dst;
}

static void
head_line(const struct text *t)
{
	(void)fprintf(t->out, "%*s%-*s %-8s %5s %7s %7s %7s %8s\n", SERVER_INDENT, "",
	    WHAT_WIDTH - SERVER_INDENT, "SERVER, FILE OR ROLE", "VERDICT", "SINCE",
	    "PROBES", "FAILED", "CURRENT", "RESPONSE");
}

/* A line of the table. What is too long for its column has a line of its own. */
static void
row(const struct text *t, int indent, const char *what,
    const struct status_account *account)
{
	static const enum tint of_verdict[] = {
	    [DB_VERDICT_UNPROVEN] = DOUBTFUL,
	    [DB_VERDICT_UP] = GOOD,
	    [DB_VERDICT_DOWN] = BAD,
	};
	const struct db_health *h = &account->health;
	char age[AGE_TEXT], probes[COUNT_TEXT], failed[COUNT_TEXT], current[COUNT_TEXT];
	char response[RESPONSE_TEXT];
	enum tint tint = of_verdict[h->verdict];
	if ((int)strlen(what) > WHAT_WIDTH - indent) {
		(void)fprintf(t->out, "%*s%s\n", indent, "", what);
		what = "";
	}
	(void)fprintf(t->out, "%*s%-*s %s%-*s%s", indent, "", WHAT_WIDTH - indent, what,
	    t->colour ? tints[tint] : "", account->known ? VERDICT_WIDTH : 0,
	    db_verdict_text(h->verdict), t->colour ? untint : "");
	if (account->known) {
		(void)fprintf(t->out, " %5s %7s %7s %7s %8s",
		    age_text(t, h->since_ms, age), count_text(h->probes, probes),
		    count_text(h->failures, failed),
		    count_text(status_fails(account) ? h->consecutive : 0, current),
		    response_text(h, response));
	}
	(void)fputc('\n', t->out);
}

/* ---- servers */

/* How urgent it is that someone looks at a server, the most urgent first. */
enum urgency {
	SERVER_DOWN, /* in one of its roles */
	SERVER_AILS, /* a probe fails, or a file differs */
	SERVER_DRAINED,
	SERVER_UNPROVEN,
	SERVER_WELL,
};

static bool
is_advisory(const struct status_account *account)
{
	return account->role == DB_ROLE_TSB || account->role == DB_ROLE_PXE;
}

static enum urgency
account_urgency(const struct status_account *account)
{
	bool down = account->health.verdict == DB_VERDICT_DOWN;
	if (down && !is_advisory(account)) {
		return SERVER_DOWN;
	}
	if (down || account->health.drifts || status_fails(account)) {
		return SERVER_AILS;
	}
	return account->health.verdict == DB_VERDICT_UP ? SERVER_WELL : SERVER_UNPROVEN;
}

static enum urgency
server_urgency(const struct status_server *server)
{
	enum urgency urgency =
	    server->account_count > 0 ? SERVER_WELL : SERVER_UNPROVEN;
	for (size_t i = 0; i < server->account_count; i++) {
		enum urgency of = account_urgency(&server->accounts[i]);
		urgency = of < urgency ? of : urgency;
	}
	return server->drained && urgency > SERVER_DRAINED ? SERVER_DRAINED : urgency;
}

static void
account_remarks(const struct text *t, const struct status_account *account)
{
	const struct db_health *h = &account->health;
	char age[AGE_TEXT], text[4 * DB_HEALTH_ERROR_MAX + 1];
	char held[HEX_SHA256_TEXT], expected[HEX_SHA256_TEXT];
	bool down = h->verdict == DB_VERDICT_DOWN;
	if (h->error[0] != '\0' && (down || status_fails(account))) {
		remark(t, REMARK_INDENT, PLAIN, "last failure %s ago: %s",
		    age_text(t, h->last_bad_ms, age),
		    text_escape(text, sizeof(text), h->error, strlen(h->error)));
	}
	if (h->drifts) {
		remark(t, REMARK_INDENT, DOUBTFUL,
		    "differs for %s: has %.*s, expected %.*s",
		    age_text(t, h->drifts_since_ms, age), HASH_SHOWN,
		    hex_format(held, h->sha256, DB_DIGEST_LEN), HASH_SHOWN,
		    hex_format(expected, h->expected, DB_DIGEST_LEN));
	}
}

static void
drain_remark(const struct text *t, int indent, const struct status_server *server)
{
	const struct db_drain *drain = &server->drain;
	char since[AGE_TEXT], named[AGE_TEXT];
	char user[4 * sizeof(drain->user)], note[4 * sizeof(drain->note)];
	bool is_named = server->named_ms != 0;
	if (!server->drained) {
		return;
	}
	text_escape(user, sizeof(user), drain->user, strlen(drain->user));
	text_escape(note, sizeof(note), drain->note, strlen(drain->note));
	remark(t, indent, DOUBTFUL, "drained%s%s%s%s%s%s%s; %s%s%s",
	    drain->time_s != 0 ? " " : "",
	    drain->time_s != 0 ? age_text(t, drain->time_s * 1000, since) : "",
	    drain->time_s != 0 ? " ago" : "", user[0] != '\0' ? " by " : "", user,
	    note[0] != '\0' ? ": " : "", note,
	    is_named ? "last named " : "no answer named it so far",
	    is_named ? age_text(t, server->named_ms, named) : "",
	    is_named ? " ago" : "");
}

static const char *
account_what(const struct status_account *account, char dst[static LINE])
{
	char addr[IP4_TEXT];
	switch (account->role) {
	case DB_ROLE_LOGIN:
		(void)snprintf(dst, LINE, "login %s", ip4_format(account->addr, addr));
		return dst;
	case DB_ROLE_TSB:
		return "tsb (advisory)";
	case DB_ROLE_PXE:
		return "pxe (advisory)";
	case DB_ROLE_TFTP:
	case DB_ROLE_BOOT_SERVER:
		break;
	}
	return account->file;
}

static void
server_lines(const struct text *t, const struct status_server *server)
{
	char addr[IP4_TEXT], weight[24] = "", what[LINE];
	if (server->weight != 1) {
		(void)snprintf(weight, sizeof(weight), ", weight %u", server->weight);
	}
	remark(t, SERVER_INDENT, PLAIN, "%s%s%s%s%s", ip4_format(server->addr, addr),
	    server->name[0] != '\0' ? " " : "", server->name, weight,
	    server->backup ? ", backup" : "");
	drain_remark(t, ACCOUNT_INDENT, server);
	for (size_t i = 0; i < server->account_count; i++) {
		const struct status_account *account = &server->accounts[i];
		row(t, ACCOUNT_INDENT, account_what(account, what), account);
		account_remarks(t, account);
	}
}

/* All of a server's accounts as one: counts of all, the latest change, the slowest answer. */
static struct status_account
sum_of(const struct status_server *server)
{
	struct status_account sum = server->accounts[0];
	struct db_health *h = &sum.health;
	for (size_t i = 1; i < server->account_count; i++) {
		const struct db_health *next = &server->accounts[i].health;
		h->since_ms =
		    next->since_ms > h->since_ms ? next->since_ms : h->since_ms;
		h->last_good_ms = next->last_good_ms > h->last_good_ms
		    ? next->last_good_ms
		    : h->last_good_ms;
		h->latency_ms =
		    next->latency_ms > h->latency_ms ? next->latency_ms : h->latency_ms;
		h->probes += next->probes;
		h->failures += next->failures;
	}
	return sum;
}

/* True for a server of which there is nothing to tell but one verdict. */
static bool
is_even(const struct status_server *server)
{
	enum urgency first = server->account_count > 0
	    ? account_urgency(&server->accounts[0])
	    : SERVER_DOWN;
	for (size_t i = 1; i < server->account_count; i++) {
		if (account_urgency(&server->accounts[i]) != first) {
			return false;
		}
	}
	return first >= SERVER_UNPROVEN && !server->drained;
}

static void
folded_line(const struct text *t, const struct status_server *server)
{
	char addr[IP4_TEXT], whole[IP4_TEXT + sizeof(server->name) + 1];
	char what[WHAT_WIDTH - SERVER_INDENT + 1];
	const struct status_account sum = sum_of(server);
	(void)snprintf(whole, sizeof(whole), "%s%s%s", ip4_format(server->addr, addr),
	    server->name[0] != '\0' ? " " : "", server->name);
	row(t, SERVER_INDENT, text_escape(what, sizeof(what), whole, strlen(whole)),
	    &sum);
}

/* ---- farms */

/* Adds ", COUNT WHAT" to a line; nothing for none. */
static void
add_count(char line[static LINE], const char *sep, size_t count, const char *what)
{
	size_t len = strlen(line);
	if (count > 0) {
		(void)snprintf(line + len, LINE - len, "%s%zu %s", sep, count, what);
	}
}

/* A server is down when one of its roles is; what is drained or drifts is so besides. */
static void
summary(const struct text *t, const char *name, const struct status_farm *farm)
{
	size_t down = 0, unproven = 0, drained = 0, drifting = 0;
	char line[LINE];
	for (size_t i = 0; i < farm->server_count; i++) {
		const struct status_server *server = &farm->servers[i];
		bool is_down = false, is_unproven = server->account_count == 0;
		bool drifts = false;
		for (size_t k = 0; k < server->account_count; k++) {
			const struct status_account *account = &server->accounts[k];
			enum db_verdict verdict = account->health.verdict;
			bool counts = !is_advisory(account);
			is_down = is_down || (counts && verdict == DB_VERDICT_DOWN);
			is_unproven =
			    is_unproven || (counts && verdict == DB_VERDICT_UNPROVEN);
			drifts = drifts || account->health.drifts;
		}
		down += is_down ? 1 : 0;
		unproven += is_unproven && !is_down ? 1 : 0;
		drained += server->drained ? 1 : 0;
		drifting += drifts ? 1 : 0;
	}
	(void)snprintf(line, sizeof(line), "%s: %zu of %zu server%s up", name,
	    farm->server_count - down - unproven, farm->server_count,
	    farm->server_count == 1 ? "" : "s");
	add_count(line, ", ", down, "down");
	add_count(line, ", ", unproven, "unproven");
	add_count(line, "; ", drained, "drained");
	add_count(line, "; ", drifting, "drifting");
	(void)fputc('\n', t->out);
	remark(t, 0, down > 0 ? BAD : unproven > 0 ? DOUBTFUL : GOOD, "%s", line);
}

static int
by_urgency(const void *a, const void *b)
{
	const struct status_server *const *first = a;
	const struct status_server *const *second = b;
	int difference = (int)server_urgency(*first) - (int)server_urgency(*second);
	if (difference != 0) {
		return difference;
	}
	return *first < *second ? -1 : 1; /* as they lie: in the map's order */
}

/* The servers, those first that someone should look at; memory that is short costs the order. */
static void
server_table(const struct text *t, const struct status_farm *farm,
    void (*print)(const struct text *t, const struct status_server *server, bool fold))
{
	const struct status_server **order =
	    calloc(farm->server_count + 1, sizeof(struct status_server *));
	for (size_t i = 0; order != NULL && i < farm->server_count; i++) {
		order[i] = &farm->servers[i];
	}
	if (order != NULL) {
		qsort(order, farm->server_count, sizeof(*order), by_urgency);
	}
	head_line(t);
	for (size_t i = 0; i < farm->server_count; i++) {
		print(t, order != NULL ? order[i] : &farm->servers[i],
		    farm->server_count > FOLD_ABOVE);
	}
	free(order);
}

static void
print_server(const struct text *t, const struct status_server *server, bool fold)
{
	if (fold && is_even(server)) {
		folded_line(t, server);
	} else {
		server_lines(t, server);
	}
}

static void
print_boot_server(const struct text *t, const struct status_server *server, bool fold)
{
	char addr[IP4_TEXT];
	(void)fold;
	row(t, SERVER_INDENT, ip4_format(server->addr, addr), server->accounts);
	account_remarks(t, server->accounts);
	drain_remark(t, REMARK_INDENT, server);
}

static void
missing_line(const struct text *t, const struct status_farm *farm, enum db_role role,
    const char *file)
{
	struct status_tally tally;
	status_tally(farm, role, file, &tally);
	if (tally.down > 0 && tally.up + tally.unproven == 0) {
		remark(t, SERVER_INDENT, BAD, "no server is up for %s",
		    role == DB_ROLE_LOGIN ? "login" : file);
	}
}

static void
print_farm(const struct text *t, const struct status_farm *farm)
{
	char name[DB_FARM_NAME_MAX + 8];
	(void)snprintf(name, sizeof(name), "farm %s", farm->name);
	summary(t, name, farm);
	remark(t, SERVER_INDENT, PLAIN, "delivery %s, balance %s, probe %s",
	    config_delivery_words[farm->delivery], config_balance_words[farm->balance],
	    config_probe_words[farm->probe]);
	for (size_t i = 0; i < farm->file_count; i++) {
		missing_line(t, farm, DB_ROLE_TFTP, farm->files[i]);
	}
	missing_line(t, farm, DB_ROLE_LOGIN, "");
	server_table(t, farm, print_server);
}

/* ---- the whole */

static void
print_watcher(const struct text *t, const struct watcher *watcher)
{
	char frozen[WATCHER_TEXT];
	if (watcher_frozen(watcher, frozen) != NULL) {
		remark(t, 0, BAD, "watcher: %s", frozen);
	} else if (watcher->condition == WATCHER_ABSENT) {
		remark(t, 0, DOUBTFUL,
		    "watcher: none runs; servers without a verdict are unproven, and "
		    "used");
	} else {
		remark(t, 0, PLAIN,
		    "watcher: runs by map revision %" PRIu64 ", pid %" PRIu32,
		    watcher->last.revision, watcher->last.pid);
	}
}

void
status_text(FILE *out, const struct status *status, bool colour)
{
	const struct text t = {out, colour, status->now_ms};
	char digest[HEX_SHA256_TEXT];
	remark(&t, 0, PLAIN, "map: revision %" PRIu64 ", digest %.*s",
	    status->info.revision, HASH_SHOWN,
	    hex_format(digest, status->info.digest, DB_DIGEST_LEN));
	print_watcher(&t, &status->watcher);
	if (status->boot.server_count > 0) {
		summary(&t, "boot servers", &status->boot);
		server_table(&t, &status->boot, print_boot_server);
	}
	for (size_t i = 0; i < status->farm_count; i++) {
		print_farm(&t, &status->farms[i]);
	}
}
