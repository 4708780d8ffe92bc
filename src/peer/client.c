/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "peer/client.h"

#include <libsoup/soup.h>
#include <string.h>

#include "base/deadline.h"
#include "base/stream.h"
#include "base/text.h"
#include "model/json.h"
#include "pki/pki.h"

#define ANSWER_BYTES_MAX (4 * 1024 * 1024)

struct UmzPeerClient {
  const UmzConfigPeer *su;      /* borrowed from the configuration */
  SoupSession *session;         /* owned */
  GTlsCertificate *certificate; /* owned */
  UmzRevoked *revoked;          /* owned; when the client was made */
};

/* The address in the configuration need not be in the certificate: the SU's name must. */
static gboolean
check_certificate (SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags errors,
                   gpointer data)
{
  const UmzPeerClient *client = data;
  g_autoptr (GByteArray) der = NULL;
  g_object_get (certificate, "certificate", &der, NULL);
  g_autofree char *name = umz_pki_certificate_su_name (der->data, der->len, NULL);
  return (errors & ~G_TLS_CERTIFICATE_BAD_IDENTITY) == 0 &&
         umz_text_is_same_name (name, client->su->name) &&
         !umz_revoked_has (client->revoked, der->data, der->len);
}

UmzPeerClient *
umz_peer_client_new (const UmzConfig *config, const char *su_name, GError **error)
{
  const UmzConfigPeer *su = umz_config_find_peer (config, su_name);
  if (su == NULL) {
    umz_set_error (error, UMZ_MSG_VMS2400, su_name, NULL);
    return NULL;
  }
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (config->ca, error);
  if (database == NULL)
    return NULL;
  g_autoptr (UmzPeerClient) client = g_new0 (UmzPeerClient, 1);
  client->su = su;
  client->certificate = g_tls_certificate_new_from_files (config->certificate, config->key, error);
  if (client->certificate == NULL)
    return NULL;
  client->revoked = umz_revoked_load (config->revoked, config->ca, error);
  if (client->revoked == NULL)
    return NULL;
  client->session = soup_session_new_with_options ("idle-timeout", 0, "tls-database", database,
                                                   "proxy-resolver", NULL, NULL);
  /* What is small on the wire may be large in memory. */
  soup_session_remove_feature_by_type (client->session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_set_user_agent (client->session, "umzugd/" UMZ_VERSION);
  return g_steal_pointer (&client);
}

void
umz_peer_client_free (UmzPeerClient *client)
{
  if (client == NULL)
    return;
  g_clear_object (&client->session);
  g_clear_object (&client->certificate);
  umz_revoked_free (client->revoked);
  g_free (client);
}

static SoupMessage *
make_message (UmzPeerClient *client, const char *path, JsonNode *request)
{
  g_autofree char *full_path = g_strdup_printf ("/peer/%d%s", UMZ_PEER_VERSION, path);
  g_autoptr (GUri) uri = g_uri_build (G_URI_FLAGS_NONE, "https", NULL, client->su->address,
                                      (int) client->su->port, full_path, NULL, NULL);
  SoupMessage *message = soup_message_new_from_uri (SOUP_METHOD_POST, uri);
  char *text = request != NULL ? json_to_string (request, FALSE) : g_strdup ("{}");
  g_autoptr (GBytes) body = g_bytes_new_take (text, strlen (text));
  soup_message_set_request_body_from_bytes (message, "application/json", body);
  /* Every request of ours may come twice; and only for such libsoup keeps to its open connection.
   */
  soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT);
  soup_message_set_tls_client_certificate (message, client->certificate);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (check_certificate), client);
  return message;
}

/* What the other SU says is wrong, or UMZ0310 if it does not say it in our form. */
static void
set_error_from_answer (UmzPeerClient *client, unsigned status, JsonNode *answer, GError **error)
{
  g_autoptr (UmzNotice) notice = NULL;
  JsonNode *said =
    answer != NULL ? json_object_get_member (json_node_get_object (answer), "error") : NULL;
  if (said != NULL)
    notice = umz_json_to_notice (said, NULL);
  if (notice != NULL)
    umz_set_error_from_notice (error, notice);
  else if (status == SOUP_STATUS_NOT_FOUND)
    umz_set_error (error, UMZ_MSG_VMS2410, client->su->name, NULL);
  else
    umz_set_error (error, UMZ_MSG_UMZ0310, "answer of the SU", NULL);
}

static GBytes *
send_within (UmzPeerClient *client, SoupMessage *message, unsigned timeout_s,
             GCancellable *interrupt, GError **error)
{
  g_autoptr (UmzDeadline) deadline = umz_deadline_new (timeout_s, interrupt);
  g_autoptr (GError) cause = NULL;
  GCancellable *cancellable = umz_deadline_get_cancellable (deadline);
  g_autoptr (GInputStream) stream =
    soup_session_send (client->session, message, cancellable, &cause);
  GBytes *body =
    stream != NULL ? umz_stream_read (stream, ANSWER_BYTES_MAX, cancellable, &cause) : NULL;
  if (body != NULL)
    return body;
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    umz_set_error (error, UMZ_MSG_UMZ0320, client->su->name, NULL);
  else
    umz_set_error (error, UMZ_MSG_UMZ0321, client->su->name, cause->message, NULL);
  return NULL;
}

JsonNode *
umz_peer_call (UmzPeerClient *client, const char *path, JsonNode *request, unsigned timeout_s,
               GCancellable *interrupt, GError **error)
{
  g_autoptr (SoupMessage) message = make_message (client, path, request);
  g_autoptr (GBytes) body = send_within (client, message, timeout_s, interrupt, error);
  if (body == NULL)
    return NULL;
  gsize n_bytes;
  const char *text = g_bytes_get_data (body, &n_bytes);
  g_autoptr (JsonNode) answer = umz_json_parse (text != NULL ? text : "", n_bytes, NULL);
  if (answer != NULL && soup_message_get_status (message) == SOUP_STATUS_OK)
    return g_steal_pointer (&answer);
  set_error_from_answer (client, soup_message_get_status (message), answer, error);
  return NULL;
}
