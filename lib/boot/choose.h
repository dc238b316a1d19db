/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/record.h"
#include "lib/boot/score.h"

/* Rule 3 of the decision: one server of many. */

/* One that may be chosen; drained ones are not among them. */
struct candidate {
	uint32_t addr;
	uint8_t weight; /* 1..100 */
	bool backup;
	enum db_verdict verdict;
};

/* In order of preference. */
enum choose_class {
	CHOOSE_UP_PRIMARY,
	CHOOSE_UP_BACKUP,
	CHOOSE_UNPROVEN_PRIMARY,
	CHOOSE_UNPROVEN_BACKUP,
	CHOOSE_DOWN_PRIMARY,
	CHOOSE_DOWN_BACKUP,
	CHOOSE_CLASSES,
};

struct choice {
	uint32_t addr;
	enum choose_class class_;
	unsigned in_class; /* candidates of that class */
	unsigned up;       /* candidates that are up, whatever their class */
};

/* Chooses among 1..DB_SERVERS_MAX candidates for a machine: of the first class that has any,
 * the highest score or, with DB_BALANCE_ORDERED, the first listed. */
void choose_server(const struct candidate *candidates, unsigned count,
    enum db_balance balance, const struct mac *mac, struct choice *ret);

/* True for an address that was taken out of answers. */
bool choose_is_drained(const struct db_drains *drains, uint32_t addr);

/* Keeps the first max of the rivals offered, in order of precedence. */
struct ranking {
	unsigned max;
	unsigned count;
	struct rival *rivals; /* the caller's, room for max */
};
void ranking_offer(struct ranking *r, struct rival rival);
