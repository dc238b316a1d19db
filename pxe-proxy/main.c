/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/serve.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/own/own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
take_interface(void *ctx, const char *name)
{
	struct serve_options *options = ctx;
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
take_relay_only(void *ctx, const char *value)
{
	(void)value;
	((struct serve_options *)ctx)->relay_only = true;
	return 0;
}

static int
take_hold_port(void *ctx, const char *value)
{
	(void)value;
	((struct serve_options *)ctx)->hold_port = true;
	return 0;
}

static const struct daemon_program program = {
    .name = "pvsboot-pxe",
    .usage =
	"usage: pvsboot-pxe [--db DIR] [--state DIR] [--cache DIR] [--journal DIR]\n"
	"                   [--interface NAME]... [--relay-only] [--hold-port]\n"
	"                   [--verbose]\n"
	"       pvsboot-pxe --version | --help\n",
    .option_count = 3,
    .options = {{"interface", true, take_interface},
	{"relay-only", false, take_relay_only}, {"hold-port", false, take_hold_port}},
};

/* Why serving could not begin, and what helps. */
static const char *
trouble_text(int err)
{
	switch (err) {
	case -EPERM:
		return "needs CAP_NET_RAW: run as root or give the unit "
		       "AmbientCapabilities=CAP_NET_RAW";
	case -EACCES:
		return "cannot become the owner of the map's folder: needs CAP_SETUID, "
		       "CAP_SETGID, or to be started as that user with CAP_NET_RAW";
	default:
		return err_str(err);
	}
}

int
main(int argc, char **argv)
{
	struct serve_options options = {.interface_count = 0};
	if (own_streams() != 0) {
		return EXIT_FAILURE;
	}
	int status = daemon_options(&program, argc, argv, &options, &options.dirs);
	if (status != DAEMON_RUN) {
		return status;
	}
	int err = serve_run(&options);
	if (err != 0) {
		log_error("cannot serve: %s", trouble_text(err));
	}
	return err == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
