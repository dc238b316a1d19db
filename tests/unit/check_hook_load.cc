/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pvsboot-config.h"

#include <cc/data.h>
#include <hooks/callout_manager.h>
#include <hooks/hooks.h>
#include <hooks/hooks_manager.h>
#include <log/logger_support.h>

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string>
#include <vector>

/* The library as Kea's own loader takes it, in processes of several kinds. */

using isc::data::Element;
using isc::data::ElementPtr;
using isc::hooks::HooksManager;

namespace
{

void
setup()
{
	(void)setenv("KEA_HOOKS_PATH", HOOK_FOLDER, 1);
	(void)setenv("KEA_LOCKFILE_DIR", "none", 1);
	isc::log::initLogger("check_hook_load", isc::log::FATAL);
}

isc::hooks::HookLibsCollection
library(const ElementPtr &parameters)
{
	return {{HOOK_LIBRARY, parameters}};
}

/* As a Kea has it whose libraries are loaded and unloaded at each reconfiguration. */
void
load_and_unload(const ElementPtr &parameters)
{
	for (int i = 0; i < 5; i++) {
		ck_assert(HooksManager::loadLibraries(library(parameters)));
		HooksManager::prepareUnloadLibraries();
		ck_assert(HooksManager::unloadLibraries());
	}
}

ElementPtr
folders(const char *dir)
{
	ElementPtr parameters = Element::createMap();
	parameters->set("db", Element::create(std::string(dir) + "/map"));
	parameters->set("state", Element::create(std::string(dir)));
	return parameters;
}

void
be_kea_dhcp4()
{
	for (const char *hook : {"subnet4_select", "lease4_select", "lease4_renew",
		 "leases4_committed", "pkt4_receive", "pkt4_send"}) {
		(void)HooksManager::registerHook(hook);
	}
}

unsigned
threads()
{
	unsigned count = 0;
	DIR *tasks = opendir("/proc/self/task");
	ck_assert_ptr_nonnull(tasks);
	while (readdir(tasks) != nullptr) {
		count++;
	}
	(void)closedir(tasks);
	return count;
}

START_TEST(it_validates_without_being_loaded)
{
	const std::vector<std::string> bad =
	    HooksManager::validateLibraries({HOOK_LIBRARY});
	ck_assert(bad.empty());
}
END_TEST

START_TEST(it_comes_and_goes_in_kea_dhcp4)
{
	char dir[] = "/tmp/pvsboot-load.XXXXXX";
	ck_assert_ptr_nonnull(mkdtemp(dir));
	be_kea_dhcp4();
	unsigned before = threads();
	load_and_unload(folders(dir));
	ck_assert_uint_eq(threads(), before);
	ck_assert_int_eq(rmdir(dir), 0); /* no marker stays */
}
END_TEST

START_TEST(it_loads_without_parameters_and_without_folders)
{
	be_kea_dhcp4();
	load_and_unload(ElementPtr());
	load_and_unload(folders("/nonexistent"));
}
END_TEST

START_TEST(it_loads_with_parameters_of_any_shape)
{
	be_kea_dhcp4();
	for (const char *text : {"{}", "[]", "7", "\"x\"", "{\"db\": 7}",
		 "{\"db\": null}", "{\"mode\": [1]}", "{\"\": {}}"}) {
		const ElementPtr parameters = Element::fromJSON(text);
		ck_assert(HooksManager::loadLibraries(library(parameters)));
		HooksManager::prepareUnloadLibraries();
		ck_assert(HooksManager::unloadLibraries());
	}
}
END_TEST

START_TEST(listed_twice_it_is_loaded_once)
{
	char dir[] = "/tmp/pvsboot-load.XXXXXX";
	ck_assert_ptr_nonnull(mkdtemp(dir));
	be_kea_dhcp4();
	unsigned before = threads();
	isc::hooks::HookLibsCollection both = library(folders(dir));
	both.push_back(both.front());
	for (int i = 0; i < 3; i++) {
		ck_assert(HooksManager::loadLibraries(both));
		ck_assert_uint_eq(threads(), before + 2);
		HooksManager::prepareUnloadLibraries();
		ck_assert(HooksManager::unloadLibraries());
		ck_assert_uint_eq(threads(), before);
	}
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(elsewhere_it_starts_nothing)
{
	char dir[] = "/tmp/pvsboot-load.XXXXXX";
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)HooksManager::registerHook("pkt6_send");
	unsigned before = threads();
	ck_assert(HooksManager::loadLibraries(library(folders(dir))));
	ck_assert_uint_eq(threads(), before);
	ck_assert_int_eq(rmdir(dir), 0);
	HooksManager::prepareUnloadLibraries();
	ck_assert(HooksManager::unloadLibraries());
}
END_TEST

} /* namespace */

int
main()
{
	Suite *suite = suite_create("hook_load");
	TCase *tc = tcase_create("hook_load");
	tcase_add_unchecked_fixture(tc, setup, nullptr);
	tcase_add_test(tc, it_validates_without_being_loaded);
	/* First, since hook points are registered for good. */
	tcase_add_test(tc, elsewhere_it_starts_nothing);
	tcase_add_test(tc, it_comes_and_goes_in_kea_dhcp4);
	tcase_add_test(tc, it_loads_without_parameters_and_without_folders);
	tcase_add_test(tc, it_loads_with_parameters_of_any_shape);
	tcase_add_test(tc, listed_twice_it_is_loaded_once);
	suite_add_tcase(suite, tc);
	SRunner *runner = srunner_create(suite);
	/* Kea's logging has threads from the start, which a forked child would lack. */
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	const int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
