/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Stands in for libFuzzer in a plain build: feeds every file of the target's corpus,
 * tests/fuzz/corpus/NAME (NAME as in fuzz_NAME), to the target once. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int
replay_file(const char *path)
{
	struct stat st;
	FILE *file = fopen(path, "rb");
	if (file == NULL || fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode)) {
		perror(path);
		return -1;
	}
	size_t size = (size_t)st.st_size;
	uint8_t *data = malloc(size > 0 ? size : 1);
	size_t got = data != NULL ? fread(data, 1, size, file) : 0;
	(void)fclose(file);
	if (data != NULL && got == size) {
		(void)LLVMFuzzerTestOneInput(data, size);
	}
	free(data);
	return got == size ? 0 : -1;
}

static int
is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int
main(int argc, char **argv)
{
	(void)argc;
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	const char *name =
	    strrchr(argv[0], '/') != NULL ? strrchr(argv[0], '/') + 1 : argv[0];
	name += strncmp(name, "lt-", 3) == 0 ? 3 : 0;
	name += strncmp(name, "fuzz_", 5) == 0 ? 5 : 0;
	char folder[512];
	(void)snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", srcdir, name);
	struct dirent **entries;
	int count = scandir(folder, &entries, is_file, alphasort);
	int failed = 0;
	for (int i = 0; i < count; i++) {
		char path[1024];
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		failed += replay_file(path) != 0 ? 1 : 0;
		free(entries[i]);
	}
	if (count >= 0) {
		free(entries);
	}
	printf("%d passed, %d failed\n", count - failed, failed);
	return count > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
