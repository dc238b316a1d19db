/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/edit.h"

#include "cli/audit.h"
#include "cli/map.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

#include <errno.h>

/* A change needs a map that apply made; its absence is best said before a writer would create
 * an empty one. */
static bool
map_is_there(const struct args *args)
{
	struct map map;
	if (map_open(args, &map) != 0) {
		return false;
	}
	map_close(&map);
	return true;
}

static int
unrecorded(const struct args *args, int err)
{
	log_error("cannot write the audit log in %s: %s; nothing was changed",
	    args->option[OPTION_JOURNAL], err_str(err));
	return CLI_FAILED;
}

int
edit_begin(const struct args *args, struct edit *ret)
{
	struct edit edit = {.args = args};
	if (!map_is_there(args)) {
		return CLI_FAILED;
	}
	int err = audit_open(args->option[OPTION_JOURNAL], &edit.audit);
	if (err != 0) {
		return unrecorded(args, err);
	}
	err = db_write_begin(args->option[OPTION_DB], &edit.write);
	if (err != 0) {
		audit_close(edit.audit);
		return edit_failed(&edit, err);
	}
	edit.snap = *db_write_snapshot(edit.write);
	*ret = edit;
	return CLI_DONE;
}

void
edit_end(struct edit *edit)
{
	db_write_abort(edit->write);
	audit_close(edit->audit);
}

int
edit_failed(const struct edit *edit, int err)
{
	map_complain(edit->args->option[OPTION_DB], err);
	return CLI_FAILED;
}

/* The line is on disk before the map changes; a second one tells of a commit that failed. */
static int
commit_recorded(struct edit *edit, struct audit_entry *entry)
{
	int err = audit_write(edit->audit, entry);
	if (err == 0) {
		err = audit_sync(edit->audit);
	}
	if (err != 0) {
		return unrecorded(edit->args, err);
	}
	err = db_write_commit(edit->write);
	edit->write = NULL;
	if (err == 0) {
		return CLI_DONE;
	}
	entry->error = err_str(err);
	if (audit_write(edit->audit, entry) != 0) {
		log_warn("the audit log tells of this change as if it were made");
	}
	return edit_failed(edit, err);
}

int
edit_commit(struct edit *edit, json_t *what)
{
	struct db_info info;
	int err = what != NULL ? db_map_info(&edit->snap, &info) : -ENOMEM;
	if (err != 0) {
		json_decref(what);
		return edit_failed(edit, err);
	}
	struct audit_entry entry = {.command = edit->args->command->name,
	    .revision = info.revision + 1,
	    .what = what};
	int status = commit_recorded(edit, &entry);
	json_decref(what);
	return status;
}
