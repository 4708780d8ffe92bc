/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* http.c: HTTP/1.0 over GIO.
 *
 * Of HTTP next to nothing is needed: the answer ends with the connection, and a body that was cut
 * off is no complete JSON object.  In return everything happens in the calling thread and ends with
 * the deadline.  libsoup cannot promise that: its blocking calls ask for our certificate in the
 * main loop of the program and wait for it without limit, and with HTTP/2 a server that takes back
 * the connection at once (as etcd does when it does not like our certificate) leaves a request that
 * neither ends nor can be cancelled (libsoup 3.2).
 */
#include "arbiter/http.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "arbiter/arbiter.h"
#include "base/deadline.h"
#include "messages/catalogue.h"

#define HEAD_END "\r\n\r\n"

/* The name in the certificate has to be the one in the URL: GIO's rules hold. */
static GIOStream *
encrypt (GIOStream *plain, GUri *uri, const UmzHttpTls *tls, GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GSocketConnectable) server =
    g_network_address_new (g_uri_get_host (uri), (guint16) g_uri_get_port (uri));
  g_autoptr (GIOStream) stream = g_tls_client_connection_new (plain, server, error);
  if (stream == NULL)
    return NULL;
  GTlsConnection *connection = G_TLS_CONNECTION (stream);
  if (tls->ca != NULL)
    g_tls_connection_set_database (connection, tls->ca);
  if (tls->certificate != NULL)
    g_tls_connection_set_certificate (connection, tls->certificate);
  if (!g_tls_connection_handshake (connection, cancellable, error))
    return NULL;
  return g_steal_pointer (&stream);
}

/* No proxy: whoever answers is the one who was asked. */
static GIOStream *
connect_to (GUri *uri, const UmzHttpTls *tls, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_socket_client_set_enable_proxy (client, FALSE);
  g_autoptr (GSocketConnectable) server =
    g_network_address_new (g_uri_get_host (uri), (guint16) g_uri_get_port (uri));
  g_autoptr (GSocketConnection) plain =
    g_socket_client_connect (client, server, cancellable, error);
  if (plain == NULL)
    return NULL;
  if (strcmp (g_uri_get_scheme (uri), "https") == 0)
    return encrypt (G_IO_STREAM (plain), uri, tls, cancellable, error);
  return G_IO_STREAM (g_steal_pointer (&plain));
}

static char *
dup_request (GUri *uri, const char *path, const char *body)
{
  bool is_ipv6 = strchr (g_uri_get_host (uri), ':') != NULL;
  return g_strdup_printf ("POST %s HTTP/1.0\r\n"
                          "Host: %s%s%s:%d\r\n"
                          "User-Agent: umzugd/" UMZ_VERSION "\r\n"
                          "Connection: close\r\n"
                          "Content-Type: application/json\r\n"
                          "Content-Length: %zu" HEAD_END "%s",
                          path, is_ipv6 ? "[" : "", g_uri_get_host (uri),
                          is_ipv6 ? "]" : "", g_uri_get_port (uri), strlen (body), body);
}

/* All that the server says, but at most one byte more than is allowed. */
static GBytes *
exchange (GUri *uri, const UmzHttpTls *tls, const char *request, GCancellable *cancellable,
          GError **error)
{
  g_autoptr (GIOStream) stream = connect_to (uri, tls, cancellable, error);
  if (stream == NULL ||
      !g_output_stream_write_all (g_io_stream_get_output_stream (stream), request,
                                  strlen (request), NULL, cancellable, error))
    return NULL;
  g_autofree char *buffer = g_malloc (UMZ_HTTP_ANSWER_BYTES_MAX + 1);
  gsize n_bytes;
  if (!g_input_stream_read_all (g_io_stream_get_input_stream (stream), buffer,
                                UMZ_HTTP_ANSWER_BYTES_MAX + 1, &n_bytes, cancellable, error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&buffer), n_bytes);
}

GBytes *
umz_http_split_answer (GBytes *answer, unsigned *ret_status)
{
  static const char version[] = "HTTP/1.";
  static const size_t status_at = sizeof version + 1; /* behind the minor version and a blank */
  gsize n_bytes;
  const char *text = g_bytes_get_data (answer, &n_bytes);
  if (n_bytes > UMZ_HTTP_ANSWER_BYTES_MAX || n_bytes < status_at + 3 ||
      memcmp (text, version, strlen (version)) != 0 || text[status_at - 1] != ' ')
    return NULL;
  g_autofree char *digits = g_strndup (text + status_at, 3);
  guint64 status;
  const char *end = memmem (text, n_bytes, HEAD_END, strlen (HEAD_END));
  if (!g_ascii_string_to_unsigned (digits, 10, 100, 599, &status, NULL) || end == NULL)
    return NULL;
  *ret_status = (unsigned) status;
  size_t body_at = (size_t) (end - text) + strlen (HEAD_END);
  return g_bytes_new_from_bytes (answer, body_at, n_bytes - body_at);
}

GBytes *
umz_http_post (const UmzHttpTls *tls, const char *endpoint, const char *path, const char *body,
               unsigned *ret_status, GError **error)
{
  g_autoptr (UmzDeadline) deadline = umz_deadline_new (UMZ_ARBITER_LIMIT_S, NULL);
  g_autoptr (GUri) uri = g_uri_parse (endpoint, G_URI_FLAGS_NONE, NULL);
  g_assert (uri != NULL); /* the configuration has looked */
  g_autofree char *request = dup_request (uri, path, body);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GBytes) answer =
    exchange (uri, tls, request, umz_deadline_get_cancellable (deadline), &cause);
  if (answer == NULL) {
    bool is_late = g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    umz_set_error (error, UMZ_MSG_UMZ0240, endpoint,
                   is_late ? g_strerror (ETIMEDOUT) : cause->message, NULL);
    return NULL;
  }
  GBytes *rest = umz_http_split_answer (answer, ret_status);
  if (rest == NULL)
    umz_set_error (error, UMZ_MSG_UMZ0241, endpoint, "HTTP", NULL);
  return rest;
}
