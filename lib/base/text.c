/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/text.h"

#include "lib/base/err.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static unsigned char
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

/* One byte as it may stand in a line; returns its length, 1..4. */
static size_t
escape_byte(char dst[static 5], unsigned char c)
{
	if (c == '\\') {
		memcpy(dst, "\\\\", 2);
		return 2;
	}
	if (c >= 0x20 && c < 0x7f) {
		dst[0] = (char)c;
		return 1;
	}
	(void)snprintf(dst, 5, "\\x%02x", c);
	return 4;
}

char *
text_escape(char *dst, size_t room, const void *src, size_t len)
{
	const unsigned char *p = src;
	size_t at = 0;
	size_t cut = 0; /* the last place where "..." and the NUL still fit */
	for (size_t i = 0; i < len; i++) {
		char piece[5];
		size_t piece_len = escape_byte(piece, p[i]);
		if (at + 4 <= room) {
			cut = at;
		}
		if (at + piece_len + 1 > room) {
			memcpy(dst + cut, "...", 4);
			return dst;
		}
		memcpy(dst + at, piece, piece_len);
		at += piece_len;
	}
	dst[at] = '\0';
	return dst;
}

int
text_casecmp(const char *a, const char *b)
{
	while (*a != '\0' && lower((unsigned char)*a) == lower((unsigned char)*b)) {
		a++;
		b++;
	}
	return lower((unsigned char)*a) - lower((unsigned char)*b);
}

char *
text_copy(char *dst, size_t room, const char *src)
{
	size_t len = strnlen(src, room - 1);
	memcpy(dst, src, len);
	dst[len] = '\0';
	return dst;
}

char *
text_lower(char *dst, size_t room, const char *src)
{
	size_t i = 0;
	for (; i + 1 < room && src[i] != '\0'; i++) {
		dst[i] = (char)lower((unsigned char)src[i]);
	}
	dst[i] = '\0';
	return dst;
}

int
text_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	if (*text == '\0' || (text[0] == '0' && text[1] != '\0')) {
		return ERR_MALFORMED;
	}
	for (const char *p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9') {
			return ERR_MALFORMED;
		}
		unsigned digit = (unsigned)(*p - '0');
		if (value > (UINT64_MAX - digit) / 10) {
			return ERR_RANGE;
		}
		value = value * 10 + digit;
	}
	if (value < min || value > max) {
		return ERR_RANGE;
	}
	*ret = value;
	return 0;
}

static const struct {
	const char *suffix;
	uint32_t ms;
} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}};

int
text_duration(const char *text, uint32_t *ret_ms)
{
	const uint64_t day_ms = 86400000;
	char digits[12];
	size_t count = strspn(text, "0123456789");
	if (count == 0 || count >= sizeof(digits)) {
		return ERR_MALFORMED;
	}
	memcpy(digits, text, count);
	digits[count] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t value;
		if (strcmp(text + count, units[i].suffix) != 0) {
			continue;
		}
		int ret = text_u64(digits, 0, day_ms / units[i].ms, &value);
		if (ret == 0) {
			*ret_ms = (uint32_t)value * units[i].ms;
		}
		return ret;
	}
	return ERR_MALFORMED;
}

char *
text_duration_format(uint32_t ms, char dst[static TEXT_DURATION])
{
	size_t unit = sizeof(units) / sizeof(units[0]) - 1;
	while (ms % units[unit].ms != 0 || (ms == 0 && unit > 0)) {
		unit--;
	}
	(void)snprintf(
	    dst, TEXT_DURATION, "%u%s", ms / units[unit].ms, units[unit].suffix);
	return dst;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

char *
text_time_format(int64_t ms, char dst[static TEXT_TIME])
{
	enum { MS = 1000, FIRST_YEAR = 1000, LAST_YEAR = 9999, TM_YEAR = 1900 };
	unsigned part_ms = (unsigned)((ms % MS + MS) % MS);
	time_t s = (time_t)(ms / MS - (ms % MS < 0 ? 1 : 0));
	struct tm tm;
	char whole[sizeof("YYYY-MM-DDTHH:MM:SS")];
	if (gmtime_r(&s, &tm) == NULL || tm.tm_year < FIRST_YEAR - TM_YEAR ||
	    tm.tm_year > LAST_YEAR - TM_YEAR ||
	    strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
		dst[0] = '\0';
		return dst;
	}
	(void)snprintf(dst, TEXT_TIME, "%s.%03uZ", whole, part_ms % MS);
	return dst;
}

bool
text_is_name(const char *text, size_t max)
{
	size_t len = 0;
	for (; text[len] != '\0'; len++) {
		bool inner = text[len] == '.' || text[len] == '_' || text[len] == '-';
		if (len == max || !(is_alnum(text[len]) || (len > 0 && inner))) {
			return false;
		}
	}
	return len > 0;
}

static bool
same(const char *a, const char *b)
{
	return lower((unsigned char)*a) == lower((unsigned char)*b);
}

enum { NEAR_MAX = 63 /* bytes; longer names are far away */ };

/* How many letters must be added, dropped, changed, or swapped with their neighbour to make b
 * of a, case folded (optimal string alignment). */
static unsigned
distance(const char *a, const char *b)
{
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);
	unsigned rows[3][NEAR_MAX + 1];
	if (a_len > NEAR_MAX || b_len > NEAR_MAX) {
		return NEAR_MAX + 1;
	}
	for (unsigned j = 0; j <= b_len; j++) {
		rows[0][j] = j;
	}
	for (unsigned i = 1; i <= a_len; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i - 1) % 3];
		const unsigned *second = rows[(i + 1) % 3];
		row[0] = i;
		for (unsigned j = 1; j <= b_len; j++) {
			const char *p = a + i - 1;
			const char *q = b + j - 1;
			unsigned best = above[j - 1] + (same(p, q) ? 0 : 1);
			best = above[j] + 1 < best ? above[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			bool swapped =
			    i > 1 && j > 1 && same(p, q - 1) && same(p - 1, q);
			bool swap = swapped && second[j - 2] + 1 < best;
			row[j] = swap ? second[j - 2] + 1 : best;
		}
	}
	return rows[a_len % 3][b_len];
}

const char *
text_nearest(const char *text, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	unsigned best = 3;
	for (size_t i = 0; i < count; i++) {
		unsigned d = distance(text, names[i]);
		if (d < best && 2 * d < strlen(text)) {
			best = d;
			nearest = names[i];
		}
	}
	return nearest;
}
