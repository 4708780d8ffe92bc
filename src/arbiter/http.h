/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* http.h: one request to a server, bounded in time and size whatever that server does. */
#pragma once

#include <gio/gio.h>

/* Of the body; libsoup takes no larger head either. */
#define UMZ_HTTP_ANSWER_BYTES_MAX (64 * 1024)

typedef struct {
  GTlsDatabase *ca;             /* owned; NULL: what the system trusts */
  GTlsCertificate *certificate; /* owned; NULL: none is shown */
} UmzHttpTls;

/* POSTs JSON to endpoint, "http://host:port" or "https://host:port", with the path behind it.
 * Returns the body of the answer, whatever its status.  Errors: UMZ0240 there was none within
 * UMZ_ARBITER_LIMIT_S, UMZ0241 it is not HTTP, too large or cut off in its head.  A body that was
 * cut off is returned like any other: only who knows its form can tell.
 */
GBytes *umz_http_post (const UmzHttpTls *tls, const char *endpoint, const char *path,
                       const char *body, unsigned *ret_status, GError **error);
