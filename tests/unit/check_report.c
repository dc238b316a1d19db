/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/report/report.h"

#include "lib/wire/arch.h"
#include "tests/unit/unit.h"
#include "tests/unit/world.h"

static struct world *w;
static struct boot_facts facts;
static struct boot_answer answer;
static struct db_info info;
static struct watcher watcher;

static void
setup(void)
{
	w = calloc(1, sizeof(*w));
	ck_assert_ptr_nonnull(w);
	world_example(w);
	world_verdict(w, DB_ROLE_TFTP, "10.1.0.11", DB_VERDICT_UP);
	world_device(w, "00:00:00:00:00:02")->which = DB_DEVICE_NONE;
	facts = (struct boot_facts){.client = BOOT_CLIENT_PXE,
	    .has_mac = true,
	    .has_addr = true,
	    .mac = world_mac("00:11:22:33:44:55"),
	    .addr = world_ip4("10.20.1.1"),
	    .arch_count = 1,
	    .arch = {ARCH_UEFI_X64}};
	info = (struct db_info){.revision = 17};
	for (unsigned i = 0; i < DB_DIGEST_LEN; i++) {
		info.digest[i] = (uint8_t)(i * 7);
	}
}

static void
teardown(void)
{
	free(w);
}

static char *
explained(void)
{
	ck_assert_int_eq(boot_decide(&facts, &world_source, w, &answer), 0);
	json_t *object = report_explain(&facts, &answer, &info, &watcher);
	ck_assert_ptr_nonnull(object);
	char *text = json_dumps(object, 0);
	ck_assert_ptr_nonnull(text);
	json_decref(object);
	return text;
}

static void
assert_explained(const char *expected)
{
	char *text = explained();
	ck_assert_str_eq(text, expected);
	free(text);
}

static char *
told(void)
{
	char *text = NULL;
	size_t len;
	ck_assert_int_eq(boot_decide(&facts, &world_source, w, &answer), 0);
	FILE *out = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(out);
	report_explain_text(out, &facts, &answer, &info, &watcher);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static void
assert_told(const char *expected)
{
	char *text = told();
	ck_assert_str_eq(text, expected);
	free(text);
}

#define DIGEST "00070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9"

START_TEST(a_boot_is_an_object_of_every_key_in_order)
{
	assert_explained(
	    "{\"action\": \"boot\", \"farm\": \"east\", \"scope\": \"10.20.0.0/16\", "
	    "\"device\": null, \"arch\": \"uefi-x64\", \"delivery\": \"boot-server\", "
	    "\"server\": \"10.0.0.5\", \"farm-server\": \"10.1.0.11\", "
	    "\"file\": \"east/pvsnbpx64.efi\", \"login\": [\"10.1.1.12\", "
	    "\"10.1.0.13\", \"10.1.2.12\", \"10.1.0.14\", \"10.1.0.11\"], "
	    "\"root-path\": null, \"revision\": 17, \"digest\": \"" DIGEST "\", "
	    "\"why\": [\"it asks as a PXE client\", "
	    "\"00:11:22:33:44:55 has no device record\", "
	    "\"10.20.0.0/16 is the longest prefix for 10.20.1.1\", "
	    "\"10.20.0.0/16 says farm east\", "
	    "\"the bootstrap for uefi-x64 is pvsnbpx64.efi, from the farm\", "
	    "\"1 of 3 farm servers is up; 10.1.0.11 is the only choice\", "
	    "\"delivery is boot-server: a boot server sends pvsnbpx64.efi\", "
	    "\"no boot server is up: 10.0.0.5 is unproven and named all the same\", "
	    "\"option 11 names 5 of 5 login addresses\"]}");
}
END_TEST

START_TEST(not_ours_keeps_the_keys_and_loses_the_values)
{
	facts.mac = world_mac("00:00:00:00:00:02");
	assert_explained(
	    "{\"action\": \"not-ours\", \"farm\": null, \"scope\": \"10.20.0.0/16\", "
	    "\"device\": \"00:00:00:00:00:02\", \"arch\": \"uefi-x64\", "
	    "\"delivery\": null, \"server\": null, \"farm-server\": null, "
	    "\"file\": null, \"login\": [], \"root-path\": null, \"revision\": 17, "
	    "\"digest\": \"" DIGEST "\", \"why\": [\"it asks as a PXE client\", "
	    "\"device 00:00:00:00:00:02 says none\", "
	    "\"10.20.0.0/16 is the longest prefix for 10.20.1.1\"]}");
}
END_TEST

START_TEST(a_farm_without_a_file_is_not_told_as_the_farm)
{
	facts.arch[0] = ARCH_UEFI_ARM64;
	assert_explained(
	    "{\"action\": \"not-ours\", \"farm\": null, \"scope\": \"10.20.0.0/16\", "
	    "\"device\": null, \"arch\": \"uefi-arm64\", \"delivery\": null, "
	    "\"server\": null, \"farm-server\": null, \"file\": null, \"login\": [], "
	    "\"root-path\": null, \"revision\": 17, \"digest\": \"" DIGEST "\", "
	    "\"why\": [\"it asks as a PXE client\", "
	    "\"00:11:22:33:44:55 has no device record\", "
	    "\"10.20.0.0/16 is the longest prefix for 10.20.1.1\", "
	    "\"10.20.0.0/16 says farm east\", "
	    "\"farm east has no bootstrap for uefi-arm64\"]}");
}
END_TEST

static void
direct_with_root_path(void)
{
	w->farms[0].delivery = DB_DELIVERY_DIRECT;
	w->farms[0].login = DB_LOGIN_ROOT_PATH;
	memcpy(w->farms[0].root_path, "pvs:[a]:17:6910", 16);
}

START_TEST(direct_delivery_and_option_17_are_told)
{
	direct_with_root_path();
	char *text = explained();
	ck_assert_ptr_nonnull(strstr(text,
	    "\"delivery\": \"direct\", \"server\": \"10.1.0.11\", "
	    "\"farm-server\": \"10.1.0.11\", \"file\": \"pvsnbpx64.efi\", "
	    "\"login\": [], \"root-path\": \"pvs:[a]:17:6910\","));
	free(text);
}
END_TEST

START_TEST(a_person_reads_the_outcome_first)
{
	assert_told(
	    "00:11:22:33:44:55 (uefi-x64) boots from farm east\n"
	    "  farm           east\n"
	    "  server         10.0.0.5\n"
	    "  file           east/pvsnbpx64.efi\n"
	    "  delivery       boot-server\n"
	    "  farm server    10.1.0.11\n"
	    "  login          10.1.1.12\n"
	    "                 10.1.0.13\n"
	    "                 10.1.2.12\n"
	    "                 10.1.0.14\n"
	    "                 10.1.0.11\n"
	    "  scope          10.20.0.0/16\n"
	    "  map            revision 17, digest 00070e151c23\n"
	    "  because        it asks as a PXE client\n"
	    "                 00:11:22:33:44:55 has no device record\n"
	    "                 10.20.0.0/16 is the longest prefix for 10.20.1.1\n"
	    "                 10.20.0.0/16 says farm east\n"
	    "                 the bootstrap for uefi-x64 is pvsnbpx64.efi, from "
	    "the farm\n"
	    "                 1 of 3 farm servers is up; 10.1.0.11 is the only "
	    "choice\n"
	    "                 delivery is boot-server: a boot server sends "
	    "pvsnbpx64.efi\n"
	    "                 no boot server is up: 10.0.0.5 is unproven and "
	    "named all the same\n"
	    "                 option 11 names 5 of 5 login addresses\n");
}
END_TEST

START_TEST(a_person_reads_why_it_is_not_ours)
{
	facts.mac = world_mac("00:00:00:00:00:02");
	assert_told(
	    "00:00:00:00:00:02 (uefi-x64) is not ours: its scope or device record says "
	    "none\n"
	    "  scope          10.20.0.0/16\n"
	    "  device record  00:00:00:00:00:02\n"
	    "  map            revision 17, digest 00070e151c23\n"
	    "  because        it asks as a PXE client\n"
	    "                 device 00:00:00:00:00:02 says none\n"
	    "                 10.20.0.0/16 is the longest prefix for 10.20.1.1\n");
}
END_TEST

START_TEST(a_machine_without_a_mac_is_told_of)
{
	facts.has_mac = false;
	facts.arch[0] = 16;
	assert_told("The machine (arch-16) is not ours: it asks for HTTP boot only\n"
		    "  map            revision 17, digest 00070e151c23\n"
		    "  because        it asks as a PXE client\n"
		    "                 arch-16 is an HTTP boot type, which gets no TFTP "
		    "file\n");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("report");
	TCase *tc = tcase_create("report");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_boot_is_an_object_of_every_key_in_order);
	tcase_add_test(tc, not_ours_keeps_the_keys_and_loses_the_values);
	tcase_add_test(tc, a_farm_without_a_file_is_not_told_as_the_farm);
	tcase_add_test(tc, direct_delivery_and_option_17_are_told);
	tcase_add_test(tc, a_person_reads_the_outcome_first);
	tcase_add_test(tc, a_person_reads_why_it_is_not_ours);
	tcase_add_test(tc, a_machine_without_a_mac_is_told_of);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
