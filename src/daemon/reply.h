/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reply.h: what a command answers, while it is made. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "daemon/app.h"
#include "sdf/parse.h"

/* The answer to a command: what is printed, and VM2000's return code. */
typedef struct {
  UmzApp *app; /* borrowed */
  UmzLang language;
  const char *operator_name; /* borrowed */
  bool is_administrator;
  GStrvBuilder *lines; /* owned */
  unsigned sc2, sc1;
  char maincode[8];
  char *move_id; /* owned; of the move that was begun, or NULL */
} UmzReply;

/* Adds a message; the notice is taken. */
void umz_reply_say (UmzReply *reply, UmzNotice *notice);

/* Adds a line of output, with "% " before it. */
void umz_reply_print (UmzReply *reply, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Sets the return code. */
void umz_reply_end (UmzReply *reply, unsigned sc2, unsigned sc1, const char *maincode);

/* Says the error and ends with it (SC1 = 64). */
void umz_reply_fail (UmzReply *reply, const GError *error);

/* Finds the VM that an operand names, its index set; NULL: said and ended. */
UmzVm *umz_reply_find_vm (UmzReply *reply, const UmzOperand *operand);
