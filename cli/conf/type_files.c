/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"

#include "lib/base/text.h"
#include "lib/wire/arch.h"

#include <stdlib.h>
#include <string.h>

static const uint16_t named_archs[] = {
    ARCH_BIOS, ARCH_UEFI_IA32, ARCH_UEFI_X64, ARCH_UEFI_ARM32, ARCH_UEFI_ARM64};
enum { NAMED_ARCHS = sizeof(named_archs) / sizeof(named_archs[0]) };

static void
wrong_arch(struct check *c, const struct node *child)
{
	char texts[NAMED_ARCHS][ARCH_TEXT];
	const char *names[NAMED_ARCHS + 1];
	uint64_t number;
	for (size_t i = 0; i < NAMED_ARCHS; i++) {
		names[i] = arch_name(named_archs[i], texts[i]);
	}
	names[NAMED_ARCHS] = "arch-N";
	if (strncmp(child->key, "arch-", 5) == 0 &&
	    text_u64(child->key + 5, 0, UINT16_MAX, &number) == 0) {
		check_wrong(c, child->key_at,
		    "architecture \"%s\" has a name; write %s", child->key,
		    arch_name((uint16_t)number, texts[0]));
	} else {
		check_wrong(c, child->key_at, "unknown architecture \"%s\"; %s",
		    check_shown(c, child->key),
		    check_suggest(c, child->key, names, NAMED_ARCHS + 1));
	}
}

static bool
read_arch(struct check *c, const struct node *child, uint16_t *ret)
{
	uint16_t arch;
	if (arch_parse(child->key, &arch) != 0) {
		wrong_arch(c, child);
		return false;
	}
	if (arch_is_http(arch)) {
		check_wrong(c, child->key_at,
		    "architecture \"%s\" boots by HTTP; take it out, pvsboot serves "
		    "TFTP",
		    child->key);
		return false;
	}
	*ret = arch;
	return true;
}

/* A mapping from architectures, of 0 to DB_FILES_MAX entries. */
static bool
want_archs(struct check *c, const struct key *key, const struct node *value,
    const char *example)
{
	if (!check_want(c, value, NODE_MAP, example)) {
		return false;
	}
	check_refuse_twice(c, value, true, "architecture");
	if (value->count > DB_FILES_MAX) {
		check_wrong(c, value->at, "%s has %zu architectures; write at most %d",
		    key->name, value->count, DB_FILES_MAX);
	}
	return value->count <= DB_FILES_MAX;
}

/* ---- files ---- */

static bool
read_file(struct check *c, const struct node *child, struct config_file *ret)
{
	ret->name = "";
	ret->at = child->at;
	if (!read_arch(c, child, &ret->arch) ||
	    !check_want(c, child, NODE_TEXT, "a file name, or none")) {
		return false;
	}
	if (text_casecmp(child->text, "none") == 0) {
		return true;
	}
	if (!check_file_name(c, child->at, child->text)) {
		return false;
	}
	ret->name = arena_text(&c->config->arena, child->text, strlen(child->text));
	return ret->name != NULL;
}

static int
compare_files(const void *a, const void *b)
{
	return ((const struct config_file *)a)->arch -
	    ((const struct config_file *)b)->arch;
}

static void
files_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	struct config_files *files = field;
	if (!want_archs(
		c, key, value, "{bios: ARDBP32.BIN, uefi-x64: pvsnbpx64.efi}")) {
		return;
	}
	files->file =
	    arena_alloc(&c->config->arena, value->count, sizeof(struct config_file));
	for (const struct node *child = value->first;
	     child != NULL && files->file != NULL; child = child->next) {
		if (read_file(c, child, &files->file[files->count])) {
			files->count++;
		}
	}
	if (files->count > 0) {
		qsort(files->file, files->count, sizeof(struct config_file),
		    compare_files);
	}
}

static json_t *
files_write(const struct key *key, const void *field)
{
	const struct config_files *files = field;
	int err = 0;
	(void)key;
	if (files->count == 0) {
		return json_null();
	}
	json_t *object = json_object();
	for (size_t i = 0; i < files->count; i++) {
		const struct config_file *file = &files->file[i];
		char arch[ARCH_TEXT];
		write_put(object, arch_name(file->arch, arch),
		    json_string(file->name[0] != '\0' ? file->name : "none"), &err);
	}
	return write_whole(object, err);
}

const struct key_type type_files = {"files", NULL, files_read, files_write};

static const struct config_file builtin_files[] = {
    {.arch = ARCH_BIOS, .name = "ARDBP32.BIN"},
    {.arch = ARCH_UEFI_X64, .name = "pvsnbpx64.efi"},
};

static bool
have_file(const struct config_files *files, uint16_t arch)
{
	for (size_t i = 0; i < files->count; i++) {
		if (files->file[i].arch == arch) {
			return true;
		}
	}
	return false;
}

void
files_fold(struct check *c, struct mark at, struct config_files *files)
{
	const size_t builtins = sizeof(builtin_files) / sizeof(builtin_files[0]);
	struct config_file *folded = arena_alloc(
	    &c->config->arena, files->count + builtins, sizeof(struct config_file));
	size_t count = files->count;
	if (folded == NULL) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		folded[i] = files->file[i];
	}
	for (size_t i = 0; i < builtins; i++) {
		if (!have_file(files, builtin_files[i].arch)) {
			folded[count] = builtin_files[i];
			folded[count++].at = at;
		}
	}
	qsort(folded, count, sizeof(struct config_file), compare_files);
	if (count > DB_FILES_MAX) {
		check_wrong(c, at,
		    "%zu architectures with the built-in bios and uefi-x64; write at "
		    "most %d in all",
		    count, DB_FILES_MAX);
	}
	*files = (struct config_files){count, folded};
}

/* ---- offers ---- */

static const char *const form_words[] = {
    [DB_OFFER_DIRECT] = "direct", [DB_OFFER_REDIRECT] = "redirect"};

enum db_offer
config_offer_default(uint16_t arch)
{
	return arch_is_uefi(arch) ? DB_OFFER_REDIRECT : DB_OFFER_DIRECT;
}

static int
compare_offers(const void *a, const void *b)
{
	return ((const struct config_offer *)a)->arch -
	    ((const struct config_offer *)b)->arch;
}

static bool
read_offer(struct check *c, const struct node *child, struct config_offer *ret)
{
	if (!read_arch(c, child, &ret->arch) ||
	    !check_want(c, child, NODE_TEXT, "direct or redirect")) {
		return false;
	}
	for (unsigned i = 0; i < 2; i++) {
		if (strcmp(child->text, form_words[i]) == 0) {
			ret->form = i;
			return true;
		}
	}
	check_wrong(c, child->at, "offer \"%s\" is unknown; %s",
	    check_shown(c, child->text), check_suggest(c, child->text, form_words, 2));
	return false;
}

static void
offers_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	struct config_offers *offers = field;
	if (!want_archs(c, key, value, "{bios: direct, uefi-x64: redirect}")) {
		return;
	}
	offers->offer =
	    arena_alloc(&c->config->arena, value->count, sizeof(struct config_offer));
	for (const struct node *child = value->first;
	     child != NULL && offers->offer != NULL; child = child->next) {
		if (read_offer(c, child, &offers->offer[offers->count])) {
			offers->count++;
		}
	}
	if (offers->count > 0) {
		qsort(offers->offer, offers->count, sizeof(struct config_offer),
		    compare_offers);
	}
}

/* The form of an architecture: as said, else the default one. */
static enum db_offer
offer_form(const struct config_offers *offers, uint16_t arch)
{
	for (size_t i = 0; i < offers->count; i++) {
		if (offers->offer[i].arch == arch) {
			return offers->offer[i].form;
		}
	}
	return config_offer_default(arch);
}

/* Those with a name of their own always, another only where it is not the default. */
static json_t *
offers_write(const struct key *key, const void *field)
{
	const struct config_offers *offers = field;
	char arch[ARCH_TEXT];
	int err = 0;
	json_t *object = json_object();
	(void)key;
	for (size_t i = 0; i < offers->count; i++) {
		const struct config_offer *offer = &offers->offer[i];
		if (offer->form != config_offer_default(offer->arch)) {
			write_put(object, arch_name(offer->arch, arch),
			    json_string(form_words[offer->form]), &err);
		}
	}
	for (size_t i = 0; i < NAMED_ARCHS; i++) {
		write_put(object, arch_name(named_archs[i], arch),
		    json_string(form_words[offer_form(offers, named_archs[i])]), &err);
	}
	return write_whole(object, err);
}

const struct key_type type_offers = {"offers", NULL, offers_read, offers_write};
