/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/choose.h"

static enum choose_class
class_of(const struct candidate *c)
{
	static const enum choose_class classes[][2] = {
	    [DB_VERDICT_UP] = {CHOOSE_UP_PRIMARY, CHOOSE_UP_BACKUP},
	    [DB_VERDICT_UNPROVEN] = {CHOOSE_UNPROVEN_PRIMARY, CHOOSE_UNPROVEN_BACKUP},
	    [DB_VERDICT_DOWN] = {CHOOSE_DOWN_PRIMARY, CHOOSE_DOWN_BACKUP},
	};
	return classes[c->verdict][c->backup ? 1 : 0];
}

static uint32_t
highest(const struct candidate *candidates, unsigned count, enum choose_class class_,
    const struct mac *mac)
{
	struct rival best = {.weight = 0}; /* of no weight: nobody yet */
	for (unsigned i = 0; i < count; i++) {
		const struct candidate *c = &candidates[i];
		if (class_of(c) != class_) {
			continue;
		}
		struct rival rival = rival_mac(mac, c->addr, c->weight);
		if (best.weight == 0 || rival_precedes(&rival, &best)) {
			best = rival;
		}
	}
	return best.addr;
}

void
choose_server(const struct candidate *candidates, unsigned count,
    enum db_balance balance, const struct mac *mac, struct choice *ret)
{
	unsigned in_class[CHOOSE_CLASSES] = {0};
	enum choose_class class_ = CHOOSE_CLASSES;
	uint32_t first = 0;
	for (unsigned i = 0; i < count; i++) {
		enum choose_class own = class_of(&candidates[i]);
		in_class[own]++;
		if (own < class_) {
			class_ = own;
			first = candidates[i].addr;
		}
	}
	bool alone = in_class[class_] == 1;
	ret->class_ = class_;
	ret->in_class = in_class[class_];
	ret->up = in_class[CHOOSE_UP_PRIMARY] + in_class[CHOOSE_UP_BACKUP];
	ret->addr = alone || balance == DB_BALANCE_ORDERED
	    ? first
	    : highest(candidates, count, class_, mac);
}

bool
choose_is_drained(const struct db_drains *drains, uint32_t addr)
{
	for (unsigned i = 0; i < drains->count; i++) {
		if (drains->addr[i] == addr) {
			return true;
		}
	}
	return false;
}

void
ranking_offer(struct ranking *r, struct rival rival)
{
	unsigned at = r->count;
	if (at < r->max) {
		r->count++;
	} else if (rival_precedes(&rival, &r->rivals[at - 1])) {
		at--; /* the last one goes */
	} else {
		return;
	}
	for (; at > 0 && rival_precedes(&rival, &r->rivals[at - 1]); at--) {
		r->rivals[at] = r->rivals[at - 1];
	}
	r->rivals[at] = rival;
}
