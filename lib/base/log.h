/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Receives each line, without a newline; called from any thread. */
typedef void log_sink(void *ctx, enum log_level level, const char *line);

/* Sends every later line of at least this importance to sink; NULL means stderr. Called
 * once, before threads start: the sink is one of the house's two mutable globals. */
void log_set(log_sink *sink, void *ctx, enum log_level most);

/* True when a line of this level would be written: lets a caller skip its formatting. */
bool log_wants(enum log_level level);

/* One event, one line of at most 500 bytes. Outside text goes through text_escape() first. */
void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* True when err, 0 or an error code, is another than *last, which it then becomes: for what is
 * tried again and again and said once. */
bool log_is_news(int *last, int err);

/* Lets so many lines through per second, for lines that a packet can cause. Zeroed to start. */
struct log_limit {
	uint64_t next_ms;  /* monotonic time of the next line when they come evenly */
	uint64_t withheld; /* lines not written since the last that was */
};

/* True when a line may be written at now_ms (monotonic): per_s (1..1000) a second, which may
 * come at once. *ret_withheld is then how many were not, and counting starts again. Not for
 * concurrent use. */
bool log_limit_pass(
    struct log_limit *limit, uint64_t now_ms, unsigned per_s, uint64_t *ret_withheld);

/* log_line(), if a line of this level is wanted and may be written now; it then ends in how
 * many were withheld before it: " (N more)". */
void log_limited(struct log_limit *limit, uint64_t now_ms, unsigned per_s,
    enum log_level level, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
