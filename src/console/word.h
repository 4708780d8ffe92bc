/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* word.h: the words that the console itself understands, besides the commands.
 *
 * They are never cut short, so that they hide no command.
 */
#pragma once

#include <stddef.h>

typedef enum {
  UMZ_ARGUMENT_NONE,
  UMZ_ARGUMENT_COMMAND, /* a command's name, or nothing */
  UMZ_ARGUMENT_LANGUAGE,
  UMZ_ARGUMENT_VM,
} UmzArgument;

typedef enum {
  UMZ_WORD_END,
  UMZ_WORD_EXIT,
  UMZ_WORD_GUEST,
  UMZ_WORD_HELP,
  UMZ_WORD_LANGUAGE,
} UmzWordId;

typedef struct {
  UmzWordId id;
  const char *name;
  UmzArgument argument;
  const char *summary; /* English, one line */
} UmzWord;

/* All of them, sorted by name.  The table lives for ever. */
const UmzWord *umz_word_get_all (size_t *ret_n_words);

/* The word of this full name, in any case; NULL if there is none. */
const UmzWord *umz_word_find (const char *name);

/* The word that the line gives, with or without '/', and its argument ("" for none), which the
 * caller frees; NULL if it is a command.
 */
const UmzWord *umz_word_parse (const char *line, char **ret_argument);
