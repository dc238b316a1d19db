/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/serve.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/own/own.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static const struct daemon_program program = {
    .name = "pvsboot-watch",
    .usage =
	"usage: pvsboot-watch [--db DIR] [--state DIR] [--cache DIR] [--journal DIR]\n"
	"                     [--verbose]\n"
	"       pvsboot-watch --version | --help\n",
};

/* Why watching could not begin. */
static void
say_trouble(int err, const struct daemon_dirs *dirs, uint32_t holder)
{
	if (err == -EWOULDBLOCK) {
		log_error("cannot watch: another pvsboot-watch (pid %" PRIu32
			  ") keeps the state in %s",
		    holder, dirs->state);
	} else {
		log_error("cannot watch: %s", err_str(err));
	}
}

int
main(int argc, char **argv)
{
	struct daemon_dirs dirs;
	uint32_t holder = 0;
	if (own_streams() != 0) {
		return EXIT_FAILURE;
	}
	int status = daemon_options(&program, argc, argv, NULL, &dirs);
	if (status != DAEMON_RUN) {
		return status;
	}
	int err = serve_run(&dirs, &holder);
	if (err != 0) {
		say_trouble(err, &dirs, holder);
	}
	return err == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
