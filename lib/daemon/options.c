/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/daemon/options.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "pvsboot-config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	EXIT_USAGE = 2,
	OWN = 256, /* the program's first option; those before are letters */
};

static const struct option common[] = {
    {"db", required_argument, NULL, 'd'},
    {"state", required_argument, NULL, 's'},
    {"cache", required_argument, NULL, 'c'},
    {"journal", required_argument, NULL, 'j'},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
};
enum { COMMON = sizeof(common) / sizeof(common[0]) };

/* What getopt_long() is to know; a row of zeros ends it. */
static void
list_options(const struct daemon_program *program,
    struct option ret[static COMMON + DAEMON_OPTIONS_MAX + 1])
{
	for (unsigned i = 0; i < COMMON; i++) {
		ret[i] = common[i];
	}
	for (unsigned i = 0; i < program->option_count; i++) {
		const struct daemon_option *own = &program->options[i];
		ret[COMMON + i] = (struct option){own->name,
		    own->has_value ? required_argument : no_argument, NULL,
		    OWN + (int)i};
	}
	ret[COMMON + program->option_count] = (struct option){NULL, 0, NULL, 0};
}

static int
take(const struct daemon_program *program, int option, void *ctx,
    struct daemon_dirs *dirs)
{
	if (option >= OWN) {
		return program->options[option - OWN].take(ctx, optarg);
	}
	switch (option) {
	case 'd':
		dirs->map = optarg;
		return 0;
	case 's':
		dirs->state = optarg;
		return 0;
	case 'c':
		dirs->cache = optarg;
		return 0;
	case 'j':
		dirs->journal = optarg;
		return 0;
	case 'v':
		log_set(NULL, NULL, LOG_LEVEL_DEBUG);
		return 0;
	default:
		return ERR_BADOPT;
	}
}

int
daemon_options(const struct daemon_program *program, int argc, char **argv, void *ctx,
    struct daemon_dirs *ret)
{
	struct option options[COMMON + DAEMON_OPTIONS_MAX + 1];
	int option;
	int bad = 0;
	*ret = (struct daemon_dirs){.map = PVSBOOT_MAP_DIR,
	    .state = PVSBOOT_STATE_DIR,
	    .cache = PVSBOOT_CACHE_DIR,
	    .journal = PVSBOOT_JOURNAL_DIR};
	list_options(program, options);
	while (
	    bad == 0 && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'V') {
			(void)printf("%s %s\n", program->name, PACKAGE_VERSION);
			return EXIT_SUCCESS;
		}
		if (option == 'h') {
			(void)fputs(program->usage, stdout);
			return EXIT_SUCCESS;
		}
		bad = take(program, option, ctx, ret);
	}
	if (bad != 0 || optind < argc) {
		(void)fputs(program->usage, stderr);
		return EXIT_USAGE;
	}
	return DAEMON_RUN;
}
