/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* What libFuzzer, or replay.c in its place, calls for each input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run at an input that breaks a claim; also where NDEBUG is defined. */
static inline void
fuzz_require(bool holds)
{
	if (!holds) {
		abort();
	}
}
