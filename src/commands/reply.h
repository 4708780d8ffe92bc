/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reply.h: what a command answers, while it is made: lines for people, and the same as data. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "sdf/parse.h"
#include "su/app.h"

/* The answer to a command, and who asks. */
typedef struct {
  UmzApp *app; /* borrowed */
  UmzLang language;
  const char *operator_name; /* borrowed */
  bool is_administrator;
  const char *resume; /* borrowed: from an earlier answer to the same command; "" the first time */

  const char *command;   /* its full name, or what was typed instead; borrowed */
  GStrvBuilder *lines;   /* owned */
  JsonBuilder *messages; /* owned; in an open array */
  JsonBuilder *data;     /* owned; in an open array: an object for each thing shown */
  unsigned sc2, sc1;
  char maincode[8];
  char *move_id;       /* owned; of the move that was begun, or NULL */
  unsigned again_ms;   /* not done yet: to be given again after so long; 0: done */
  char *resume_answer; /* owned; goes along then */
} UmzReply;

/* Ends with CMD0001 unless something else is said.  What is borrowed has to outlive it. */
UmzReply *umz_reply_new (UmzApp *app, const char *operator_name, UmzLang language);
void umz_reply_free (UmzReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzReply, umz_reply_free)

/* The answer of the API; ends the reply. */
JsonNode *umz_reply_to_json (UmzReply *reply);

/* Adds a message; the notice is taken. */
void umz_reply_say (UmzReply *reply, UmzNotice *notice);

/* Adds a line of output, with "% " before it; raw: as it is. */
void umz_reply_print (UmzReply *reply, const char *format, ...) G_GNUC_PRINTF (2, 3);
void umz_reply_print_raw (UmzReply *reply, const char *line);

/* Sets the return code. */
void umz_reply_end (UmzReply *reply, unsigned sc2, unsigned sc1, const char *maincode);

/* Says the message, which is taken, or the error, and ends with it (SC1 = 64). */
void umz_reply_reject (UmzReply *reply, UmzNotice *notice);
void umz_reply_fail (UmzReply *reply, const GError *error);

/* The same command is to be given again after so long; resume is taken. */
void umz_reply_again (UmzReply *reply, unsigned again_ms, char *resume);
