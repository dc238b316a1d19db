/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Names to bytes: a map of tables and a cache in a temporary folder. */
#include "tests/unit/unit.h"

#include "lib/base/err.h"
#include "lib/base/text.h"
#include "lib/boot/score.h"
#include "tftp/catalog.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	IN_EAST = 0x0a140001,
	IN_NONE = 0x0a280001,
	ELSEWHERE = 0xc0000201,
	SERVER_1 = 0x0a01000b,
	SERVER_2 = 0x0a01000c,
	GONE = 0x0a010063,
};

/* ---- a map: farm East for 10.20/16, nobody for 10.40/16, no default */

static int
find_farm(void *snap, const char *name, struct db_farm *ret)
{
	(void)snap;
	if (text_casecmp(name, "East") != 0) {
		return ERR_NOTFOUND;
	}
	*ret = (struct db_farm){.name = "East",
	    .server_count = 2,
	    .servers = {
		{.addr = SERVER_1, .weight = 1}, {.addr = SERVER_2, .weight = 1}}};
	return 0;
}

static int
find_client(void *snap, uint32_t addr, struct db_client *ret)
{
	(void)snap;
	*ret = (struct db_client){.has_scope = addr >> 24 == 10};
	if (addr >> 16 == IN_EAST >> 16) {
		(void)strcpy(ret->scope.farm, "East");
	}
	return ret->has_scope ? 0 : ERR_NOTFOUND;
}

static int
find_fallback(void *snap, struct db_scope *ret)
{
	(void)snap;
	(void)ret;
	return ERR_NOTFOUND;
}

static const struct db_source source = {
    .farm = find_farm, .client = find_client, .fallback = find_fallback};

static const struct {
	uint32_t from;
	const char *name;
	int err;
	const char *file;
} names[] = {
    {IN_EAST, "east/ARDBP32.BIN", 0, "ARDBP32.BIN"},
    {IN_EAST, "EAST/ardbp32.bin", 0, "ardbp32.bin"},
    {ELSEWHERE, "East/a", 0, "a"},
    {IN_EAST, "ARDBP32.BIN", 0, "ARDBP32.BIN"},
    {IN_EAST, "west/ARDBP32.BIN", ERR_NOTFOUND, NULL},
    {IN_NONE, "ARDBP32.BIN", ERR_NOTFOUND, NULL},
    {ELSEWHERE, "ARDBP32.BIN", ERR_NOTFOUND, NULL},
    {IN_EAST, "", ERR_NOTFOUND, NULL},
    {IN_EAST, "east/", ERR_NOTFOUND, NULL},
    {IN_EAST, "east/.hidden", ERR_NOTFOUND, NULL},
    {IN_EAST, "C:/boot", ERR_NOTFOUND, NULL},
    {IN_EAST, "east/a b", ERR_NOTFOUND, NULL},
    {IN_EAST,
	"east/a\xff"
	"b",
	ERR_NOTFOUND, NULL},
    {IN_EAST, "east/..", ERR_REFUSED, NULL},
    {IN_EAST, "..", ERR_REFUSED, NULL},
    {IN_EAST, "../east", ERR_REFUSED, NULL},
    {IN_EAST, "east/../../etc/passwd", ERR_REFUSED, NULL},
    {IN_EAST, "../../../etc/passwd", ERR_REFUSED, NULL},
    {IN_EAST, "etc/pvsboot/pvsboot.yaml", ERR_REFUSED, NULL},
    {IN_EAST, "east/10.1.0.11/ARDBP32.BIN", ERR_REFUSED, NULL},
    {IN_EAST, "a..b", 0, "a..b"},
    {IN_EAST, "abcdefghijabcdefghijabcdefghijabc/x", ERR_NOTFOUND, NULL},
};

START_TEST(a_name_means_a_file_of_one_farm)
{
	struct catalog_item item;
	ck_assert_int_eq(
	    catalog_resolve(names[_i].name, names[_i].from, &source, NULL, &item),
	    names[_i].err);
	if (names[_i].err == 0) {
		ck_assert_str_eq(item.farm.name, "East");
		ck_assert_str_eq(item.file, names[_i].file);
	}
}
END_TEST

START_TEST(the_longest_names_fit)
{
	char name[2 * DB_FILE_NAME_MAX];
	struct catalog_item item;
	memset(name, 'x', sizeof(name));
	name[DB_FILE_NAME_MAX] = '\0';
	ck_assert_int_eq(catalog_resolve(name, IN_EAST, &source, NULL, &item), 0);
	name[DB_FILE_NAME_MAX] = 'x';
	name[DB_FILE_NAME_MAX + 1] = '\0';
	ck_assert_int_eq(
	    catalog_resolve(name, IN_EAST, &source, NULL, &item), ERR_NOTFOUND);
}
END_TEST

/* ---- a cache */

static char dir[] = "/tmp/check_catalog-XXXXXX";
static struct cache *cache;

/* An object of one byte repeated, published under farms/East/FROM/FILE. */
static void
publish(const char *from, const char *file, char digit)
{
	char path[256];
	char object[65];
	char target[128];
	memset(object, digit, 64);
	object[64] = '\0';
	(void)snprintf(path, sizeof(path), "%s/objects/%s", dir, object);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, &digit, 1), 1);
	ck_assert_int_eq(close(fd), 0);
	(void)snprintf(path, sizeof(path), "%s/farms/East/%s", dir, from);
	(void)mkdir(path, 0700);
	(void)snprintf(path, sizeof(path), "%s/farms/East/%s/%s", dir, from, file);
	(void)snprintf(target, sizeof(target), "../../../objects/%s", object);
	ck_assert_int_eq(symlink(target, path), 0);
}

static void
make_cache(void)
{
	static const char *const folders[] = {"", "/objects", "/farms", "/farms/East"};
	char lost[128];
	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (unsigned i = 0; i < 4; i++) {
		char path[64];
		(void)snprintf(path, sizeof(path), "%s%s", dir, folders[i]);
		(void)mkdir(path, 0700);
	}
	publish("10.1.0.11", "both", 'a');
	publish("10.1.0.12", "both", 'b');
	publish("10.1.0.99", "both", 'c');
	publish("10.1.0.12", "second", 'b');
	publish("10.1.0.99", "gone", 'c');
	publish("10.1.0.12", "ours", 'b');
	publish("manual", "ours", 'd');
	publish("manual", "broken", 'e');
	publish("10.1.0.11", "broken", 'e');
	publish("10.1.0.12", "broken", 'b');
	publish("10.1.0.12", "lost", 'e');
	(void)snprintf(lost, sizeof(lost), "%s/objects/%s", dir,
	    "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
	ck_assert_int_eq(unlink(lost), 0);
	ck_assert_int_eq(cache_open(dir, &cache), 0);
}

static void
drop_cache(void)
{
	char command[128];
	cache_close(cache);
	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static int
open_for(uint32_t from, const char *file, uint32_t *ret_server)
{
	struct catalog_item item;
	struct cache_object object;
	int fd;
	ck_assert_int_eq(catalog_resolve(file, IN_EAST, &source, NULL, &item), 0);
	int err = catalog_open(cache, &item, from, ret_server, &fd, &object);
	if (err == 0) {
		ck_assert_int_eq(close(fd), 0);
	}
	return err;
}

START_TEST(each_source_has_the_copy_of_its_server)
{
	unsigned of_first = 0;
	for (uint32_t from = IN_EAST; from < IN_EAST + 200; from++) {
		uint32_t server;
		ck_assert_int_eq(open_for(from, "both", &server), 0);
		bool first =
		    score_addr(from, SERVER_1, 1) > score_addr(from, SERVER_2, 1);
		ck_assert_uint_eq(server, first ? SERVER_1 : SERVER_2);
		of_first += first ? 1 : 0;
	}
	ck_assert_uint_gt(of_first, 50);
	ck_assert_uint_lt(of_first, 150);
}
END_TEST

static const struct {
	const char *file;
	int err;
	uint32_t server;
} copies[] = {
    {"second", 0, SERVER_2},
    {"SECOND", 0, SERVER_2},
    {"gone", 0, GONE},
    {"ours", 0, CACHE_MANUAL},
    {"missing", ERR_NOTFOUND, 0},
    {"broken", 0, SERVER_2},
    {"lost", ERR_NOTFOUND, 0},
};

START_TEST(a_file_comes_from_whoever_holds_it)
{
	uint32_t server;
	ck_assert_int_eq(open_for(IN_EAST, copies[_i].file, &server), copies[_i].err);
	if (copies[_i].err == 0) {
		ck_assert_uint_eq(server, copies[_i].server);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("catalog");
	TCase *resolve = tcase_create("names");
	tcase_add_loop_test(resolve, a_name_means_a_file_of_one_farm, 0,
	    sizeof(names) / sizeof(names[0]));
	tcase_add_test(resolve, the_longest_names_fit);
	suite_add_tcase(suite, resolve);
	TCase *copy = tcase_create("copies");
	tcase_add_unchecked_fixture(copy, make_cache, drop_cache);
	tcase_add_test(copy, each_source_has_the_copy_of_its_server);
	tcase_add_loop_test(copy, a_file_comes_from_whoever_holds_it, 0,
	    sizeof(copies) / sizeof(copies[0]));
	suite_add_tcase(suite, copy);
	return unit_run(suite);
}
