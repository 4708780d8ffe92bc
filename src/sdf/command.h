/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* command.h: a command with all its operands. */
#pragma once

#include "sdf/spec.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct UmzOperand UmzOperand;

struct UmzOperand {
  UmzOperandKind kind;
  char *text;       /* owned.  C_STRING, CONDITION: as typed; CONSTANT: its full name, "*ALL"; else
                       in upper case, numbers as typed */
  char *original;   /* owned: text as it was typed, without quotes */
  int64_t integer;  /* INTEGER only, else 0 */
  bool is_default;  /* was not given, or an empty position */
  bool is_pattern;  /* text has wildcards, see pattern.h */
  bool is_implicit; /* was introduced by an operand of its structure, see keyword.h */
  UmzOperand *next; /* owned; of a list, in the order of the input */

  const UmzAlternative *alternative; /* which of the spec's it is */
  UmzOperand *members;               /* owned; of its structure, alternative->n_members */
};

/* Immutable.  Has a value for each operand of its spec. */
typedef struct UmzCommand UmzCommand;

/* A command without a value in any operand, all of which the parser then sets.  The caller frees
 * it.
 */
UmzCommand *umz_command_new (const UmzCommandSpec *spec);

void umz_command_free (UmzCommand *command);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzCommand, umz_command_free)

/* Lends spec->n_operands values in the order of the table; only the parser writes there. */
UmzOperand *umz_command_get_operands (const UmzCommand *command);

const UmzCommandSpec *umz_command_get_spec (const UmzCommand *command);

/* The full name, "MIGRATE-VM"; lives for ever. */
const char *umz_command_get_name (const UmzCommand *command);

/* Lends the value of the operand with this full name.  Asking for an operand that the command does
 * not have is a bug.
 */
const UmzOperand *umz_command_get (const UmzCommand *command, const char *operand_name);

/* The same of an operand's structure.  Asking for a member that the value has not is a bug. */
const UmzOperand *umz_operand_get (const UmzOperand *operand, const char *member_name);

/* Whether a name or pattern means this name, in any case; a constant means all. */
bool umz_operand_selects (const UmzOperand *operand, const char *name);
