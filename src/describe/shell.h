/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shell.h: how a command is spelt in the shell, and what umzug knows besides the commands.
 *
 *   umzug migrate-vm VM12PROD --server-unit-name ABGSE701 --wait
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "sdf/spec.h"

/* An option of umzug or of one of its subcommands. */
typedef struct {
  const char *name;       /* "--language" */
  const char *short_name; /* "-L", or NULL */
  const char *value;      /* what it takes, "LANG"; NULL: nothing.  "VM" is the name of one, "PATH"
                             one of a file */
  const char *words;      /* the values to choose from, "en de"; or NULL */
  const char *summary;
} UmzShellOption;

typedef struct {
  const char *name;
  const char *words; /* what may stand behind it, "init issue"; or NULL */
  const UmzShellOption *options;
  size_t n_options;
  const char *summary;
} UmzSubcommand;

/* Those that may stand anywhere, and the subcommands.  The tables live for ever. */
const UmzShellOption *umz_shell_get_options (size_t *ret_n_options);
const UmzSubcommand *umz_shell_get_subcommands (size_t *ret_n_subcommands);

/* The operands that have an option: all of the command itself, and those members of structures
 * whose name is unique in the command; but none with the name of an option of umzug, which wins.
 * Elements are const UmzOperandSpec *; the caller unrefs it.
 */
GPtrArray *umz_shell_list_operands (const UmzCommandSpec *command);

/* "migrate-vm"; the caller frees it. */
char *umz_shell_dup_command (const UmzCommandSpec *command);

/* "--server-unit-name"; the caller frees it. */
char *umz_shell_dup_option (const UmzOperandSpec *spec);

/* The constants of the operand; the caller frees it. */
GStrv umz_shell_dup_constants (const UmzOperandSpec *spec);

/* "VM" if the operand takes one by its name, else "VALUE". */
const char *umz_shell_get_value (const UmzOperandSpec *spec);

/* "cancel-vm-migration" ... "log" ..., joined by the separator; the caller frees it. */
char *umz_shell_dup_first_words (const char *separator);

/* { "umzug", "migrate-vm", "VM-IDENTIFICATION", "[--server-unit-name VALUE]", ... }; the caller
 * frees it.
 */
GStrv umz_shell_dup_usage (const UmzCommandSpec *command);
