/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/bench/site.h"

#include <stdio.h>

/* bench_site DIR: the measured site's databases, DIR/map and DIR/state, for whole programs. */

int
main(int argc, char **argv)
{
	char map[SITE_DIR], state[SITE_DIR];
	if (argc != 2) {
		(void)fputs("usage: bench_site DIR\n", stderr);
		return 2;
	}
	site_make(argv[1], map, state);
	return 0;
}
