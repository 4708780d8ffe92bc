/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* place.h: where in a command its text ends, read with patience: the text need not be complete nor
 * right.
 */
#pragma once

#include "console/word.h"
#include "sdf/spec.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  UMZ_PLACE_COMMAND,  /* in the name of a command or of a word of the console */
  UMZ_PLACE_ARGUMENT, /* in the argument of such a word */
  UMZ_PLACE_OPERAND,  /* where an operand's name may stand, or a value by its position */
  UMZ_PLACE_VALUE,    /* behind NAME=, or in a list */
  UMZ_PLACE_TEXT,     /* in a comment or a condition: anything may stand here */
  UMZ_PLACE_NOWHERE,  /* behind something that is wrong, or a value that is complete */
} UmzPlaceKind;

typedef struct {
  UmzPlaceKind kind;
  const char *typed; /* the last word as far as it is there; borrowed from the text */
  bool is_quoted;    /* it stands in quotes that are still open; typed is what stands in them */

  const UmzWord *word;           /* ARGUMENT only, else NULL */
  const UmzCommandSpec *command; /* NULL: none is known */
  const UmzOperandSpec *specs;   /* OPERAND, VALUE: those of the command or structure */
  size_t n_specs;
  uint64_t given;                /* bit i: specs[i] has a value already */
  const UmzOperandSpec *operand; /* whose value may be meant; NULL: none is known */
  bool is_first;                 /* OPERAND: nothing stands before it */

  bool has_secret;      /* a secret value stands in the text */
  bool may_have_secret; /* so much is not understood that it cannot be said */
} UmzCursorPlace;

/* Reads the text of a command, or of its beginning up to the cursor; records are joined already. */
void umz_place_find (const char *text, UmzCursorPlace *ret_place);
