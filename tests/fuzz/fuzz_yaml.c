/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/canonical.h"
#include "cli/conf/compile.h"
#include "lib/base/err.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
parse(const void *bytes, size_t len, struct config **ret)
{
	struct mistakes mistakes = {0};
	struct config_source source = {"t", bytes, len};
	int err = config_parse(&source, 1, &mistakes, ret);
	if ((err == ERR_MALFORMED) != (mistakes.count > 0)) {
		abort(); /* a refusal without a mistake, or a mistake passed over */
	}
	mistakes_done(&mistakes);
	return err;
}

static void
compile(const struct config *config)
{
	struct arena arena = {0};
	struct interval_pair *pairs;
	size_t count;
	struct db_settings settings;
	for (size_t i = 0; i < config->farms.count; i++) {
		struct db_farm farm;
		config_compile_farm(config, &config->farms.farm[i], &farm);
	}
	if (config_clients(config, &arena, &pairs, &count) != 0 ||
	    config_compile_settings(config, &settings) != 0) {
		abort();
	}
	arena_done(&arena);
}

/* What passes the check compiles, and its canonical form means the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config;
	struct config *again;
	char *canonical;
	char *canonical_again;
	if (parse(data, size, &config) != 0) {
		return 0;
	}
	compile(config);
	if (config_canonical(config, &canonical) != 0 ||
	    parse(canonical, strlen(canonical), &again) != 0 ||
	    config_canonical(again, &canonical_again) != 0 ||
	    strcmp(canonical, canonical_again) != 0) {
		abort();
	}
	free(canonical_again);
	free(canonical);
	config_free(again);
	config_free(config);
	return 0;
}
