/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/cmd.h"
#include "cli/map.h"
#include "cli/print.h"
#include "cli/value.h"
#include "lib/base/err.h"
#include "lib/base/ip4.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/report/report.h"

/* What the command line says of the machine; it asks as a PXE client. */
static int
read_facts(const struct args *args, struct boot_facts *ret)
{
	struct boot_facts facts = {.client = BOOT_CLIENT_PXE, .has_mac = true};
	const char *from = args->option[OPTION_FROM];
	const char *subnet = args->option[OPTION_SUBNET_ID];
	const char *arch = args->option[OPTION_ARCH];
	uint64_t number = 0;
	int status = value_mac(args->word[0], &facts.mac);
	if (status == CLI_DONE && arch != NULL) {
		status = value_arch("--arch", arch, &facts.arch[0]);
	}
	if (status != CLI_DONE) {
		return status;
	}
	if (from != NULL && ip4_parse(from, &facts.addr) != 0) {
		log_error("--from %s: must be an IPv4 address", from);
		return CLI_USAGE;
	}
	if (subnet != NULL && text_u64(subnet, 1, UINT32_MAX - 1, &number) != 0) {
		log_error("--subnet-id %s: must be 1..4294967294", subnet);
		return CLI_USAGE;
	}
	facts.has_addr = from != NULL;
	facts.has_subnet_id = subnet != NULL;
	facts.subnet_id = (uint32_t)number;
	facts.arch_count = arch != NULL ? 1 : 0;
	*ret = facts;
	return CLI_DONE;
}

static int
explain(const struct args *args, struct map *map, const struct boot_facts *facts)
{
	struct boot_answer answer;
	struct db_info info;
	struct watcher watcher;
	int err = boot_decide(facts, &db_source, &map->snap, &answer);
	if (err == 0) {
		err = db_map_info(&map->snap, &info);
	}
	if (err != 0) {
		map_complain(args->option[OPTION_DB], err);
		return CLI_FAILED;
	}
	watcher_look(&map->snap, &watcher);
	if (args->option[OPTION_JSON] != NULL) {
		return print_json(report_explain(facts, &answer, &info, &watcher));
	}
	report_explain_text(stdout, facts, &answer, &info, &watcher);
	return CLI_DONE;
}

int
cmd_explain(const struct args *args)
{
	struct boot_facts facts;
	struct map map;
	int status = read_facts(args, &facts);
	if (status != CLI_DONE) {
		return status;
	}
	if (map_open(args, &map) != 0) {
		return CLI_FAILED;
	}
	status = explain(args, &map, &facts);
	map_close(&map);
	return status;
}
