/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-table.h: the table of commands as the tests read it, and what they look for in a text.
 *
 * The walk is made here a second time on purpose: if that of the room forgets something, a test
 * must see it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "sdf/spec.h"

/* An operand, or a member of a structure at any depth. */
typedef struct {
  const UmzCommandSpec *command;
  const UmzOperandSpec *spec;
  bool is_member;
} UmzTestOperand;

/* All of the table; elements are UmzTestOperand.  The caller unrefs it. */
GArray *umz_test_list_operands (void);

/* Whether the command has an operand or member of this name in any case, and whether one of them
 * has the constant.
 */
bool umz_test_has_operand (const UmzCommandSpec *command, const char *name);
bool umz_test_has_constant (const UmzCommandSpec *command, const char *constant);

/* Whether more than one operand or member of the command has this name. */
bool umz_test_is_ambiguous (const UmzCommandSpec *command, const char *name);

/* "--server-unit-name"; the caller frees it. */
char *umz_test_dup_option (const UmzOperandSpec *spec);

/* Whether the word stands in the text, with nothing beside it that could be a part of it. */
bool umz_test_has_word (const char *text, const char *word);

/* The text from the first `begin` up to the next `end`, without both; fails the test if there is
 * none.  The caller frees it.
 */
char *umz_test_dup_section (const char *text, const char *begin, const char *end);

/* What the first group of the expression matches, each time; the caller frees it. */
GStrv umz_test_dup_matches (const char *text, const char *expression);

/* What a program writes to standard output.  It must write nothing else, and end with 0. */
char *umz_test_dup_output (const char *const *argv);

/* The path of a new file with this text; the caller removes and frees it. */
char *umz_test_write_file (const char *text);
