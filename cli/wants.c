/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/wants.h"

#include "lib/base/err.h"
#include "lib/base/text.h"
#include "lib/wire/arch.h"

#include <errno.h>
#include <stdlib.h>

enum { ROOM_FIRST = 64 };

static int
compare(const void *a, const void *b)
{
	const struct want *first = a;
	const struct want *second = b;
	int by_farm = text_casecmp(first->farm, second->farm);
	return by_farm != 0 ? by_farm : text_casecmp(first->file, second->file);
}

/* Puts them in order and makes one of those that are the same. */
static void
settle(struct wants *wants)
{
	size_t kept = 0;
	if (wants->count == 0) {
		return;
	}
	qsort(wants->want, wants->count, sizeof(*wants->want), compare);
	for (size_t i = 1; i < wants->count; i++) {
		struct want *last = &wants->want[kept];
		const struct want *next = &wants->want[i];
		if (compare(last, next) == 0) {
			last->uefi = last->uefi || next->uefi;
			last->by_table = last->by_table || next->by_table;
			last->devices += next->devices;
		} else {
			wants->want[++kept] = *next;
		}
	}
	wants->count = kept + 1;
}

/* Makes room for one more. Many devices name few files: what is there is settled first. */
static int
make_room(struct wants *wants)
{
	if (wants->count < wants->room) {
		return 0;
	}
	settle(wants);
	if (wants->room > 0 && wants->count <= wants->room / 2) {
		return 0;
	}
	size_t room = wants->room > 0 ? 2 * wants->room : ROOM_FIRST;
	void *grown = reallocarray(wants->want, room, sizeof(*wants->want));
	if (grown == NULL) {
		return -ENOMEM;
	}
	wants->want = grown;
	wants->room = room;
	return 0;
}

/* An empty file says none, and wants nothing. */
static int
add(struct wants *wants, const char *farm, uint16_t arch, const char *file,
    bool of_device)
{
	if (file[0] == '\0') {
		return 0;
	}
	int err = make_room(wants);
	if (err != 0) {
		return err;
	}
	struct want *want = &wants->want[wants->count++];
	*want = (struct want){.uefi = arch_is_uefi(arch),
	    .by_table = !of_device,
	    .devices = of_device ? 1 : 0};
	text_copy(want->farm, sizeof(want->farm), farm);
	text_copy(want->file, sizeof(want->file), file);
	return 0;
}

/* A table of the configuration: architecture -> file or "none". */
static int
add_table(struct wants *wants, const char *farm, const json_t *table)
{
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)table, key, value) {
		const char *file = json_string_value(value);
		uint16_t arch;
		if (file == NULL || arch_parse(key, &arch) != 0) {
			return ERR_MALFORMED;
		}
		bool none = text_casecmp(file, "none") == 0;
		int err = none ? 0 : add(wants, farm, arch, file, false);
		if (err != 0) {
			return err;
		}
	}
	return 0;
}

static int
add_config(struct wants *wants, const json_t *config)
{
	const char *key;
	json_t *value;
	int err = 0;
	json_object_foreach (json_object_get(config, "farms"), key, value) {
		err = err != 0
		    ? err
		    : add_table(wants, key, json_object_get(value, "bootstrap"));
	}
	json_object_foreach (json_object_get(config, "scopes"), key, value) {
		const char *farm = json_string_value(json_object_get(value, "farm"));
		if (err == 0 && farm != NULL && text_casecmp(farm, "none") != 0) {
			err =
			    add_table(wants, farm, json_object_get(value, "bootstrap"));
		}
	}
	return err;
}

static int
add_device(void *ctx, const struct db_device *device)
{
	int err = 0;
	for (unsigned i = 0; err == 0 && i < device->files.count; i++) {
		const struct db_file *file = &device->files.file[i];
		err = device->which == DB_DEVICE_NONE
		    ? 0
		    : add(ctx, device->farm, file->arch, file->name, true);
	}
	return err;
}

int
wants_find(const struct db_snapshot *snap, const json_t *config, struct wants *ret)
{
	int err = add_config(ret, config);
	if (err == 0) {
		err = db_map_devices(snap, add_device, ret);
	}
	settle(ret);
	return err;
}

void
wants_done(struct wants *wants)
{
	free(wants->want);
	*wants = (struct wants){0};
}

struct want *
wants_named(const struct wants *wants, const char *farm, const char *file)
{
	struct want key;
	text_copy(key.farm, sizeof(key.farm), farm);
	text_copy(key.file, sizeof(key.file), file);
	return wants->count == 0
	    ? NULL
	    : bsearch(&key, wants->want, wants->count, sizeof(key), compare);
}
