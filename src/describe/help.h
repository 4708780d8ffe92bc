/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* help.h: commands and operands, explained to who types them. */
#pragma once

#include "sdf/spec.h"

/* All texts are lines with their newlines; the caller frees them. */

/* Each command and its summary.  80 columns. */
char *umz_describe_overview (void);

/* One command: what it does, its form as in the manual, its operands, and how the shell spells it.
 * 80 columns.
 */
char *umz_describe_command (const UmzCommandSpec *spec);

/* One operand, in two lines or a few more: its name and what it takes; what it means, and the
 * default.
 */
char *umz_describe_operand (const UmzOperandSpec *spec);

/* "The VM, by index or name. Mandatory." or "... Default *UNIQUE.", without a newline: what it is,
 * and what holds if it is left out.  A member is mandatory if its structure is given.
 */
char *umz_describe_meaning (const UmzOperandSpec *spec);
