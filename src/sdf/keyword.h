/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keyword.h: which operand a keyword means.
 *
 * SDF lets the operand of a structure be given outside of it, if no operand of that level is called
 * so and only one structure below has it: the value that the structure belongs to is then meant as
 * well (SDF-A: STRUCTURE-IMPLICIT).  WAIT-EVENT CONDITION=... is WAIT-EVENT
 * UNTIL=*JV(CONDITION=...).
 */
#pragma once

#include "sdf/spec.h"

#define UMZ_SDF_DEPTH_MAX 4 /* of structures in each other; the table is checked against it */

typedef struct {
  size_t depth; /* how many structures the keyword introduces */
  struct {
    size_t operand;                    /* whose value it is */
    const UmzAlternative *alternative; /* with the structure */
  } steps[UMZ_SDF_DEPTH_MAX];
  size_t operand; /* the one that is meant, in the last structure, or of the command itself */
  const UmzOperandSpec *spec;
} UmzKeywordPath;

/* How many operands the word stands for, exactly or abbreviated; *ret_path is set when it is one.
 */
size_t umz_sdf_find_keyword (const UmzOperandSpec *specs, size_t n, const char *word,
                             UmzKeywordPath *ret_path);

/* The names that it stands for, "A, B".  The caller frees it. */
char *umz_sdf_dup_keyword_candidates (const UmzOperandSpec *specs, size_t n, const char *word);
