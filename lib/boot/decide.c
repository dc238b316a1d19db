/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/decide.h"

#include "lib/base/err.h"
#include "lib/boot/deciding.h"
#include "lib/wire/arch.h"

#include <string.h>

/* Rules 0 to 2 of the decision, and the order of all; deciding.h says where the rest is. */

static void
note(struct deciding *d, enum reason_kind kind)
{
	reason_add(d->answer, &(struct boot_reason){.kind = (uint8_t)kind});
}

static void
note_arch(struct deciding *d, enum reason_kind kind, uint16_t arch, enum reason_who who)
{
	reason_add(d->answer,
	    &(struct boot_reason){
		.kind = (uint8_t)kind, .who = (uint8_t)who, .arch = arch});
}

/* Rule 0. A phone, a renewing Windows or an HTTP client keeps the answer of its own server. */
static int
ask_client(struct deciding *d)
{
	switch (d->facts->client) {
	case BOOT_CLIENT_PXE:
		note(d, REASON_PXE);
		return DECIDE_ON;
	case BOOT_CLIENT_BOOTP:
		note(d, REASON_BOOTP);
		return DECIDE_ON;
	case BOOT_CLIENT_OTHER:
		break;
	}
	if (d->facts->all_clients) {
		note(d, REASON_OTHER_CLIENT);
		return DECIDE_ON;
	}
	note(d, REASON_NOT_PXE);
	return decide_not_ours(d, BOOT_NOT_PXE);
}

/* The first architecture that is no HTTP boot type stands in the answer until a file is found
 * for another; without option 93 a client is a BIOS (RFC 4578 section 2.1 came later). */
static int
ask_archs(struct deciding *d)
{
	const struct boot_facts *facts = d->facts;
	if (facts->arch_count == 0) {
		note(d, REASON_ARCH_ASSUMED);
		d->answer->arch = ARCH_BIOS;
		return DECIDE_ON;
	}
	unsigned i = 0;
	while (i < facts->arch_count && arch_is_http(facts->arch[i])) {
		note_arch(d, REASON_HTTP, facts->arch[i], REASON_WHO_DEVICE);
		i++;
	}
	bool only_http = i == facts->arch_count;
	d->answer->arch = arch_canonical(facts->arch[only_http ? 0 : i]);
	return only_http ? decide_not_ours(d, BOOT_HTTP) : DECIDE_ON;
}

/* Rule 1: device, then the scope by subnet id, by prefix, or the default. */
static int
find_device(struct deciding *d)
{
	if (!d->facts->has_mac) {
		note(d, REASON_MAC_UNKNOWN);
		return DECIDE_ON;
	}
	int ret = d->source->device(d->snap, &d->facts->mac, &d->device);
	if (ret == ERR_NOTFOUND) {
		note(d, REASON_DEVICE_ABSENT);
		return DECIDE_ON;
	}
	if (ret != 0) {
		return ret;
	}
	static const enum reason_kind kinds[] = {
	    [DB_DEVICE_INHERITS] = REASON_DEVICE_INHERITS,
	    [DB_DEVICE_FARM] = REASON_DEVICE_FARM,
	    [DB_DEVICE_NONE] = REASON_DEVICE_NONE,
	};
	note(d, kinds[d->device.which]);
	d->has_device = true;
	d->answer->device_decided = d->device.which != DB_DEVICE_INHERITS;
	return DECIDE_ON;
}

/* The scope that the machine's place names: 0, ERR_NOTFOUND or a failure. */
static int
find_place(struct deciding *d)
{
	const struct boot_facts *facts = d->facts;
	int ret = ERR_NOTFOUND;
	if (!facts->has_subnet_id && !facts->has_addr) {
		note(d, REASON_PLACE_UNKNOWN);
	}
	if (facts->has_subnet_id) {
		ret = d->source->subnet(d->snap, facts->subnet_id, &d->scope);
		note(d, ret == 0 ? REASON_SUBNET : REASON_SUBNET_ABSENT);
	}
	if (ret == ERR_NOTFOUND && facts->has_addr) {
		ret = d->source->prefix(d->snap, facts->addr, &d->scope);
		note(d, ret == 0 ? REASON_PREFIX : REASON_PREFIX_ABSENT);
	}
	return ret;
}

static int
find_scope(struct deciding *d)
{
	int ret = find_place(d);
	d->by_default = ret == ERR_NOTFOUND;
	if (d->by_default) {
		ret = d->source->fallback(d->snap, &d->scope);
		note(d, ret == 0 ? REASON_DEFAULT : REASON_DEFAULT_ABSENT);
	}
	if (ret == ERR_NOTFOUND) {
		return DECIDE_ON;
	}
	if (ret == 0) {
		d->answer->has_scope = true;
		d->answer->reply_delay_ms = d->scope.reply_delay_ms;
		memcpy(d->answer->scope, d->scope.text, strlen(d->scope.text) + 1);
	}
	return ret;
}

static int
read_farm(struct deciding *d, const char *name)
{
	int ret = d->source->farm(d->snap, name, &d->farm);
	if (ret == 0) {
		memcpy(d->answer->farm, d->farm.name, strlen(d->farm.name) + 1);
	}
	return ret == ERR_NOTFOUND ? ERR_MALFORMED : ret;
}

static int
find_farm(struct deciding *d)
{
	if (d->answer->device_decided) {
		return d->device.which == DB_DEVICE_FARM
		    ? read_farm(d, d->device.farm)
		    : decide_not_ours(d, BOOT_SCOPE_NONE);
	}
	if (!d->answer->has_scope) {
		return decide_not_ours(d, BOOT_NO_SCOPE);
	}
	if (d->scope.farm[0] == '\0') {
		note(d, REASON_SCOPE_NONE);
		return decide_not_ours(
		    d, d->by_default ? BOOT_NO_SCOPE : BOOT_SCOPE_NONE);
	}
	note(d, REASON_SCOPE_FARM);
	return read_farm(d, d->scope.farm);
}

static const struct db_file *
file_for(const struct db_files *files, uint16_t arch)
{
	for (unsigned i = 0; i < files->count; i++) {
		if (files->file[i].arch == arch) {
			return &files->file[i];
		}
	}
	return NULL;
}

/* The entry for an architecture that is nearest to the machine, and whose it is. */
static const struct db_file *
nearest_file(const struct deciding *d, uint16_t arch, enum reason_who *ret_who)
{
	const struct db_file *file = NULL;
	if (d->has_device) {
		*ret_who = REASON_WHO_DEVICE;
		file = file_for(&d->device.files, arch);
	}
	if (file == NULL && d->answer->has_scope) {
		*ret_who = REASON_WHO_SCOPE;
		file = file_for(&d->scope.files, arch);
	}
	if (file == NULL) {
		*ret_who = REASON_WHO_FARM;
		file = file_for(&d->farm.files, arch);
	}
	return file;
}

/* Rule 2 for one architecture: true when there is a file. */
static bool
take_file(struct deciding *d, uint16_t arch)
{
	enum reason_who who;
	const struct db_file *file = nearest_file(d, arch, &who);
	if (file == NULL) {
		note_arch(d, REASON_FILE_ABSENT, arch, REASON_WHO_FARM);
		return false;
	}
	if (who == REASON_WHO_DEVICE) {
		d->answer->device_decided = true;
	}
	if (file->name[0] == '\0') {
		note_arch(d, REASON_FILE_NONE, arch, who);
		return false;
	}
	note_arch(d, REASON_FILE, arch, who);
	d->answer->arch = arch;
	memcpy(d->answer->bootstrap, file->name, strlen(file->name) + 1);
	return true;
}

/* Rule 2: the first architecture named that has a file. */
static int
find_file(struct deciding *d)
{
	const struct boot_facts *facts = d->facts;
	bool found = facts->arch_count == 0 && take_file(d, ARCH_BIOS);
	for (unsigned i = 0; i < facts->arch_count && !found; i++) {
		found = !arch_is_http(facts->arch[i]) &&
		    take_file(d, arch_canonical(facts->arch[i]));
	}
	return found ? DECIDE_ON : decide_not_ours(d, BOOT_NO_FILE);
}

/* The form of a ProxyDHCP offer: what the farm says for the architecture, else what its
 * firmware is known to take best. */
static int
find_offer(struct deciding *d)
{
	struct boot_answer *answer = d->answer;
	answer->offer =
	    arch_is_uefi(answer->arch) ? DB_OFFER_REDIRECT : DB_OFFER_DIRECT;
	for (unsigned i = 0; i < d->farm.offer_count; i++) {
		if (d->farm.offer[i].arch == answer->arch) {
			answer->offer = d->farm.offer[i].form;
		}
	}
	return DECIDE_ON;
}

/* Every field has a value; the arrays end at their start. */
static void
clear(struct boot_answer *answer)
{
	answer->action = BOOT_NOT_OURS;
	answer->cause = BOOT_OURS;
	answer->has_scope = false;
	answer->device_decided = false;
	answer->has_server = false;
	answer->has_farm_server = false;
	answer->farm[0] = '\0';
	answer->scope[0] = '\0';
	answer->arch = ARCH_BIOS;
	answer->delivery = DB_DELIVERY_BOOT_SERVER;
	answer->offer = DB_OFFER_DIRECT;
	answer->reply_delay_ms = 0;
	answer->server = 0;
	answer->farm_server = 0;
	answer->file[0] = '\0';
	answer->bootstrap[0] = '\0';
	answer->login_count = 0;
	answer->root_path[0] = '\0';
	answer->reason_count = 0;
}

int
boot_decide(const struct boot_facts *facts, const struct db_source *source, void *snap,
    struct boot_answer *ret)
{
	static int (*const rules[])(struct deciding *) = {ask_client, ask_archs,
	    find_device, find_scope, find_farm, find_file, find_offer,
	    decide_farm_server, decide_delivery, decide_login};
	struct deciding d;
	d.facts = facts;
	d.source = source;
	d.snap = snap;
	d.answer = ret;
	d.mac = facts->has_mac ? facts->mac : (struct mac){{0}};
	d.has_device = false;
	d.by_default = false;
	clear(ret);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		int rule = rules[i](&d);
		if (rule != DECIDE_ON) {
			return rule == DECIDE_DONE ? 0 : rule;
		}
	}
	ret->action = BOOT_BOOT;
	return 0;
}
