/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* record.h: commands that go over several lines, each but the last one ending with '-'. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Whether another line belongs to the command. */
bool umz_record_is_continued (const char *line);

/* Joins a line to what is there of its command, as SDF does: the hyphen at its end falls out, and
 * so do blanks and slash at the beginning of every line but the first.
 */
void umz_record_append (GString *command, const char *line);
