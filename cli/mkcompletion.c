/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/command.h"

/* Prints what dist/completion/pvsboot.bash must be. */
int
main(void)
{
	command_completion(stdout);
	return fflush(stdout) == 0 ? CLI_DONE : CLI_FAILED;
}
