/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/config.h"
#include "lib/base/err.h"
#include "tests/unit/conf.h"
#include "tests/unit/tree.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

/* Every mistake, one file each: tests/fuzz/corpus/yaml/NAME.yaml, and what is said of it,
 * each line without the file's name. */
static const struct {
	const char *name;
	const char *lines;
} mistaken[] = {
    {"tab",
	"5:1: YAML: found character that cannot start any token; indent with "
	"blanks, not tabs, and quote a text that begins with @ ` or %"},
    {"list-unclosed",
	"2:6: YAML: did not find expected ',' or ']', while parsing a flow "
	"sequence that begins at 1:15; close the list with ]"},
    {"colon-twice",
	"4:13: YAML: mapping values are not allowed in this context; write "
	"one \"key: value\" per line, or quote a text that contains \": \""},
    {"indent",
	"4:4: YAML: did not find expected key, while parsing a block mapping "
	"that begins at 2:3; give the keys of one mapping the same indent"},
    {"utf8-invalid", "2:6: incomplete UTF-8 octet sequence; save the file as UTF-8"},
    {"nul-raw", "2:4: control characters are not allowed (0x00); take it out"},
    {"nul-escaped", "4:19: a NUL in a text; take it out"},
    {"anchor", "4:10: an anchor, \"&all\"; write the value out"},
    {"alias", "4:10: an alias, \"*all\"; write the value out"},
    {"tag",
	"4:10: a tag, \"tag:yaml.org,2002:set\"; leave it out, every value "
	"has its type"},
    {"document-second",
	"4:1: a second document; keep one, without a line \"---\" between"},
    {"key-no-text", "4:1: a key that is no text; write \"key: value\""},
    {"nested-deep",
	"4:11: a list where a single value is wanted; write an address or a "
	"prefix, such as 10.20.0.0/16\n"
	"4:25: nested more than 16 deep; nothing of ours lies so deep"},
    {"root-list",
	"1:1: a list where a mapping is wanted; write \"key: value\", or "
	"leave the key out"},
    {"empty", "1:1: no key \"farms\" in this configuration; add it"},
    {"key-unknown-near", "4:1: unknown key \"scope\"; did you mean \"scopes\"?"},
    {"key-unknown-far",
	"4:1: unknown key \"dhcp\"; there is boot-servers, clients, farms, "
	"proxy, scopes, tftp"},
    {"key-twice", "5:1: key \"clients\" stands twice (first at t:4); keep one"},
    {"farms-none", "2:8: no farm at all; name at least one, with its servers"},
    {"boot-servers-missing",
	"1:1: no key \"boot-servers\", which farm \"east\" needs for its "
	"delivery; add it, or give the farm delivery: direct"},
    {"servers-missing", "4:5: no key \"servers\" in this farm; add it"},
    {"address-missing", "5:9: no key \"address\" in this server; add it"},
    {"scope-farm-missing", "5:17: no key \"farm\" in this scope; add it"},
    {"nothing-for-mapping",
	"4:8: nothing where a mapping is wanted; write 10.20.0.0/16: FARM, or "
	"leave the key out"},
    {"value-for-list",
	"1:15: a single value where a list is wanted; write a list, such as "
	"[10.0.0.5]"},
    {"list-for-mapping",
	"4:7: a list where a mapping is wanted; write \"key: value\", or "
	"leave the key out"},
    {"list-for-value",
	"5:15: a list where a single value is wanted; write boot-server"},
    {"boot-servers-empty",
	"1:15: boot-servers is an empty list; write a list, such as "
	"[10.0.0.5], or leave it out"},
    {"servers-empty",
	"3:19: servers is an empty list; write a list, such as [10.1.0.11], "
	"or leave it out"},
    {"farm-twice-by-case", "4:3: farm \"East\" stands twice (first at t:3); keep one"},
    {"farm-called-none",
	"3:3: a farm cannot be called \"None\"; choose a name that is no "
	"keyword"},
    {"farm-called-default",
	"3:3: a farm cannot be called \"default\"; choose a name that is no "
	"keyword"},
    {"farm-name-long",
	"3:3: farm name \"fffffffffffffffffffffffffffffffff\" has 33 bytes; "
	"write at most 32"},
    {"farm-name-malformed",
	"3:3: farm name \"east/1\" is malformed; write letters, digits, '.', "
	"'_' or '-', beginning with a letter or digit"},
    {"server-twice",
	"6:19: server \"10.1.0.11\" stands twice (first at t:5); keep one"},
    {"server-name-twice",
	"6:36: server name \"pvs1\" stands twice (first at t:5); keep one"},
    {"address-zero",
	"1:16: \"0.0.0.0\" is the zero address; write the address of one "
	"host, such as 10.0.0.5"},
    {"address-broadcast",
	"1:16: \"255.255.255.255\" is the broadcast address; write the "
	"address of one host, such as 10.0.0.5"},
    {"address-multicast",
	"3:20: \"239.1.0.11\" is a multicast address; write the address of "
	"one server, such as 10.1.0.11"},
    {"address-reserved",
	"3:20: \"250.1.0.11\" is a reserved address; write the address of one "
	"server, such as 10.1.0.11"},
    {"address-malformed",
	"1:16: \"pvs.example.org\" is not an IPv4 address; write the address "
	"of one host, such as 10.0.0.5"},
    {"boot-server-twice",
	"1:26: address 10.0.0.5 stands twice in boot-servers; keep one"},
    {"weight-range",
	"4:44: weight \"101\" is out of range; write a number from 1 to 100"},
    {"weight-no-number",
	"4:44: weight \"1e1\" is not a number; write a number from 1 to 100"},
    {"backup-no-boolean", "4:44: backup \"1\" is neither yes nor no; write yes or no"},
    {"role-unknown", "4:50: roles \"logon\" is unknown; did you mean \"login\"?"},
    {"roles-empty",
	"4:43: roles is an empty list; name at least one, or leave the key "
	"out"},
    {"role-twice", "4:50: \"tftp\" stands twice in roles; keep one"},
    {"server-name-malformed",
	"4:42: name \"PVS 1\" is not a name; write at most 63 letters, "
	"digits, '.', '_' or '-', beginning with a letter or digit"},
    {"direct-without-tftp",
	"4:14: delivery is direct, but no server has the role tftp; give it "
	"to one, or deliver by boot-server"},
    {"file-with-path",
	"5:23: file \"boot/ARDBP32.BIN\" has a path; write the file's name "
	"alone"},
    {"file-malformed",
	"5:23: \".hidden\" is not a file name; write letters, digits, '.', "
	"'_' or '-', beginning with a letter or digit"},
    {"file-long",
	"5:23: file "
	"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" "
	"has 64 bytes; write a name of at most 63"},
    {"arch-unknown-near",
	"5:17: unknown architecture \"uefi-x46\"; did you mean \"uefi-x64\"?"},
    {"arch-unknown-far",
	"5:17: unknown architecture \"sparc\"; there is bios, uefi-ia32, "
	"uefi-x64, uefi-arm32, uefi-arm64, arch-N"},
    {"arch-has-name", "5:17: architecture \"arch-7\" has a name; write uefi-x64"},
    {"arch-http",
	"5:17: architecture \"arch-16\" boots by HTTP; take it out, pvsboot "
	"serves TFTP"},
    {"arch-twice", "5:30: architecture \"BIOS\" stands twice (first at t:5); keep one"},
    {"archs-many-with-builtin",
	"5:16: 17 architectures with the built-in bios and uefi-x64; write at "
	"most 16 in all"},
    {"archs-many", "5:16: bootstrap has 17 architectures; write at most 16"},
    {"file-twice-by-case",
	"5:43: file \"boot.BIN\" differs from \"Boot.bin\" (t:5) in case "
	"alone; spell it alike"},
    {"delivery-unknown",
	"5:15: delivery \"Direct\" is unknown; did you mean \"direct\"?"},
    {"balance-unknown",
	"5:14: balance \"round-robin\" is unknown; there is hash, ordered"},
    {"login-malformed",
	"5:12: login \"pvs:[farm]:6910\" is malformed; write option-11, none "
	"or \"pvs:[NAME]:17:PORT\", PORT from 1025 to 65535"},
    {"login-port",
	"5:12: login \"pvs:[farm]:17:1024\" is malformed; write option-11, "
	"none or \"pvs:[NAME]:17:PORT\", PORT from 1025 to 65535"},
    {"login-unknown",
	"5:12: login \"option-17\" is malformed; write option-11, none or "
	"\"pvs:[NAME]:17:PORT\", PORT from 1025 to 65535"},
    {"offer-unknown",
	"5:25: offer \"redirected\" is unknown; did you mean \"redirect\"?"},
    {"pxe-key-unknown", "5:11: unknown key \"offers\"; did you mean \"offer\"?"},
    {"probe-unknown",
	"5:22: probe \"ping\" is unknown; there is bootstrap, tftp-reply, "
	"none"},
    {"interval-short",
	"5:25: interval \"50ms\" is out of range; write a number and ms, s or "
	"m, from 100ms to 60m"},
    {"interval-long",
	"5:25: interval \"61m\" is out of range; write a number and ms, s or "
	"m, from 100ms to 60m"},
    {"interval-no-unit",
	"5:25: interval \"5\" is not a duration; write a number and ms, s or "
	"m, from 100ms to 60m"},
    {"timeout-default-long",
	"5:25: timeout 2s is not shorter than interval 2s; shorten the "
	"timeout or lengthen the interval"},
    {"timeout-long",
	"5:38: timeout 3s is not shorter than interval 2s; shorten the "
	"timeout or lengthen the interval"},
    {"retries-range",
	"5:24: retries \"21\" is out of range; write a number from 1 to 20"},
    {"success-retries-range",
	"5:32: success-retries \"0\" is out of range; write a number from 1 "
	"to 20"},
    {"full-every-range",
	"5:27: full-every \"1001\" is out of range; write a number from 1 to "
	"1000"},
    {"advisory-unknown", "5:26: advisory \"txb\" is unknown; did you mean \"tsb\"?"},
    {"advisory-twice", "5:31: \"tsb\" stands twice in advisory; keep one"},
    {"advisory-scalar",
	"5:25: a single value where a list is wanted; write a list, such as [tsb, "
	"pxe]"},
    {"sha256-malformed",
	"5:37: \"abc\" is no SHA-256; write its 64 hexadecimal digits"},
    {"sha256-of-other-file",
	"7:9: farm \"east\" boots no file \"other.bin\"; pin one that its "
	"bootstrap, or a scope's, names"},
    {"scope-farm-unknown-near", "4:24: unknown farm \"eest\"; did you mean \"east\"?"},
    {"scope-farm-unknown-far", "4:26: unknown farm \"west\"; there is east, none"},
    {"prefix-host-bits",
	"4:10: prefix \"10.20.64.0/17\" has host bits set; write 10.20.0.0/17 "
	"for the network"},
    {"prefix-malformed",
	"4:10: \"10.20.0.0/33\" is not a prefix; write one such as "
	"10.20.0.0/16"},
    {"scope-unknown",
	"4:10: scope \"10.20.0.0\" is unknown; write a prefix such as "
	"10.20.0.0/16, \"subnet-id N\" or default"},
    {"subnet-id-zero",
	"4:10: \"subnet-id 0\" names no subnet id; write \"subnet-id N\", N "
	"from 1 to 4294967294"},
    {"subnet-id-range",
	"4:10: \"subnet-id 4294967295\" names no subnet id; write \"subnet-id "
	"N\", N from 1 to 4294967294"},
    {"subnet-id-malformed",
	"4:10: \"subnet-id\" names no subnet id; write \"subnet-id N\", N "
	"from 1 to 4294967294"},
    {"scope-twice",
	"6:3: scope \"10.20.0.0/16\" stands twice (first at t:5); keep one"},
    {"scope-twice-by-network",
	"6:3: prefix \"10.20.0.1/16\" has host bits set; write 10.20.0.0/16 "
	"for the network\n"
	"6:3: scope \"10.20.0.1/16\" stands twice (first at t:5); keep one"},
    {"prefix-in-prefix",
	"5:30: \"prefix\" belongs to a subnet-id; take it out of scope "
	"\"10.20.0.0/16\""},
    {"prefix-two-farms",
	"6:3: prefix 10.20.0.0/16 means east here and none in scope "
	"\"10.20.0.0/16\" (t:5), and TFTP sees addresses only; name one farm "
	"in both"},
    {"reply-delay-range",
	"4:45: reply-delay \"11s\" is out of range; write a number and ms, s "
	"or m, from 0ms to 10s"},
    {"scope-list",
	"4:19: a list where a single value is wanted; write a farm's name, "
	"none or {farm: NAME}"},
    {"client-malformed",
	"4:25: \"nat.example.org\" is not an IPv4 address; write an address "
	"or a prefix, such as 10.20.0.0/16"},
    {"client-twice",
	"4:22: client \"10.30.0.1/32\" stands twice (first at t:4); keep one"},
    {"listen-malformed",
	"4:17: listen \"0.0.0.0:70000\" is malformed; write ADDRESS:PORT, "
	"such as 0.0.0.0:69"},
    {"listen-twice", "4:26: \"0.0.0.0:69\" stands twice in listen; keep one"},
    {"port-range-malformed",
	"4:20: port-range \"30000-20000\" is malformed; write FIRST-LAST, "
	"from 1024 to 65535"},
    {"single-port-no-boolean",
	"4:21: single-port \"maybe\" is neither yes nor no; write yes or no"},
    {"mode-unknown", "4:15: mode \"shadows\" is unknown; did you mean \"shadow\"?"},
    {"interface-malformed",
	"4:22: \"averylonginterface\" names no interface; write a name of at "
	"most 15 bytes, such as eth0"},
    {"interface-twice", "4:28: \"eth0\" stands twice in interfaces; keep one"},
};

START_TEST(each_mistake_is_told_with_its_place_and_what_is_right)
{
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	const char *expected = mistaken[_i].lines;
	ck_assert_int_eq(
	    conf_parse_corpus(mistaken[_i].name, &mistakes, &config), ERR_MALFORMED);
	ck_assert_ptr_null(config);
	for (const struct mistake *m = mistakes.first; m != NULL; m = m->next) {
		char line[512];
		size_t len = strcspn(expected, "\n");
		(void)snprintf(line, sizeof(line), "t:%.*s", (int)len, expected);
		ck_assert_str_eq(m->line, line);
		expected += len + (expected[len] == '\n' ? 1 : 0);
	}
	ck_assert_str_eq(expected, "");
	mistakes_done(&mistakes);
}
END_TEST

START_TEST(no_mistake_of_the_corpus_goes_without_a_row)
{
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	char path[512];
	struct dirent **entries;
	(void)snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/yaml", srcdir);
	int count = scandir(path, &entries, NULL, alphasort);
	ck_assert_int_gt(count, 0);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		size_t row = 0;
		while (row < sizeof(mistaken) / sizeof(mistaken[0]) &&
		    (strncmp(mistaken[row].name, name, strlen(mistaken[row].name)) !=
			    0 ||
			strcmp(name + strlen(mistaken[row].name), ".yaml") != 0)) {
			row++;
		}
		ck_assert_msg(name[0] == '.' || strncmp(name, "good-", 5) == 0 ||
			row < sizeof(mistaken) / sizeof(mistaken[0]),
		    "%s", name);
		free(entries[i]);
	}
	free(entries);
}
END_TEST

START_TEST(all_mistakes_of_all_files_come_in_one_run_in_order)
{
	const char *const texts[] = {
	    "scope: {}\n"
	    "boot-servers: [10.0.0.5]\n"
	    "farms:\n"
	    "  east: {servers: [10.1.0.11], weight: 3, delivery: Direct}\n"
	    "clients: [x]\n",
	    "boot-servers: [10.0.0.6]\n"
	    "farms:\n"
	    "  West: {servers: [10.2.0.11]}\n"
	    "  east: {servers: [10.2.0.11]}\n"
	    "scopes:\n"
	    "  10.20.0.0/16: eest\n",
	    "\tfarms: {}\n"};
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	ck_assert_int_eq(conf_parse(texts, 3, &mistakes, &config), ERR_MALFORMED);
	char *lines = conf_lines(&mistakes);
	ck_assert_str_eq(lines,
	    "t0:1:1: unknown key \"scope\"; did you mean \"scopes\"?\n"
	    "t0:4:32: unknown key \"weight\"; there is balance, boot-servers, "
	    "bootstrap, delivery, login, monitor, pxe, servers\n"
	    "t0:4:53: delivery \"Direct\" is unknown; did you mean \"direct\"?\n"
	    "t0:5:11: \"x\" is not an IPv4 address; write an address or a prefix, such "
	    "as 10.20.0.0/16\n"
	    "t1:1:1: key \"boot-servers\" stands twice (first at t0:2); keep one\n"
	    "t1:4:3: farm \"east\" stands twice (first at t0:4); keep one\n"
	    "t2:1:1: YAML: found character that cannot start any token; indent with "
	    "blanks, not tabs, and quote a text that begins with @ ` or %\n");
	ck_assert_ptr_null(config);
	free(lines);
	mistakes_done(&mistakes);
}
END_TEST

START_TEST(a_scope_in_two_files_names_both)
{
	const char *const texts[] = {
	    "farms: {lab: {delivery: direct, servers: [10.1.0.11]}}\n"
	    "scopes:\n"
	    "  10.20.0.0/16: lab\n",
	    "scopes:\n"
	    "  10.21.0.0/16: lab\n"
	    "  10.20.0.0/16: none\n"};
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	ck_assert_int_eq(conf_parse(texts, 2, &mistakes, &config), ERR_MALFORMED);
	char *lines = conf_lines(&mistakes);
	ck_assert_str_eq(lines,
	    "t1:3:3: scope \"10.20.0.0/16\" stands twice (first at t0:3); keep one\n");
	free(lines);
	mistakes_done(&mistakes);
}
END_TEST

START_TEST(a_hundred_mistakes_are_printed_and_the_rest_counted)
{
	char text[2000] = "farms: {lab: {delivery: direct, servers: [10.1.0.11]}}\n"
			  "clients:\n";
	for (unsigned i = 0; i < 103; i++) {
		strcat(text, "- x\n");
	}
	const char *const texts[] = {text};
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	ck_assert_int_eq(conf_parse(texts, 1, &mistakes, &config), ERR_MALFORMED);
	ck_assert_uint_eq(mistakes.count, 103);
	char *lines = conf_lines(&mistakes);
	ck_assert_ptr_nonnull(strstr(lines, "\nt:102:3: "));
	ck_assert_ptr_null(strstr(lines, "\nt:103:3: "));
	ck_assert_ptr_nonnull(strstr(lines, "\nand 3 more mistakes\n"));
	free(lines);
	mistakes_done(&mistakes);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_named)
{
	const char *const paths[] = {"/nonexistent/pvsboot.yaml", "/dev/zero"};
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	ck_assert_int_lt(config_load(paths, 2, &mistakes, &config), 0);
	char *lines = conf_lines(&mistakes);
	ck_assert_str_eq(lines,
	    "/nonexistent/pvsboot.yaml: cannot be read: No such file or directory\n"
	    "/dev/zero: larger than 16 MiB; split it into several\n");
	free(lines);
	mistakes_done(&mistakes);
}
END_TEST

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[512];
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(the_default_is_one_file_and_a_folder_in_byte_order)
{
	char dir[] = "/tmp/check_conf.XXXXXX";
	char parts[64];
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(parts, sizeof(parts), "%s/pvsboot.d", dir);
	ck_assert_int_eq(mkdir(parts, 0700), 0);
	write_file(dir, "pvsboot.yaml",
	    "farms: {lab: {delivery: direct, servers: [10.1.0.11]}}\n");
	write_file(parts, "20-b.yaml", "clients: []\n");
	write_file(parts, "100-a.yaml", "clients: []\n");
	write_file(parts, "30-c.yml", "not: ours\n");
	write_file(parts, ".40-d.yaml", "not: ours\n");
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	ck_assert_int_eq(config_load_default(dir, &mistakes, &config), ERR_MALFORMED);
	char *lines = conf_lines(&mistakes);
	char expected[512];
	(void)snprintf(expected, sizeof(expected),
	    "%s/20-b.yaml:1:1: key \"clients\" stands twice (first at "
	    "%s/100-a.yaml:1); "
	    "keep one\n",
	    parts, parts);
	ck_assert_str_eq(lines, expected);
	free(lines);
	mistakes_done(&mistakes);
	tree_remove(dir);
}
END_TEST

START_TEST(a_folder_that_cannot_be_read_is_named)
{
	char dir[] = "/tmp/check_conf.XXXXXX";
	char expected[128];
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	ck_assert_ptr_nonnull(mkdtemp(dir));
	write_file(dir, "pvsboot.d", "");
	ck_assert_int_eq(config_load_default(dir, &mistakes, &config), -ENOTDIR);
	char *lines = conf_lines(&mistakes);
	(void)snprintf(expected, sizeof(expected),
	    "%s/pvsboot.d: cannot be read: Not a directory\n", dir);
	ck_assert_str_eq(lines, expected);
	free(lines);
	mistakes_done(&mistakes);
	tree_remove(dir);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conf");
	TCase *tc = tcase_create("conf");
	tcase_add_loop_test(tc, each_mistake_is_told_with_its_place_and_what_is_right,
	    0, (int)(sizeof(mistaken) / sizeof(mistaken[0])));
	tcase_add_test(tc, no_mistake_of_the_corpus_goes_without_a_row);
	tcase_add_test(tc, all_mistakes_of_all_files_come_in_one_run_in_order);
	tcase_add_test(tc, a_scope_in_two_files_names_both);
	tcase_add_test(tc, a_hundred_mistakes_are_printed_and_the_rest_counted);
	tcase_add_test(tc, a_file_that_cannot_be_read_is_named);
	tcase_add_test(tc, the_default_is_one_file_and_a_folder_in_byte_order);
	tcase_add_test(tc, a_folder_that_cannot_be_read_is_named);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
