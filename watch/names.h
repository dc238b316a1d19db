/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/record.h"

/* A sorted set of what a map names: files of farms (address 0), and addresses that serve farms
 * (file ""). Names are compared without regard to case, and kept as the nearest to the farm
 * wrote them. */
enum names_rank { NAMES_OF_FARM, NAMES_OF_SCOPE, NAMES_OF_DEVICE };

struct name {
	char farm[DB_FARM_NAME_MAX + 1];
	uint32_t addr;
	char file[DB_FILE_NAME_MAX + 1];
	uint8_t rank; /* an enum names_rank: a lower one's spelling wins */
};

struct names {
	struct name *name; /* in order of farm, address and file */
	size_t count, room;
};

void names_done(struct names *names); /* zeroed is fine */

/* Returns 0 or -ENOMEM. */
int names_add(struct names *names, const char *farm, uint32_t addr, const char *file,
    enum names_rank rank) __attribute__((warn_unused_result));

/* The files of a table, for a farm. */
int names_add_files(struct names *names, const char *farm, const struct db_files *files,
    enum names_rank rank) __attribute__((warn_unused_result));

/* All of another set. */
int names_add_all(struct names *names, const struct names *more)
    __attribute__((warn_unused_result));

/* The entry, or NULL. */
const struct name *names_find(
    const struct names *names, const char *farm, uint32_t addr, const char *file);

/* A farm's entries: borrowed until the next names_add(). */
struct names_span {
	const struct name *name;
	size_t count;
};
struct names_span names_of(const struct names *names, const char *farm);
