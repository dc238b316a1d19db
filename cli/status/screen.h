/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Standard output where it is a terminal. */

/* True for a terminal that knows how to move its cursor. */
bool screen_is_there(void);

/* True when colours are welcome: such a terminal, and no NO_COLOR (no-color.org). */
bool screen_has_colour(void);

/* The terminal's second screen, without cursor and without wrapping; leave brings back what was
 * there before. */
void screen_enter(void);
void screen_leave(void);

/* Puts lines of text in place of what is shown, in one write; of more lines than fit, the
 * first, and how many more there are. */
void screen_draw(const char *text, size_t len);
