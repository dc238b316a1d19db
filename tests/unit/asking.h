/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/boot/decide.h"
#include "lib/wire/arch.h"
#include "tests/unit/unit.h"
#include "tests/unit/world.h"

#include <stdio.h>

/* What the tests of the decision share: a world, one question and its answer. */

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static struct world *w;

static inline void
world_setup(void)
{
	w = calloc(1, sizeof(*w));
	ck_assert_ptr_nonnull(w);
	world_example(w);
	struct db_scope *special = world_prefix(w, "10.20.32.0/19", "east");
	world_file(&special->files, ARCH_UEFI_X64, "scope.efi");
	world_file(&special->files, ARCH_BIOS, "");
	world_subnet(w, 43, "");
	struct db_device *device = world_device(w, "00:00:00:00:00:01");
	device->which = DB_DEVICE_FARM;
	(void)snprintf(device->farm, sizeof(device->farm), "WEST");
	world_device(w, "00:00:00:00:00:02")->which = DB_DEVICE_NONE;
	device = world_device(w, "00:00:00:00:00:03");
	world_file(&device->files, ARCH_UEFI_X64, "device.efi");
	device = world_device(w, "00:00:00:00:00:04");
	world_file(&device->files, ARCH_BIOS, "");
	world_file(&device->files, ARCH_UEFI_ARM64, "arm.efi");
}

static inline void
world_teardown(void)
{
	free(w);
}

/* The answer to a PXE client in 10.20.1.1 (farm east), unless changed first. */
static struct boot_facts facts;
static struct boot_answer answer;

static inline void
facts_setup(void)
{
	world_setup();
	facts = (struct boot_facts){.client = BOOT_CLIENT_PXE,
	    .has_mac = true,
	    .has_addr = true,
	    .mac = world_mac("00:11:22:33:44:55"),
	    .addr = world_ip4("10.20.1.1"),
	    .arch_count = 1,
	    .arch = {ARCH_UEFI_X64}};
	memset(&answer, 0xa5, sizeof(answer));
}

static inline void
decide(void)
{
	ck_assert_int_eq(boot_decide(&facts, &world_source, w, &answer), 0);
}

static inline bool
has_reason(const char *part)
{
	char text[BOOT_REASON_TEXT];
	for (unsigned i = 0; i < answer.reason_count; i++) {
		if (strstr(boot_reason_text(&facts, &answer, i, text), part) != NULL) {
			return true;
		}
	}
	return false;
}

static inline void
assert_addr(uint32_t addr, const char *expected)
{
	char text[IP4_TEXT];
	ck_assert_str_eq(ip4_format(addr, text), expected);
}
