/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gunixsocketaddress.h>
#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "messages/catalogue.h"
#include "model/json.h"

#define RETRY_US 200000

static UmzLang
own_language (const UmzCliOptions *options)
{
  UmzLang language = UMZ_LANG_EN;
  if (options->language != NULL)
    (void) umz_lang_parse (options->language, &language); /* checked when it was given */
  return language;
}

static void
print_notice (const UmzCliOptions *options, const UmzNotice *notice)
{
  g_autofree char *text = umz_notice_render (notice, own_language (options));
  fprintf (stderr, "%% %s\n", text);
}

void
umz_cli_print_error (const UmzCliOptions *options, const GError *error)
{
  g_autoptr (UmzNotice) notice = umz_error_to_notice (error);
  print_notice (options, notice);
}

static void
print_unreachable (const UmzCliOptions *options, const GError *cause)
{
  g_autoptr (UmzNotice) notice =
    umz_notice_new (UMZ_MSG_UMZ0001, options->socket, cause->message, NULL);
  print_notice (options, notice);
}

static void
print_error (const UmzCliOptions *options, JsonNode *answer)
{
  g_autoptr (GError) error = NULL;
  JsonNode *said =
    answer != NULL ? json_object_get_member (json_node_get_object (answer), "error") : NULL;
  g_autoptr (UmzNotice) notice = umz_json_to_notice (said, &error);
  if (notice == NULL)
    notice = umz_error_to_notice (error);
  print_notice (options, notice);
}

/* NULL: nobody answers. */
static GBytes *
send (const UmzCliOptions *options, const char *path, JsonNode *body, unsigned *ret_status,
      GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (options->socket);
  g_autoptr (SoupSession) session =
    soup_session_new_with_options ("remote-connectable", address, NULL);
  g_autofree char *uri = g_strdup_printf ("http://umzugd%s", path);
  g_autoptr (SoupMessage) message = soup_message_new (body != NULL ? "POST" : "GET", uri);
  if (body != NULL) {
    char *text = json_to_string (body, FALSE);
    g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
    soup_message_set_request_body_from_bytes (message, "application/json", bytes);
  }
  GBytes *answer = soup_session_send_and_read (session, message, NULL, error);
  *ret_status = soup_message_get_status (message);
  return answer;
}

JsonNode *
umz_cli_call_patiently (const UmzCliOptions *options, const char *path, JsonNode *body,
                        unsigned patience_s, UmzExit *ret_exit)
{
  unsigned status;
  g_autoptr (GError) error = NULL;
  int64_t end_us = g_get_monotonic_time () + patience_s * G_USEC_PER_SEC;
  g_autoptr (GBytes) answer = send (options, path, body, &status, &error);
  while (answer == NULL && g_get_monotonic_time () < end_us) {
    g_usleep (RETRY_US);
    g_clear_error (&error);
    answer = send (options, path, body, &status, &error);
  }
  if (answer == NULL) {
    print_unreachable (options, error);
    *ret_exit = UMZ_EXIT_NO_DAEMON;
    return NULL;
  }
  g_autoptr (JsonNode) node =
    umz_json_parse (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer), NULL);
  if (node != NULL && status == SOUP_STATUS_OK)
    return g_steal_pointer (&node);
  print_error (options, node);
  *ret_exit = UMZ_EXIT_FAILED;
  return NULL;
}

JsonNode *
umz_cli_call (const UmzCliOptions *options, const char *path, JsonNode *body, UmzExit *ret_exit)
{
  return umz_cli_call_patiently (options, path, body, 0, ret_exit);
}

JsonNode *
umz_cli_ask_news (const UmzCliOptions *options, const char *path, uint64_t after, UmzExit *ret_exit)
{
  g_autofree char *full = g_strdup_printf ("%s?after=%" G_GUINT64_FORMAT "%s%s", path, after,
                                           options->language ? "&language=" : "",
                                           options->language ? options->language : "");
  return umz_cli_call (options, full, NULL, ret_exit);
}
