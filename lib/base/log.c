/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { LINE_MAX_BYTES = 500 };

static struct {
	log_sink *sink;
	void *ctx;
	enum log_level most;
} target = {.most = LOG_LEVEL_INFO};

void
log_set(log_sink *sink, void *ctx, enum log_level most)
{
	target.sink = sink;
	target.ctx = ctx;
	target.most = most;
}

bool
log_wants(enum log_level level)
{
	return level <= target.most;
}

static void
to_stderr(enum log_level level, const char *line)
{
	static const char *const prefix[] = {"error: ", "warning: ", "", "debug: "};
	(void)fprintf(stderr, "%s%s\n", prefix[level], line);
}

void
log_line(enum log_level level, const char *format, ...)
{
	if (!log_wants(level)) {
		return;
	}
	char line[LINE_MAX_BYTES];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (target.sink != NULL) {
		target.sink(target.ctx, level, line);
	} else {
		to_stderr(level, line);
	}
}

bool
log_is_news(int *last, int err)
{
	bool news = err != *last;
	*last = err;
	return news;
}

bool
log_limit_pass(
    struct log_limit *limit, uint64_t now_ms, unsigned per_s, uint64_t *ret_withheld)
{
	uint64_t period_ms = 1000 / per_s;
	uint64_t next_ms = limit->next_ms > now_ms ? limit->next_ms : now_ms;
	if (next_ms > now_ms + 1000 - period_ms) {
		limit->withheld++;
		return false;
	}
	*ret_withheld = limit->withheld;
	limit->withheld = 0;
	limit->next_ms = next_ms + period_ms;
	return true;
}

void
log_limited(struct log_limit *limit, uint64_t now_ms, unsigned per_s,
    enum log_level level, const char *format, ...)
{
	uint64_t withheld;
	if (!log_wants(level) || !log_limit_pass(limit, now_ms, per_s, &withheld)) {
		return;
	}
	char line[LINE_MAX_BYTES];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (withheld > 0) {
		log_line(level, "%s (%" PRIu64 " more)", line, withheld);
	} else {
		log_line(level, "%s", line);
	}
}
