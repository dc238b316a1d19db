/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "watch/last_named.h"
#include "watch/plan.h"

/* The state as its one writer keeps it: a lock against a second watcher, the database, and what
 * of the plan stands in it. The folder may be lost and made anew at any time. */
struct ledger;

/* dir is borrowed. Returns 0 or -ENOMEM. */
int ledger_new(const char *dir, struct ledger **ret)
    __attribute__((warn_unused_result));
void ledger_free(struct ledger *ledger); /* NULL is fine */

/* Looks at the folder and opens what is to be opened, making folder and database where they are
 * missing, and a new database in place of one that is damaged or of another format, which it
 * logs. For once a second. Returns 0 while the state is open; *ret_opened says whether it was
 * opened by this call, so that it may hold other accounts than ours. Else -EWOULDBLOCK (another
 * watcher has it) or what db_state_open() said. */
int ledger_follow(struct ledger *ledger, bool *ret_opened)
    __attribute__((warn_unused_result));

/* The process that has the lock, as far as it said so; 0: not known. */
uint32_t ledger_holder(const struct ledger *ledger);

/* Makes state and plan one: targets of which nothing is known yet take over what stands there,
 * and what the plan no longer has is deleted. For a plan just read; and for a state just opened
 * (anew): then all that is known is to be written. Returns 0 or the store's failure
 * (ERR_NOTFOUND while the state is not open); then it is to be done again. */
int ledger_settle(struct ledger *ledger, struct plan *plan, bool anew)
    __attribute__((warn_unused_result));

/* Writes the accounts that changed, the heartbeat and who was named, in one transaction.
 * Returns 0, and nothing is dirty any more; or the store's failure (ERR_NOTFOUND while the
 * state is not open), and all of it is written with the next. */
int ledger_write(struct ledger *ledger, struct plan *plan, struct last_named *named,
    const struct db_heartbeat *heartbeat) __attribute__((warn_unused_result));
