/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/serve.h"

#include "lib/base/err.h"
#include "lib/base/ip4.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/own/own.h"
#include "lib/wire/tftp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
take_listen(void *ctx, const char *value)
{
	int err = add_listen(ctx, value);
	if (err != 0) {
		(void)fprintf(stderr,
		    "pvsboot-tftp: --listen %s: want ADDR or ADDR:PORT\n", value);
	}
	return err;
}

static const struct daemon_program program = {
    .name = "pvsboot-tftp",
    .usage =
	"usage: pvsboot-tftp [--db DIR] [--state DIR] [--cache DIR] [--journal DIR]\n"
	"                    [--listen ADDR[:PORT]]... [--verbose]\n"
	"       pvsboot-tftp --version | --help\n",
    .option_count = 1,
    .options = {{"listen", true, take_listen}},
};

int
main(int argc, char **argv)
{
	struct serve_options options = {.listen_count = 0};
	if (own_streams() != 0) {
		return EXIT_FAILURE;
	}
	int status = daemon_options(&program, argc, argv, &options, &options.dirs);
	if (status != DAEMON_RUN) {
		return status;
	}
	int err = serve_run(&options);
	if (err != 0) {
		log_error("cannot serve: %s", err_str(err));
	}
	return err == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
