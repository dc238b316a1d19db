/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/plan_order.h"

#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- targets */

int
plan_order(const struct db_verdict_key *a, const struct db_verdict_key *b)
{
	if (a->role != b->role) {
		return a->role < b->role ? -1 : 1;
	}
	int farm = text_casecmp(a->farm, b->farm);
	if (farm != 0) {
		return farm;
	}
	if (a->addr != b->addr) {
		return a->addr < b->addr ? -1 : 1;
	}
	return text_casecmp(a->file, b->file);
}

static int
by_order(const void *a, const void *b)
{
	const struct target *const *left = a;
	const struct target *const *right = b;
	const struct db_verdict_key keys[] = {target_key(*left), target_key(*right)};
	return plan_order(&keys[0], &keys[1]);
}

void
plan_sort(struct plan *plan)
{
	size_t count = 0;
	if (plan->count == 0) {
		return;
	}
	qsort(plan->targets, plan->count, sizeof(*plan->targets), by_order);
	for (size_t i = 0; i < plan->count; i++) {
		if (count > 0 &&
		    by_order(&plan->targets[count - 1], &plan->targets[i]) == 0) {
			free(plan->targets[i]);
		} else {
			plan->targets[count++] = plan->targets[i];
		}
	}
	plan->count = count;
}

/* What the map says of a target, and nothing of what was found. */
static void
take_over(struct target *to, const struct target *from)
{
	(void)text_copy(to->farm, sizeof(to->farm), from->farm);
	(void)text_copy(to->file, sizeof(to->file), from->file);
	(void)text_copy(to->name, sizeof(to->name), from->name);
	to->kind = from->kind;
	to->port = from->port;
	to->monitor = from->monitor;
	to->has_pin = from->has_pin;
	memcpy(to->pin, from->pin, sizeof(to->pin));
	to->publishes = from->publishes;
}

/* Both plans are in order. */
void
plan_inherit(struct plan *old, struct plan *fresh)
{
	size_t left = 0, at = 0;
	for (size_t i = 0; i < old->count; i++) {
		struct target *target = old->targets[i];
		while (
		    at < fresh->count && by_order(&fresh->targets[at], &target) < 0) {
			at++;
		}
		if (at < fresh->count && by_order(&fresh->targets[at], &target) == 0) {
			take_over(target, fresh->targets[at]);
			free(fresh->targets[at]);
			fresh->targets[at++] = target;
		} else {
			old->targets[left++] = target;
		}
	}
	old->count = left;
}

/* ---- copies of files */

int
plan_file_order(const struct target *target, const char *farm, const char *file)
{
	int order = text_casecmp(target->farm, farm);
	return order != 0 ? order : text_casecmp(target->file, file);
}

static int
by_file(const void *a, const void *b)
{
	const struct target *const *left = a;
	const struct target *const *right = b;
	int order = plan_file_order(*left, (*right)->farm, (*right)->file);
	return order != 0
	    ? order
	    : ((*left)->addr > (*right)->addr) - ((*left)->addr < (*right)->addr);
}

void
plan_sort_copies(struct plan *plan)
{
	plan->copy_count = 0;
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->targets[i]->role == DB_ROLE_TFTP) {
			plan->copies[plan->copy_count++] = plan->targets[i];
		}
	}
	if (plan->copy_count > 0) {
		qsort(plan->copies, plan->copy_count, sizeof(*plan->copies), by_file);
	}
}
