/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "console/record.h"

#include <string.h>

#define BLANKS " \t\r"

/* Without what stands behind the last sign that is no blank. */
static size_t
measure (const char *line)
{
  size_t length = strlen (line);
  while (length > 0 && strchr (BLANKS, line[length - 1]) != NULL)
    length--;
  return length;
}

bool
umz_record_is_continued (const char *line)
{
  size_t length = measure (line);
  return length > 0 && line[length - 1] == '-';
}

void
umz_record_append (GString *command, const char *line)
{
  if (command->len > 0) {
    line += strspn (line, BLANKS);
    line += *line == '/';
  }
  size_t length = umz_record_is_continued (line) ? measure (line) - 1 : strlen (line);
  g_string_append_len (command, line, (gssize) length);
}
