/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Deadlines of many, in slots of ten milliseconds: setting, moving and removing one costs the
 * same however many there are. An entry lies in its owner; it is never due early, and late by
 * less than a slot. Times are monotonic milliseconds. */
enum { WHEEL_SLOTS = 1024, WHEEL_SLOT_MS = 10 };

struct wheel_entry {
	struct wheel_entry *next;
	struct wheel_entry **link; /* what points here; NULL: not in the wheel */
	uint64_t due_ms;
};

struct wheel {
	uint64_t at; /* the slot, counted from time 0, that wheel_pop() looks at next */
	struct wheel_entry *slots[WHEEL_SLOTS];
};

void wheel_init(struct wheel *wheel, uint64_t now_ms);

/* Puts an entry in, or moves it. A new entry is zeroed. */
void wheel_set(struct wheel *wheel, struct wheel_entry *entry, uint64_t due_ms);

/* Takes an entry out; one that is not in is left alone. */
void wheel_remove(struct wheel_entry *entry);

/* Takes out one entry that is due, or returns NULL when none is. */
struct wheel_entry *wheel_pop(struct wheel *wheel, uint64_t now_ms);
