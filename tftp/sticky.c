/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/sticky.h"

#include "lib/base/siphash.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 2048, WAYS = 4 };

/* A key is known by its hash: two that meet cost one client the file of another name once in
 * 2^64 pairs. */
struct entry {
	uint64_t hash;
	uint64_t until_ms;
	struct sticky_copy copy; /* without image: free */
};

struct sticky {
	struct entry entries[SETS][WAYS];
};

int
sticky_new(struct sticky **ret)
{
	struct sticky *sticky = calloc(1, sizeof(*sticky));
	if (sticky == NULL) {
		return -ENOMEM;
	}
	*ret = sticky;
	return 0;
}

static void
entry_clear(struct entry *entry)
{
	image_put(entry->copy.image);
	*entry = (struct entry){.copy.image = NULL};
}

void
sticky_free(struct sticky *sticky)
{
	if (sticky != NULL) {
		sticky_sweep(sticky, UINT64_MAX);
	}
	free(sticky);
}

static uint64_t
key_hash(const struct sticky_key *key)
{
	struct {
		uint32_t source;
		uint32_t mode;
		char farm[CACHE_FARM_MAX + 1];
		char file[CACHE_FILE_MAX + 1];
	} flat;
	memset(&flat, 0, sizeof(flat));
	flat.source = key->source;
	flat.mode = (uint32_t)key->mode;
	(void)text_lower(flat.farm, sizeof(flat.farm), key->farm);
	(void)text_lower(flat.file, sizeof(flat.file), key->file);
	return siphash24(&flat, sizeof(flat));
}

bool
sticky_get(struct sticky *sticky, const struct sticky_key *key, uint64_t now_ms,
    struct sticky_copy *ret)
{
	uint64_t hash = key_hash(key);
	struct entry *set = sticky->entries[hash % SETS];
	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].copy.image != NULL && set[i].hash == hash &&
		    set[i].until_ms > now_ms) {
			set[i].until_ms = now_ms + STICKY_MS;
			*ret = set[i].copy;
			(void)image_share(ret->image);
			return true;
		}
	}
	return false;
}

void
sticky_keep(struct sticky *sticky, const struct sticky_key *key,
    const struct sticky_copy *copy, uint64_t now_ms)
{
	uint64_t hash = key_hash(key);
	struct entry *set = sticky->entries[hash % SETS];
	struct entry *chosen = &set[0];
	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].copy.image != NULL && set[i].hash == hash) {
			chosen = &set[i];
			break;
		}
		if (set[i].until_ms < chosen->until_ms) {
			chosen = &set[i];
		}
	}
	(void)image_share(copy->image);
	entry_clear(chosen);
	*chosen =
	    (struct entry){.hash = hash, .until_ms = now_ms + STICKY_MS, .copy = *copy};
}

void
sticky_sweep(struct sticky *sticky, uint64_t now_ms)
{
	for (unsigned i = 0; i < SETS; i++) {
		for (unsigned way = 0; way < WAYS; way++) {
			struct entry *entry = &sticky->entries[i][way];
			if (entry->copy.image != NULL && entry->until_ms <= now_ms) {
				entry_clear(entry);
			}
		}
	}
}
