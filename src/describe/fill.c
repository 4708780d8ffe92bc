/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "describe/fill.h"

#include <string.h>

#define COLUMNS_MAX 80

static size_t
get_column (const GString *out)
{
  const char *newline = strrchr (out->str, '\n');
  return newline != NULL ? strlen (newline + 1) : out->len;
}

void
umz_describe_fill (GString *out, char *const *items, const char *separator, const char *next_line)
{
  for (char *const *item = items; *item != NULL; item++) {
    if (item > items && get_column (out) + strlen (separator) + strlen (*item) > COLUMNS_MAX)
      g_string_append_printf (out, "\n%s", next_line);
    else if (item > items)
      g_string_append (out, separator);
    g_string_append (out, *item);
  }
}
