/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* echo.h: a command as text again. */
#pragma once

#include "sdf/command.h"

/* Appends text as a c-string: in quotes, with the quotes inside doubled. */
void umz_sdf_append_quoted (GString *text, const char *value);

/* The command in full names with the operands that were given, for logs and the echo on a console;
 * secrets are replaced by "P".  The caller frees it.
 */
char *umz_command_dup_echo (const UmzCommand *command);
