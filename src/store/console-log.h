/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* console-log.h: what was said on the console of this SU. */
#pragma once

#include "store/store.h"

typedef struct {
  uint64_t number; /* grows by one */
  int64_t time_us; /* real time since the epoch */
  char *su;        /* where it was said */
  char *code;      /* "VMS2450", or "" for the echo of a command */
  GStrv inserts;   /* of the message; of an echo: the command's text alone */
  char *move;      /* id of the move it belongs to, or "" */
} UmzConsoleLine;

UmzConsoleLine *umz_console_line_new (const char *su, const char *code, const char *const *inserts,
                                      const char *move, int64_t time_us);
void umz_console_line_free (UmzConsoleLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzConsoleLine, umz_console_line_free)

/* Appends, and sets line->number. */
bool umz_store_append_console (UmzStore *store, UmzConsoleLine *line, GError **error);

/* Lines with number > after, of one move or (move NULL) of all, at most `limit`, the newest ones
 * when after is 0; in the order of their numbers. */
GPtrArray *umz_store_list_console (UmzStore *store, uint64_t after, const char *move,
                                   unsigned limit, GError **error);
