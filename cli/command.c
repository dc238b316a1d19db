/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/command.h"

#include "cli/cmd.h"

#include <string.h>

const struct option_info option_infos[OPTION_COUNT] = {
    [OPTION_DB] = {"db", "DIR", PVSBOOT_MAP_DIR, "the map"},
    [OPTION_STATE] = {"state", "DIR", PVSBOOT_STATE_DIR, "the state of the servers"},
    [OPTION_CACHE] = {"cache", "DIR", PVSBOOT_CACHE_DIR, "the bootstraps"},
    [OPTION_JOURNAL] = {"journal", "DIR", PVSBOOT_JOURNAL_DIR,
	"the journal and the audit log"},
    [OPTION_VERBOSE] = {"verbose", NULL, NULL, "say what is done, on stderr"},
    [OPTION_VERSION] = {"version", NULL, NULL, "print the version"},
    [OPTION_HELP] = {"help", NULL, NULL, "print this help, or that of a command"},
    [OPTION_JSON] = {"json", NULL, NULL, "print JSON"},
    [OPTION_DRY_RUN] = {"dry-run", NULL, NULL, "print the difference, change nothing"},
    [OPTION_DROP_DEVICES] = {"drop-devices", NULL, NULL,
	"delete the devices whose farm vanishes"},
    [OPTION_FROM] = {"from", "ADDR", NULL, "the address that scopes are looked up by"},
    [OPTION_SUBNET_ID] = {"subnet-id", "N", NULL, "the Kea subnet it asks from"},
    [OPTION_ARCH] = {"arch", "NAME", NULL, "its architecture (bios when not given)"},
    [OPTION_FARM] = {"farm", "FARM", NULL,
	"its farm; none: not ours; default: as the scope says"},
    [OPTION_FILE] = {"file", "ARCH=NAME", NULL,
	"its bootstrap, may be repeated; ARCH=none: none; ARCH=: as the scope says"},
    [OPTION_NAME] = {"name", "NAME", NULL, "a name"},
    [OPTION_NOTE] = {"note", "TEXT", NULL, "a remark"},
    [OPTION_FORCE] = {"force", NULL, NULL, "drain also the last one that is left"},
    [OPTION_WATCH] = {"watch", NULL, NULL, "go on until interrupted"},
};

#define TAKES(option) (UINT32_C(1) << OPTION_##option)

const struct command commands[] = {
    {"check", "[FILE]", TAKES(JSON), cmd_check,
	"report every mistake of a configuration"},
    {"apply", "[FILE]", TAKES(JSON) | TAKES(DRY_RUN) | TAKES(DROP_DEVICES), cmd_apply,
	"make a configuration the map"},
    {"export", "", TAKES(JSON), cmd_export,
	"print the configuration, or with --json the whole map"},
    {"explain", "MAC", TAKES(JSON) | TAKES(FROM) | TAKES(SUBNET_ID) | TAKES(ARCH),
	cmd_explain, "say what a machine would be answered, and why"},
    {"device add", "MAC", TAKES(FARM) | TAKES(FILE) | TAKES(NAME) | TAKES(NOTE),
	cmd_device_add, "add a device, or change what is given of it"},
    {"device get", "MAC", TAKES(JSON), cmd_device_get, "print a device"},
    {"device del", "MAC", 0, cmd_device_del, "forget a device"},
    {"device list", "", TAKES(JSON), cmd_device_list, "print all devices"},
    {"bootstrap add", "FARM FILE", TAKES(NAME), cmd_bootstrap_add,
	"publish a file as a farm's bootstrap"},
    {"bootstrap list", "", TAKES(JSON), cmd_bootstrap_list, "print what is published"},
    {"bootstrap remove", "FARM NAME", 0, cmd_bootstrap_remove,
	"withdraw what was published with add"},
    {"drain", "SERVER", TAKES(NOTE) | TAKES(FORCE), cmd_drain,
	"send no more machines to a server"},
    {"undrain", "SERVER", 0, cmd_undrain, "put a drained server back into service"},
    {"status", "", TAKES(JSON) | TAKES(WATCH), cmd_status,
	"print what is known of farms and servers"},
    {"doctor", "", TAKES(JSON), cmd_doctor,
	"say what would keep machines from booting, and what to do"},
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

bool
command_takes(const struct command *command, enum option_id option)
{
	return option < OPTION_COMMON_COUNT || (command->options >> option & 1) != 0;
}

void
command_arity(const struct command *command, unsigned *ret_min, unsigned *ret_max)
{
	unsigned min = 0;
	unsigned max = 0;
	for (const char *p = command->args; *p != '\0'; p++) {
		bool starts = p == command->args || p[-1] == ' ';
		max += starts ? 1 : 0;
		min += starts && *p != '[' ? 1 : 0;
	}
	*ret_min = min;
	*ret_max = max;
}

/* How many of words spell the name; 0 when they do not. */
static unsigned
spelled(const char *name, char *const *words, unsigned count)
{
	unsigned used = 0;
	for (;;) {
		size_t len = strcspn(name, " ");
		if (used == count || strlen(words[used]) != len ||
		    strncmp(words[used], name, len) != 0) {
			return 0;
		}
		used++;
		if (name[len] == '\0') {
			return used;
		}
		name += len + 1;
	}
}

const struct command *
command_find(char *const *words, unsigned count, unsigned *ret_used)
{
	for (size_t i = 0; i < command_count; i++) {
		unsigned used = spelled(commands[i].name, words, count);
		if (used > 0) {
			*ret_used = used;
			return &commands[i];
		}
	}
	return NULL;
}
