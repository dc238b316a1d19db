/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stddef.h>

/* The struct in which an entry of a list or a wheel lies at that offset, as offsetof() has it;
 * NULL for NULL. */
static inline void *
owner_of(void *entry, size_t offset)
{
	return entry != NULL ? (char *)entry - offset : NULL;
}
