/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of a string literal without the NUL that C adds, and their number. */
#define UNIT_BYTES(text) (text), sizeof(text) - 1

/* Rows of a table, as tcase_add_loop_test() wants them. */
#define UNIT_ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Runs one suite; CK_FORK and CK_RUN_CASE work as Check documents. */
static inline int
unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* What a sweep calls for each mutilated packet: it decodes, and may assert what must hold. */
typedef void unit_decode(const uint8_t *bytes, size_t len, void *ctx);

/* Decodes a copy of exactly len bytes, so that ASan sees one byte too far. */
static inline void
unit_exact(unit_decode *decode, const uint8_t *bytes, size_t len, void *ctx)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	ck_assert_ptr_nonnull(copy);
	if (len > 0) {
		memcpy(copy, bytes, len);
	}
	decode(len > 0 ? copy : copy + 1, len, ctx);
	free(copy);
}

/* The three sweeps that every decoder passes: all prefixes; each byte made 0x00, 0xff and one
 * more; each byte, as a length might stand there, enlarged by 2 up to 128. */
static inline void
unit_sweep(unit_decode *decode, const uint8_t *bytes, size_t len, void *ctx)
{
	uint8_t *changed = malloc(len > 0 ? len : 1);
	ck_assert_ptr_nonnull(changed);
	for (size_t cut = 0; cut <= len; cut++) {
		unit_exact(decode, bytes, cut, ctx);
	}
	for (size_t i = 0; i < len; i++) {
		const uint8_t values[] = {0x00, 0xff, (uint8_t)(bytes[i] + 1),
		    (uint8_t)(bytes[i] + 2), (uint8_t)(bytes[i] + 4),
		    (uint8_t)(bytes[i] + 16), (uint8_t)(bytes[i] + 64),
		    (uint8_t)(bytes[i] + 128)};
		for (size_t v = 0; v < sizeof(values); v++) {
			memcpy(changed, bytes, len);
			changed[i] = values[v];
			unit_exact(decode, changed, len, ctx);
		}
	}
	free(changed);
}
