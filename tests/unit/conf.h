/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/canonical.h"
#include "cli/conf/config.h"
#include "tests/unit/unit.h"

#include <stdio.h>

/* What the tests of cli/conf share: texts in, configurations, lines or canonical forms out. */

/* Parses count texts as files "t0", "t1", ... (a single one as "t"). */
static inline int
conf_parse(const char *const *texts, size_t count, struct mistakes *mistakes,
    struct config **ret)
{
	static const char *const names[] = {"t0", "t1", "t2"};
	struct config_source sources[3];
	for (size_t i = 0; i < count; i++) {
		sources[i] = (struct config_source){
		    count == 1 ? "t" : names[i], texts[i], strlen(texts[i])};
	}
	return config_parse(sources, count, mistakes, ret);
}

/* The configuration of texts that have no mistake. */
static inline struct config *
conf_good(const char *const *texts, size_t count)
{
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	int err = conf_parse(texts, count, &mistakes, &config);
	if (err != 0) {
		mistakes_print(&mistakes, stderr);
	}
	ck_assert_int_eq(err, 0);
	mistakes_done(&mistakes);
	return config;
}

/* Their canonical form, for free(). */
static inline char *
conf_canonical(const char *const *texts, size_t count)
{
	struct config *config = conf_good(texts, count);
	char *text = NULL;
	ck_assert_int_eq(config_canonical(config, &text), 0);
	config_free(config);
	return text;
}

/* What mistakes_print() would write, for free(). */
static inline char *
conf_lines(const struct mistakes *mistakes)
{
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(file);
	mistakes_print(mistakes, file);
	ck_assert_int_eq(fclose(file), 0);
	return text;
}

/* Parses a file of the corpus as file "t". */
static inline int
conf_parse_corpus(const char *name, struct mistakes *mistakes, struct config **ret)
{
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	char path[512];
	char bytes[4096];
	(void)snprintf(
	    path, sizeof(path), "%s/tests/fuzz/corpus/yaml/%s.yaml", srcdir, name);
	FILE *file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s", path);
	struct config_source source = {
	    "t", bytes, fread(bytes, 1, sizeof(bytes), file)};
	ck_assert(feof(file));
	ck_assert_int_eq(fclose(file), 0);
	return config_parse(&source, 1, mistakes, ret);
}
