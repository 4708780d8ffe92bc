/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* condition.h: a condition over job variables, as WAIT-EVENT takes it.
 *
 *   condition = term {OR term}        term = factor {AND factor}        XOR is not taken
 *   factor    = NOT factor | '(' condition ')' | side relation side
 *   side      = name | '(' name [',' position [',' length]] ')' | ['c'] 'text' | x'hex digits'
 *   relation  = '=' | '<>' | '<' | '<=' | '>' | '>='
 *
 * Of two sides the shorter one is filled up with blanks, and they are compared byte by byte.  One
 * side at least names a job variable.  Source: JV V15, "conditional expressions".
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct UmzCondition UmzCondition; /* immutable */

/* UMZ0038 names the column in the condition, what was read and what is expected. */
UmzCondition *umz_condition_parse (const char *text, GError **error);
void umz_condition_free (UmzCondition *condition);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzCondition, umz_condition_free)

/* The names of all job variables in it, in upper case, each once; lent, NULL-terminated. */
const char *const *umz_condition_get_names (const UmzCondition *condition);

/* Gives the UMZ_MONJV_BYTES bytes of a job variable that the condition names; they stay until the
 * evaluation is over.
 */
typedef const char *(*UmzConditionLookUp) (const char *name, void *data);

bool umz_condition_is_true (const UmzCondition *condition, UmzConditionLookUp look_up, void *data);
