/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"

#include "lib/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- boot servers ---- */

static bool
needs_boot_servers(const struct config_farm *farm)
{
	return farm->delivery == DB_DELIVERY_BOOT_SERVER &&
	    farm->boot_servers.count == 0;
}

static void
check_boot_servers(struct check *c, const struct node *map, const struct config *config)
{
	if (c->cut || config->boot_servers.count > 0 ||
	    node_get(map, "boot-servers") != NULL) {
		return;
	}
	for (size_t i = 0; i < config->farms.count; i++) {
		const struct config_farm *farm = &config->farms.farm[i];
		if (needs_boot_servers(farm)) {
			check_wrong(c, map->at,
			    "no key \"boot-servers\", which farm \"%s\" needs for its "
			    "delivery; add it, or give the farm delivery: direct",
			    check_shown(c, farm->name));
			return;
		}
	}
}

static int
compare_addrs(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	return x < y ? -1 : x > y ? 1 : 0;
}

static size_t
gather(uint32_t *all, size_t count, const struct config_addrs *addrs)
{
	for (size_t i = 0; i < addrs->count; i++) {
		all[count++] = addrs->addr[i];
	}
	return count;
}

int
config_boot_servers(
    const struct config *config, struct arena *arena, struct config_addrs *ret)
{
	size_t count = config->boot_servers.count;
	for (size_t i = 0; i < config->farms.count; i++) {
		count += config->farms.farm[i].boot_servers.count;
	}
	for (size_t i = 0; i < config->scopes.count; i++) {
		count += config->scopes.scope[i].boot_servers.count;
	}
	uint32_t *all = arena_alloc(arena, count, sizeof(*all));
	if (all == NULL) {
		return -ENOMEM;
	}
	count = gather(all, 0, &config->boot_servers);
	for (size_t i = 0; i < config->farms.count; i++) {
		count = gather(all, count, &config->farms.farm[i].boot_servers);
	}
	for (size_t i = 0; i < config->scopes.count; i++) {
		count = gather(all, count, &config->scopes.scope[i].boot_servers);
	}
	qsort(all, count, sizeof(*all), compare_addrs);
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || all[kept - 1] != all[i]) {
			all[kept++] = all[i];
		}
	}
	*ret = (struct config_addrs){kept, all};
	return 0;
}

static void
count_boot_servers(struct check *c, const struct node *map, const struct config *config)
{
	const size_t most =
	    sizeof((struct db_settings){0}.boot_servers) / sizeof(uint32_t);
	struct config_addrs all;
	if (config_boot_servers(config, c->scratch, &all) == 0 && all.count > most) {
		check_wrong(c, map->at, "%zu boot servers in all; name at most %zu",
		    all.count, most);
	}
}

/* ---- prefixes ---- */

static int
compare_by_prefix(const void *a, const void *b)
{
	const struct config_scope *x = *(const struct config_scope *const *)a;
	const struct config_scope *y = *(const struct config_scope *const *)b;
	int by_prefix = ip4_prefix_compare(&x->prefix, &y->prefix);
	return by_prefix != 0 ? by_prefix : mark_compare(&x->at, &y->at);
}

/* A source address is all that TFTP sees: a prefix means one farm, whoever names it. */
static void
refuse_two_meanings(struct check *c, const struct config_scope *first,
    const struct config_scope *second)
{
	bool twice = first->kind == CONFIG_PREFIX && second->kind == CONFIG_PREFIX;
	char text[IP4_PREFIX_TEXT];
	if (twice || ip4_prefix_compare(&first->prefix, &second->prefix) != 0 ||
	    strcmp(first->farm, second->farm) == 0) {
		return;
	}
	check_wrong(c, second->at,
	    "prefix %s means %s here and %s in scope \"%s\" (%s:%u), and TFTP sees "
	    "addresses only; name one farm in both",
	    ip4_prefix_format(&first->prefix, text),
	    second->farm[0] != '\0' ? second->farm : "none",
	    first->farm[0] != '\0' ? first->farm : "none", first->text, first->at.file,
	    first->at.line);
}

static void
check_prefixes(struct check *c, const struct config_scopes *scopes)
{
	size_t count = 0;
	const struct config_scope **by_prefix =
	    arena_alloc(c->scratch, scopes->count, sizeof(*by_prefix));
	if (by_prefix == NULL) {
		return;
	}
	for (size_t i = 0; i < scopes->count; i++) {
		if (scopes->scope[i].has_prefix) {
			by_prefix[count++] = &scopes->scope[i];
		}
	}
	qsort(by_prefix, count, sizeof(*by_prefix), compare_by_prefix);
	for (size_t i = 1; i < count; i++) {
		refuse_two_meanings(c, by_prefix[i - 1], by_prefix[i]);
	}
}

/* ---- files: names and pins of a farm ---- */

struct named_file {
	const char *farm;
	const char *name;
	struct mark at;
};

static int
compare_named(const void *a, const void *b)
{
	const struct named_file *x = a;
	const struct named_file *y = b;
	int by_farm = text_casecmp(x->farm, y->farm);
	return by_farm != 0 ? by_farm : text_casecmp(x->name, y->name);
}

static int
compare_named_places(const void *a, const void *b)
{
	const struct named_file *x = a;
	const struct named_file *y = b;
	int by_name = compare_named(x, y);
	return by_name != 0 ? by_name : mark_compare(&x->at, &y->at);
}

struct named_files {
	size_t count;
	struct named_file *file;
};

static void
add_named(struct named_files *named, const char *farm, const struct config_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		if (files->file[i].name[0] != '\0') {
			named->file[named->count++] = (struct named_file){
			    farm, files->file[i].name, files->file[i].at};
		}
	}
}

static struct named_files
all_named(struct check *c, const struct config *config)
{
	struct named_files named = {0};
	size_t count = 0;
	for (size_t i = 0; i < config->farms.count; i++) {
		count += config->farms.farm[i].files.count;
	}
	for (size_t i = 0; i < config->scopes.count; i++) {
		count += config->scopes.scope[i].files.count;
	}
	named.file = arena_alloc(c->scratch, count, sizeof(struct named_file));
	for (size_t i = 0; i < config->farms.count && named.file != NULL; i++) {
		const struct config_farm *farm = &config->farms.farm[i];
		add_named(&named, farm->name, &farm->files);
	}
	for (size_t i = 0; i < config->scopes.count && named.file != NULL; i++) {
		const struct config_scope *scope = &config->scopes.scope[i];
		add_named(&named, scope->farm, &scope->files);
	}
	if (named.count > 0) {
		qsort(named.file, named.count, sizeof(struct named_file),
		    compare_named_places);
	}
	return named;
}

/* TFTP finds files without regard to case: two spellings would be one file. */
static void
check_spelling(struct check *c, const struct named_files *named)
{
	for (size_t i = 1; i < named->count; i++) {
		const struct named_file *before = &named->file[i - 1];
		const struct named_file *file = &named->file[i];
		if (compare_named(before, file) == 0 &&
		    strcmp(before->name, file->name) != 0) {
			check_wrong(c, file->at,
			    "file \"%s\" differs from \"%s\" (%s:%u) in case alone; "
			    "spell it alike",
			    file->name, before->name, before->at.file, before->at.line);
		}
	}
}

static void
check_pins(
    struct check *c, const struct config *config, const struct named_files *named)
{
	for (size_t i = 0; i < config->farms.count; i++) {
		const struct config_farm *farm = &config->farms.farm[i];
		const struct config_pins *pins = &farm->monitor.pins;
		for (size_t p = 0; p < pins->count; p++) {
			struct named_file wanted = {
			    .farm = farm->name, .name = pins->pin[p].file};
			if (bsearch(&wanted, named->file, named->count,
				sizeof(struct named_file), compare_named) == NULL) {
				check_wrong(c, pins->pin[p].at,
				    "farm \"%s\" boots no file \"%s\"; pin one that "
				    "its "
				    "bootstrap, or a scope's, names",
				    check_shown(c, farm->name), pins->pin[p].file);
			}
		}
	}
}

void
check_whole(struct check *c, const struct node *map, void *base)
{
	const struct config *config = base;
	if (c->config->arena.err != 0) {
		return;
	}
	check_boot_servers(c, map, config);
	count_boot_servers(c, map, config);
	check_prefixes(c, &config->scopes);
	struct named_files named = all_named(c, config);
	check_spelling(c, &named);
	if (!c->cut && named.file != NULL) {
		check_pins(c, config, &named);
	}
}
