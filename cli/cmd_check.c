/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/cmd.h"
#include "cli/print.h"
#include "cli/source.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

static size_t
count_servers(const struct config *config)
{
	size_t count = 0;
	for (size_t i = 0; i < config->farms.count; i++) {
		count += config->farms.farm[i].servers.count;
	}
	return count;
}

/* A line or column; null for a file as a whole. */
static json_t *
place_json(unsigned place)
{
	return place > 0 ? json_integer((json_int_t)place) : json_null();
}

static json_t *
mistakes_json(const struct mistakes *mistakes)
{
	json_t *list = json_array();
	for (const struct mistake *m = mistakes->first; m != NULL; m = m->next) {
		json_t *entry = json_pack("{s:s, s:o, s:o, s:s}", "file", m->at.file,
		    "line", place_json(m->at.line), "column", place_json(m->at.column),
		    "text", m->line);
		if (json_array_append_new(list, entry) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* config is NULL when there are mistakes; the counts are then null. */
static int
report_json(const struct config *config, const struct mistakes *mistakes)
{
	json_t *farms = json_null();
	json_t *servers = json_null();
	json_t *scopes = json_null();
	if (config != NULL) {
		farms = json_integer((json_int_t)config->farms.count);
		servers = json_integer((json_int_t)count_servers(config));
		scopes = json_integer((json_int_t)config->scopes.count);
	}
	return print_json(json_pack("{s:b, s:o, s:o, s:o, s:o}", "ok", config != NULL,
	    "farms", farms, "servers", servers, "scopes", scopes, "mistakes",
	    mistakes_json(mistakes)));
}

static const char *
plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void
report_text(const struct args *args, const struct config *config)
{
	size_t farms = config->farms.count;
	size_t servers = count_servers(config);
	size_t scopes = config->scopes.count;
	(void)printf("%s: no mistakes: %zu farm%s, %zu server%s, %zu scope%s\n",
	    source_name(args), farms, plural(farms), servers, plural(servers), scopes,
	    plural(scopes));
}

int
cmd_check(const struct args *args)
{
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	int status = CLI_DONE;
	int err = source_load(args, &mistakes, &config);
	if (err != 0 && mistakes.count == 0) {
		log_error("%s: %s", source_name(args), err_str(err));
	} else if (args->option[OPTION_JSON] != NULL) {
		status = report_json(config, &mistakes);
	} else if (err == 0) {
		report_text(args, config);
	} else {
		mistakes_print(&mistakes, stderr);
	}
	config_free(config);
	mistakes_done(&mistakes);
	return err == 0 ? status : CLI_FAILED;
}
