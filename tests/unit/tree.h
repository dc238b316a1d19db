/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

static inline int
tree_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Removes a folder with all that lies in it. */
static inline void
tree_remove(const char *dir)
{
	ck_assert_int_eq(nftw(dir, tree_remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}
