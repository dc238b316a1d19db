/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/boot/reason.h"

/* One deciding under way: what was asked, what was found so far, and the answer in the making.
 * The records are valid only after the rule that reads them; none is ever cleared or copied,
 * being large. */
struct deciding {
	const struct boot_facts *facts;
	const struct db_source *source;
	void *snap;
	struct boot_answer *answer;
	struct mac mac;  /* zeroes when the machine's is not known */
	bool has_device; /* device is valid */
	bool by_default; /* the default applies: nothing else named the place */
	struct db_device device;
	struct db_scope scope; /* valid when the answer has a scope */
	struct db_farm farm;
	struct db_drains drains; /* the farm's */
};

/* What a rule returns: go on to the next, or the answer stands. Else a negative failure. */
enum { DECIDE_ON = 0, DECIDE_DONE = 1 };

/* Ends the deciding: not ours. */
static inline int
decide_not_ours(struct deciding *d, enum boot_cause cause)
{
	d->answer->cause = cause;
	return DECIDE_DONE;
}

/* Rules 3 to 5; servers.c and login.c. They need a farm and a file. */
int decide_farm_server(struct deciding *d) __attribute__((warn_unused_result));
int decide_delivery(struct deciding *d) __attribute__((warn_unused_result));
int decide_login(struct deciding *d) __attribute__((warn_unused_result));
