/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gunixsocketaddress.h>
#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "messages/catalogue.h"
#include "model/json.h"

#define ANSWER_LINES_MAX 100000
#define RETRY_US         200000

UmzLang
umz_cli_get_language (const UmzCliOptions *options)
{
  UmzLang language = UMZ_LANG_EN;
  if (options->language != NULL)
    (void) umz_lang_parse (options->language, &language); /* checked when it was given */
  return language;
}

void
umz_cli_print_error (const UmzCliOptions *options, const GError *error)
{
  g_autofree char *text = umz_error_render (error, umz_cli_get_language (options));
  fprintf (stderr, "%% %s\n", text);
}

static SoupMessage *
make_message (const UmzCliRequest *request)
{
  g_autofree char *uri = g_strdup_printf ("http://umzugd%s", request->path);
  SoupMessage *message = soup_message_new (request->body != NULL ? "POST" : "GET", uri);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Connection", "close");
  if (request->body == NULL)
    return message;
  char *text = json_to_string (request->body, FALSE);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  soup_message_set_request_body_from_bytes (message, "application/json", bytes);
  return message;
}

/* What umzugd says is wrong. */
static void
set_error_from_answer (JsonNode *answer, GError **error)
{
  JsonNode *said =
    answer != NULL ? json_object_get_member (json_node_get_object (answer), "error") : NULL;
  g_autoptr (UmzNotice) notice = umz_json_to_notice (said, error);
  if (notice != NULL)
    umz_set_error_from_notice (error, notice);
}

static GBytes *
send (const UmzCliOptions *options, SoupMessage *message, const UmzCliRequest *request,
      GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (options->socket);
  g_autoptr (SoupSession) session = soup_session_new_with_options (
    "remote-connectable", address, "timeout", request->timeout_s, NULL);
  GBytes *answer = soup_session_send_and_read (session, message, request->cancellable, &cause);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&cause));
  else if (answer == NULL)
    umz_set_error (error, UMZ_MSG_UMZ0001, options->socket, cause->message, NULL);
  return answer;
}

static JsonNode *
ask_once (const UmzCliOptions *options, const UmzCliRequest *request, GError **error)
{
  /* Nothing of the session is left to a main loop that runs in another thread. */
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainContextPusher) pusher = g_main_context_pusher_new (context);
  g_autoptr (SoupMessage) message = make_message (request);
  g_autoptr (GBytes) answer = send (options, message, request, error);
  if (answer == NULL)
    return NULL;
  g_autoptr (JsonNode) node =
    umz_json_parse (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer), NULL);
  if (node != NULL && soup_message_get_status (message) == SOUP_STATUS_OK)
    return g_steal_pointer (&node);
  set_error_from_answer (node, error);
  return NULL;
}

JsonNode *
umz_cli_ask (const UmzCliOptions *options, const UmzCliRequest *request, GError **error)
{
  int64_t end_us = g_get_monotonic_time () + request->patience_s * G_USEC_PER_SEC;
  for (;;) {
    g_autoptr (GError) broken = NULL;
    JsonNode *answer = ask_once (options, request, &broken);
    if (answer != NULL)
      return answer;
    if (!g_error_matches (broken, UMZ_ERROR, UMZ_MSG_UMZ0001) ||
        g_get_monotonic_time () >= end_us) {
      g_propagate_error (error, g_steal_pointer (&broken));
      return NULL;
    }
    g_usleep (RETRY_US);
  }
}

JsonNode *
umz_cli_call (const UmzCliOptions *options, const UmzCliRequest *request, UmzExit *ret_exit)
{
  g_autoptr (GError) error = NULL;
  JsonNode *answer = umz_cli_ask (options, request, &error);
  if (answer != NULL)
    return answer;
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    umz_cli_print_error (options, error);
  *ret_exit = g_error_matches (error, UMZ_ERROR, UMZ_MSG_UMZ0001) ? UMZ_EXIT_NO_DAEMON
                                                                  : UMZ_EXIT_FAILED;
  return NULL;
}

char *
umz_cli_dup_news_path (const UmzCliOptions *options, const char *path, uint64_t after)
{
  return g_strdup_printf ("%s?after=%" G_GUINT64_FORMAT "%s%s", path, after,
                          options->language ? "&language=" : "",
                          options->language ? options->language : "");
}

JsonNode *
umz_cli_ask_news (const UmzCliOptions *options, const char *path, uint64_t after, UmzExit *ret_exit)
{
  g_autofree char *full = umz_cli_dup_news_path (options, path, after);
  return umz_cli_call (options, &(UmzCliRequest){ .path = full }, ret_exit);
}

/* ---- what an answer holds ---- */

uint64_t
umz_cli_get_number (JsonNode *answer, const char *name)
{
  uint64_t number = 0;
  (void) umz_json_get_number (json_node_get_object (answer), name, INT64_MAX, &number); /* else 0 */
  return number;
}

const char *
umz_cli_get_text (JsonNode *answer, const char *name)
{
  const char *text = "";
  (void) umz_json_get_text (json_node_get_object (answer), name, 4096, &text); /* else "" */
  return text;
}

JsonArray *
umz_cli_get_lines (JsonNode *answer, guint *ret_n_lines)
{
  JsonArray *lines =
    umz_json_get_array (json_node_get_object (answer), "lines", ANSWER_LINES_MAX);
  *ret_n_lines = lines != NULL ? json_array_get_length (lines) : 0;
  return lines;
}
