/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fill.h: lines of at most 80 columns. */
#pragma once

#include <glib.h>

/* Appends the items, which end with NULL, behind what stands in the last line of out.  Between two
 * of them stands the separator; where the line would become too long, a newline and next_line.  An
 * item is never broken.
 */
void umz_describe_fill (GString *out, char *const *items, const char *separator,
                        const char *next_line);
