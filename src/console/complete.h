/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* complete.h: what may stand where the cursor is. */
#pragma once

#include <glib.h>

#include "console/place.h"

/* Names that only umzugd knows. */
typedef enum {
  UMZ_NAMES_NONE,
  UMZ_NAMES_VM,
  UMZ_NAMES_SU,
  UMZ_NAMES_JV,
} UmzNames;

typedef struct {
  char *typed;           /* owned; what a candidate takes the place of, with its opening quote */
  UmzNames names;        /* may stand here, too: see umz_completion_add_names() */
  GPtrArray *candidates; /* owned, of owned texts, with "=", "(" or blank where one must follow */
  bool may_be_bare;      /* a name may stand without quotes, if its signs allow that */
  bool may_be_quoted;
} UmzCompletion;

/* Of the text of a command up to the cursor; records are joined already.  Abbreviations of SDF
 * count.  What an operand takes is known from the table of commands.
 */
UmzCompletion *umz_complete (const char *before_cursor);
void umz_completion_free (UmzCompletion *completion);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzCompletion, umz_completion_free)

/* Adds those names that begin as was typed, in quotes if they need them. */
void umz_completion_add_names (UmzCompletion *completion, const char *const *names);

/* What may safely be put in the place of completion->typed: what all candidates begin with.  NULL
 * if that is nothing new.  The caller frees it.
 */
char *umz_completion_dup_common (const UmzCompletion *completion);

/* The candidates in columns, at most UMZ_COMPLETION_LISTED_MAX of them, for a terminal that is so
 * wide.  The caller frees it.
 */
#define UMZ_COMPLETION_LISTED_MAX 200
char *umz_completion_dup_list (const UmzCompletion *completion, size_t n_columns);

/* Whether the word, perhaps cut short, may become this name: each of its parts begins the part of
 * the name; an empty part begins all.
 */
bool umz_complete_fits (const char *word, const char *name);
