/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* http.c: a POST by libsoup, all of it in the calling thread and within the deadline.
 *
 * Left to itself libsoup asks for our certificate in the main loop of the program, and if that does
 * not run nothing ends the question; and over HTTP/2 libsoup 3.2 stumbles when a server takes back
 * the connection at once, as etcd does when it does not like our certificate.  So GIO is given the
 * certificate before the handshake, and HTTP/1.1 is all that is offered.
 *
 * A session lasts for one request: nothing is shared, nothing can be stale, and no timer of it is
 * left to the main loop.
 */
#include "arbiter/http.h"

#include <errno.h>
#include <libsoup/soup.h>
#include <stdbool.h>
#include <string.h>

#include "arbiter/arbiter.h"
#include "base/deadline.h"
#include "base/stream.h"
#include "messages/catalogue.h"

/* The name in the certificate has to be the one in the URL, which is the default.  No proxy:
 * whoever answers is the one who was asked.
 */
static SoupSession *
make_session (const UmzHttpTls *tls)
{
  SoupSession *session =
    soup_session_new_with_options ("proxy-resolver", NULL, "idle-timeout", 0, NULL);
  if (tls->ca != NULL)
    soup_session_set_tls_database (session, tls->ca);
  soup_session_set_user_agent (session, "umzugd/" UMZ_VERSION);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  return session;
}

static void
prepare_handshake (SoupMessage *message, GSocketClientEvent event, GIOStream *stream, gpointer data)
{
  static const char *const protocols[] = { "http/1.1", NULL };
  const UmzHttpTls *tls = data;
  if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
    return;
  GTlsConnection *connection = G_TLS_CONNECTION (stream);
  g_tls_connection_set_advertised_protocols (connection, protocols);
  g_tls_connection_set_interaction (connection, NULL); /* nobody is asked for a certificate */
  if (tls->certificate != NULL)
    g_tls_connection_set_certificate (connection, tls->certificate);
}

static SoupMessage *
make_message (const UmzHttpTls *tls, const char *endpoint, const char *path, const char *body)
{
  g_autofree char *url = g_strconcat (endpoint, path, NULL);
  SoupMessage *message = soup_message_new (SOUP_METHOD_POST, url);
  g_assert (message != NULL); /* the configuration has looked */
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  soup_message_set_request_body_from_bytes (message, "application/json", bytes);
  soup_message_headers_append (soup_message_get_request_headers (message), "Connection", "close");
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  g_signal_connect (message, "network-event", G_CALLBACK (prepare_handshake), (gpointer) tls);
  return message;
}

/* It began to answer, but that is no HTTP, too much or too little. */
static bool
is_unusable (const GError *cause)
{
  return cause->domain == SOUP_SESSION_ERROR ||
         g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) ||
         g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
}

static void
set_error_from_cause (const char *endpoint, const GError *cause, GError **error)
{
  bool is_late = g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  umz_set_error (error, is_unusable (cause) ? UMZ_MSG_UMZ0241 : UMZ_MSG_UMZ0240, endpoint,
                 is_late ? g_strerror (ETIMEDOUT) : cause->message, NULL);
}

GBytes *
umz_http_post (const UmzHttpTls *tls, const char *endpoint, const char *path, const char *body,
               unsigned *ret_status, GError **error)
{
  g_autoptr (UmzDeadline) deadline = umz_deadline_new (UMZ_ARBITER_LIMIT_S, NULL);
  GCancellable *cancellable = umz_deadline_get_cancellable (deadline);
  g_autoptr (SoupSession) session = make_session (tls);
  g_autoptr (SoupMessage) message = make_message (tls, endpoint, path, body);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GInputStream) stream = soup_session_send (session, message, cancellable, &cause);
  GBytes *answer =
    stream != NULL ? umz_stream_read (stream, UMZ_HTTP_ANSWER_BYTES_MAX, cancellable, &cause)
                   : NULL;
  if (answer == NULL)
    set_error_from_cause (endpoint, cause, error);
  else
    *ret_status = soup_message_get_status (message);
  return answer;
}
