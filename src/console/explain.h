/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* explain.h: the answer to a question mark. */
#pragma once

/* Explains what may stand at the end of the text of a command: the commands, one of them, or an
 * operand.  NULL: a question mark there is text like any other.  The caller frees it.
 */
char *umz_explain (const char *before_cursor);

/* All commands and the words of the console.  The caller frees it. */
char *umz_explain_all (void);
