/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/serve.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/own/own.h"
#include "pvsboot-config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

static const char usage[] =
    "usage: pvsboot-pxe [--db DIR] [--state DIR] [--cache DIR] [--journal DIR]\n"
    "                   [--interface NAME]... [--relay-only] [--hold-port]\n"
    "                   [--verbose]\n"
    "       pvsboot-pxe --version | --help\n";

static const struct option long_options[] = {
    {"db", required_argument, NULL, 'd'},
    {"state", required_argument, NULL, 's'},
    {"cache", required_argument, NULL, 'c'},
    {"journal", required_argument, NULL, 'j'},
    {"interface", required_argument, NULL, 'i'},
    {"relay-only", no_argument, NULL, 'r'},
    {"hold-port", no_argument, NULL, 'H'},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int
add_interface(struct serve_options *options, const char *name)
{
	size_t len = strlen(name);
	if (len == 0 || len >= NIC_NAME) {
		(void)fprintf(stderr,
		    "pvsboot-pxe: --interface %s: want a name of 1 to %d bytes\n", name,
		    NIC_NAME - 1);
		return ERR_BADOPT;
	}
	if (options->interface_count == SERVE_INTERFACES_MAX) {
		(void)fprintf(stderr, "pvsboot-pxe: --interface %s: at most %d\n", name,
		    SERVE_INTERFACES_MAX);
		return ERR_BADOPT;
	}
	options->interfaces[options->interface_count++] = name;
	return 0;
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
	case 'j':
		return 0; /* the responder's and the watcher's; every program takes them */
	case 'i':
		return add_interface(options, optarg);
	case 'r':
		options->relay_only = true;
		return 0;
	case 'H':
		options->hold_port = true;
		return 0;
	case 'v':
		log_set(NULL, NULL, LOG_LEVEL_DEBUG);
		return 0;
	default:
		return ERR_BADOPT;
	}
}

int
main(int argc, char **argv)
{
	struct serve_options options = {
	    .map_dir = PVSBOOT_MAP_DIR, .state_dir = PVSBOOT_STATE_DIR};
	int option;
	int bad = own_streams();
	while (bad == 0 &&
	    (option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == 'V') {
			puts("pvsboot-pxe " PACKAGE_VERSION);
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
		log_error("cannot serve: %s",
		    err == -EPERM ? "needs CAP_NET_RAW: run as root or give the unit "
				    "AmbientCapabilities=CAP_NET_RAW"
				  : err_str(err));
	}
	return err == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
