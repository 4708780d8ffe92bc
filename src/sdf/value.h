/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* value.h: one value as it was written, held against what an operand may be. */
#pragma once

#include "sdf/parse.h"
#include "sdf/spec.h"

#include <stdbool.h>

/* How a value was written. */
typedef enum {
  UMZ_QUOTES_NONE,
  UMZ_QUOTES_C, /* '...' or c'...' */
  UMZ_QUOTES_X, /* x'...' */
} UmzQuotes;

typedef enum {
  UMZ_FIT_NONE,
  UMZ_FIT_ONE,
  UMZ_FIT_AMBIGUOUS, /* abbreviates several constants */
} UmzFit;

/* Finds the alternative of spec that text is, and on UMZ_FIT_ONE sets alternative, kind, text,
 * integer and is_pattern of *ret_operand; the text is owned by it.  text has no quotes around it
 * any more.
 */
UmzFit umz_value_fit (const UmzOperandSpec *spec, const char *text, UmzQuotes quotes,
                      UmzOperand *ret_operand);

/* The constants of spec that word abbreviates, for a message: "*ALL, *ALLOW".  The caller frees
 * it.
 */
char *umz_value_dup_candidates (const UmzOperandSpec *spec, const char *word);
