/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/status/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What every terminal since the VT100 knows, and xterm's second screen, which those without
 * it pass over. */
#define ESC        "\033["
#define ENTER      ESC "?1049h" ESC "?25l" ESC "?7l"
#define LEAVE      ESC "0m" ESC "?7h" ESC "?25h" ESC "?1049l"
#define HOME       ESC "H"
#define END_LINE   ESC "0m" ESC "K"
#define END_SCREEN ESC "J"

enum { ROWS_UNKNOWN = 24 };

bool
screen_is_there(void)
{
	const char *term = getenv("TERM");
	return isatty(STDOUT_FILENO) == 1 && term != NULL && term[0] != '\0' &&
	    strcmp(term, "dumb") != 0;
}

bool
screen_has_colour(void)
{
	const char *no = getenv("NO_COLOR");
	return screen_is_there() && (no == NULL || no[0] == '\0');
}

/* A terminal that is gone says so by a signal. */
static void
put(const char *bytes, size_t len)
{
	(void)fwrite(bytes, 1, len, stdout);
	(void)fflush(stdout);
}

void
screen_enter(void)
{
	put(ENTER, strlen(ENTER));
}

void
screen_leave(void)
{
	put(LEAVE, strlen(LEAVE));
}

static unsigned
screen_rows(void)
{
	struct winsize size;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1
	    ? size.ws_row
	    : ROWS_UNKNOWN;
}

static unsigned
count_lines(const char *text, size_t len)
{
	unsigned lines = 0;
	for (size_t i = 0; i < len; i++) {
		lines += text[i] == '\n' ? 1 : 0;
	}
	return lines;
}

/* The last row stays free of a newline, which would scroll. */
static void
compose(FILE *frame, const char *text, size_t len)
{
	unsigned rows = screen_rows();
	unsigned lines = count_lines(text, len);
	unsigned shown = lines < rows ? lines : rows - 1;
	(void)fputs(HOME, frame);
	for (unsigned i = 0; i < shown; i++) {
		const char *end = memchr(text, '\n', len);
		size_t line = end != NULL ? (size_t)(end - text) : len;
		(void)fprintf(frame, "%.*s" END_LINE "\r\n", (int)line, text);
		text += line + 1;
		len -= line + 1;
	}
	if (shown < lines) {
		(void)fprintf(frame, "... %u more lines" END_LINE, lines - shown);
	}
	(void)fputs(END_SCREEN, frame);
}

void
screen_draw(const char *text, size_t len)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *frame = open_memstream(&bytes, &size);
	if (frame == NULL) {
		return;
	}
	compose(frame, text, len);
	if (fclose(frame) == 0) {
		put(bytes, size);
	}
	free(bytes);
}
