/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spec.h: what a command looks like, as data.
 *
 * The table in commands.c is the language.  The parser, the help, the completion and the manual
 * are made from it, so they cannot disagree.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SDF's data types, as far as our commands use them. */
typedef enum {
  UMZ_OPERAND_CONSTANT,      /* *ALL */
  UMZ_OPERAND_INTEGER,       /* 12, -3 */
  UMZ_OPERAND_NAME,          /* A-Z 0-9 $ # @, no digit first */
  UMZ_OPERAND_ALPHANUM_NAME, /* the same, a digit may come first */
  UMZ_OPERAND_COMPOSED_NAME, /* the same with . and - between parts, a digit may come first */
  UMZ_OPERAND_FILENAME,      /* [:cat:][$user.]name */
  UMZ_OPERAND_C_STRING,      /* 'text' or c'text', a quote inside is doubled */
  UMZ_OPERAND_X_STRING,      /* x'0123ABCD' */
  UMZ_OPERAND_X_TEXT,        /* 0123ABCD */
  UMZ_OPERAND_CAT_ID,        /* A-Z 0-9, not beginning with PUB */
  UMZ_OPERAND_CONDITION,     /* about job variables, see jobvar/condition.h; the only alternative */
} UmzOperandKind;

typedef struct UmzOperandSpec UmzOperandSpec;

/* One of the values that an operand may have. */
typedef struct {
  UmzOperandKind kind;
  const char *constant; /* CONSTANT only: with its star, in upper case */
  int64_t from, to;     /* INTEGER: the values; the other variable types: characters (X_STRING:
                           digits) */
  int64_t wild_to;      /* NAME, ALPHANUM_NAME: also a pattern of so many characters; 0: none */

  /* The structure that may follow in parentheses; left out, its operands take their defaults. */
  const UmzOperandSpec *members; /* in their positions */
  size_t n_members;
  bool may_be_omitted; /* CONSTANT with a structure: its parentheses alone mean it */
} UmzAlternative;

struct UmzOperandSpec {
  const char *name;
  const char *default_value; /* a constant of this operand; NULL if the operand is mandatory */
  bool is_secret;            /* never repeated in a message or an echo */
  size_t list_max;           /* of values in parentheses; 0: no list */
  const UmzAlternative *alternatives;
  size_t n_alternatives;
  const char *summary; /* English, one line */
};

typedef struct {
  const char *name;
  const UmzOperandSpec *operands; /* in their positions */
  size_t n_operands;
  const char *summary; /* English, one line */
} UmzCommandSpec;

/* All commands, sorted by name.  The table lives for ever. */
const UmzCommandSpec *umz_sdf_get_commands (size_t *ret_n_commands);

/* How the manual writes what the operand takes: "*UNIQUE / <composed-name 1..64>".  The caller
 * frees it.
 */
char *umz_operand_spec_dup_syntax (const UmzOperandSpec *spec);

/* How well a word stands for a name of subnames joined by '-'.  Case is ignored. */
typedef enum {
  UMZ_MATCH_NONE,
  UMZ_MATCH_ABBREVIATION, /* subnames cut short, trailing subnames left out */
  UMZ_MATCH_EXACT,        /* wins over every abbreviation */
} UmzMatch;

UmzMatch umz_sdf_match_name (const char *word, const char *name);

/* The command that a word means; NULL if it is none or several. */
const UmzCommandSpec *umz_sdf_find_command (const char *word);
