/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/serve.h"

#include "lib/base/err.h"
#include "lib/base/ip4.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/own/own.h"
#include "lib/wire/tftp.h"
#include "pvsboot-config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

static const char usage[] =
    "usage: pvsboot-tftp [--db DIR] [--state DIR] [--cache DIR] [--journal DIR]\n"
    "                    [--listen ADDR[:PORT]]... [--verbose]\n"
    "       pvsboot-tftp --version | --help\n";

static const struct option long_options[] = {
    {"db", required_argument, NULL, 'd'},
    {"state", required_argument, NULL, 's'},
    {"cache", required_argument, NULL, 'c'},
    {"journal", required_argument, NULL, 'j'},
    {"listen", required_argument, NULL, 'l'},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* Adds ADDR or ADDR:PORT. */
static int
add_listen(struct serve_options *options, const char *text)
{
	char addr[IP4_TEXT];
	uint64_t port = TFTP_PORT;
	size_t len = strcspn(text, ":");
	unsigned i = options->listen_count;
	if (i == SERVE_LISTEN_MAX || len >= sizeof(addr)) {
		return ERR_ROOM;
	}
	(void)snprintf(addr, sizeof(addr), "%.*s", (int)len, text);
	int err = ip4_parse(addr, &options->listen[i].addr);
	if (err == 0 && text[len] == ':') {
		err = text_u64(text + len + 1, 1, UINT16_MAX, &port);
	}
	if (err == 0) {
		options->listen[i].port = (uint16_t)port;
		options->listen_count++;
	}
	return err;
}

static int
take_option(struct serve_options *options, int option)
{
	switch (option) {
	case 'd':
		options->map_dir = optarg;
		return 0;
	case 's':
		options->state_dir = optarg;
		return 0;
	case 'c':
		options->cache_dir = optarg;
		return 0;
	case 'j':
		return 0; /* the watcher's alone; every program takes it */
	case 'v':
		log_set(NULL, NULL, LOG_LEVEL_DEBUG);
		return 0;
	case 'l':
		if (add_listen(options, optarg) != 0) {
			(void)fprintf(stderr,
			    "pvsboot-tftp: --listen %s: want ADDR or ADDR:PORT\n",
			    optarg);
			return ERR_BADOPT;
		}
		return 0;
	default:
		return ERR_BADOPT;
	}
}

int
main(int argc, char **argv)
{
	struct serve_options options = {.map_dir = PVSBOOT_MAP_DIR,
	    .state_dir = PVSBOOT_STATE_DIR,
	    .cache_dir = PVSBOOT_CACHE_DIR};
	int option;
	int bad = 0;
	if (own_streams() != 0) {
		return EXIT_FAILURE;
	}
	while (bad == 0 &&
	    (option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == 'V') {
			puts("pvsboot-tftp " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		}
		if (option == 'h') {
			(void)fputs(usage, stdout);
			return EXIT_SUCCESS;
		}
		bad = take_option(&options, option);
	}
	if (bad != 0 || optind < argc) {
		(void)fputs(usage, stderr);
		return EXIT_USAGE;
	}
	int err = serve_run(&options);
	if (err != 0) {
		log_error("cannot serve: %s", err_str(err));
	}
	return err == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
