/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/audit.h"

#include "lib/base/err.h"
#include "lib/own/own.h"
#include "lib/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define AUDIT_FILE "audit.log"
enum { TIME_TEXT = sizeof("9999-12-31T23:59:59Z") };

struct audit {
	int fd;
};

static int
open_log(const char *journal_dir, int *ret_fd)
{
	int err = own_folder(journal_dir);
	if (err != 0) {
		return err;
	}
	int folder_fd = open(journal_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd < 0) {
		return err_of_errno(errno);
	}
	err = own_file(folder_fd, AUDIT_FILE);
	if (err == 0) {
		*ret_fd = openat(folder_fd, AUDIT_FILE,
		    O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
		err = *ret_fd >= 0 ? 0 : err_of_errno(errno);
	}
	(void)close(folder_fd);
	return err;
}

int
audit_open(const char *journal_dir, struct audit **ret)
{
	struct audit *audit = calloc(1, sizeof(*audit));
	if (audit == NULL) {
		return -ENOMEM;
	}
	int err = open_log(journal_dir, &audit->fd);
	if (err != 0) {
		free(audit);
		return err;
	}
	*ret = audit;
	return 0;
}

void
audit_close(struct audit *audit)
{
	if (audit != NULL) {
		(void)close(audit->fd);
		free(audit);
	}
}

static char *
time_format(time_t now, char dst[static TIME_TEXT])
{
	struct tm tm;
	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(dst, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
		dst[0] = '\0';
	}
	return dst;
}

static char *
entry_line(const struct audit_entry *entry)
{
	char when[TIME_TEXT];
	char user[AUDIT_USER];
	json_t *line = json_pack("{s:s, s:s, s:s, s:I}", "time",
	    time_format(time(NULL), when), "user", audit_user(user), "command",
	    entry->command, "revision", (json_int_t)entry->revision);
	bool whole = json_object_update(line, entry->what) == 0 &&
	    json_object_set_new(line, "error",
		entry->error != NULL ? json_string(entry->error) : json_null()) == 0;
	char *text = whole ? json_dumps(line, JSON_COMPACT) : NULL;
	json_decref(line);
	return text;
}

int
audit_write(struct audit *audit, const struct audit_entry *entry)
{
	char *text = entry_line(entry);
	if (text == NULL) {
		return -ENOMEM;
	}
	size_t len = strlen(text);
	text[len] =
	    '\n'; /* one write() of the whole line, so that lines of two do not mix */
	ssize_t done = write(audit->fd, text, len + 1);
	int err = done < 0 ? -errno : (size_t)done <= len ? -ENOSPC : 0;
	free(text);
	return err;
}

int
audit_sync(struct audit *audit)
{
	return fdatasync(audit->fd) == 0 ? 0 : -errno;
}

char *
audit_user(char dst[static AUDIT_USER])
{
	const struct passwd *pw = getpwuid(getuid());
	const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	const char *name = sudo != NULL ? sudo : pw != NULL ? pw->pw_name : NULL;
	if (name != NULL) {
		(void)text_escape(dst, AUDIT_USER, name, strlen(name));
	} else {
		(void)snprintf(dst, AUDIT_USER, "%ld", (long)getuid());
	}
	return dst;
}
