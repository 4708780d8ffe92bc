/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* request.h: a request of either face, and its answer, without the HTTP around them. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <stdbool.h>
#include <sys/types.h>

#include "daemon/guest-console.h"
#include "su/app.h"

typedef struct {
  UmzApp *app;                      /* borrowed */
  UmzGuestConsoles *guest_consoles; /* borrowed */
  const char *method;               /* "GET"; interned */
  char *path;                       /* owned */
  GHashTable *query;                /* a reference; NULL: none */
  GBytes *body;                     /* a reference */
  char *peer;                       /* owned; SU on the control port, "" if it is none of ours */
  uid_t uid;                        /* local socket */
  bool is_operator;                 /* found out while it is answered: he may do everything */
  JsonNode *answer;                 /* owned */
  unsigned status;                  /* of HTTP */
} UmzRequest;

void umz_request_clear (UmzRequest *request);

/* Answers with the notice, which is taken. */
void umz_request_fail (UmzRequest *request, unsigned status, UmzNotice *notice);

/* There is no room for this caller now. */
void umz_request_refuse (UmzRequest *request);

/* Lends the text behind "NAME=" in the query; NULL: it is not there. */
const char *umz_request_get_query (const UmzRequest *request, const char *name);

/* The body as an object; NULL with UMZ0310.  The caller frees it. */
JsonNode *umz_request_parse_body (const UmzRequest *request, GError **error);
