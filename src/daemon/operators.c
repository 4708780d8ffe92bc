/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* operators.c: what operators ask for, on the local socket.  Who may do what is decided by the peer
 * credentials of the connection.
 */
#include "daemon/operators.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/migrations.h"
#include "describe/openapi.h"
#include "model/json.h"
#include "store/console-log.h"

#define TEXT_BYTES_MAX    (8 * 1024 * 1024)
#define CONSOLE_LINES_MAX 1000
#define RESUME_BYTES_MAX  256
#define OPERATORS_GROUP   "umzug"
#define USER_BYTES        16384
#define GROUP_BYTES       (256 * 1024) /* with the names of all its members */

static bool
is_in_operators_group (const char *user, gid_t primary)
{
  struct group entry, *group = NULL;
  g_autofree char *texts = g_malloc (GROUP_BYTES);
  if (getgrnam_r (OPERATORS_GROUP, &entry, texts, GROUP_BYTES, &group) != 0 || group == NULL)
    return false;
  for (char **member = group->gr_mem; *member != NULL; member++)
    if (strcmp (*member, user) == 0)
      return true;
  return group->gr_gid == primary;
}

/* A directory of users that does not answer keeps only those waiting who are in it. */
static char *
find_role (UmzRequest *request)
{
  struct passwd entry, *user = NULL;
  g_autofree char *texts = g_malloc (USER_BYTES);
  (void) getpwuid_r (request->uid, &entry, texts, USER_BYTES, &user); /* else user is NULL */
  request->is_operator =
    request->uid == 0 || (user != NULL && is_in_operators_group (user->pw_name, user->pw_gid));
  return user != NULL ? g_strdup (user->pw_name) : g_strdup_printf ("%u", request->uid);
}

static UmzLang
language_of (UmzRequest *request, const char *text)
{
  UmzLang language = request->app->config->language;
  if (text != NULL)
    (void) umz_lang_parse (text, &language); /* else the configured one */
  return language;
}

void
umz_operators_serve_command (UmzRequest *request, const char *unused)
{
  const char *text, *language = NULL, *resume = "";
  g_autoptr (GError) error = NULL;
  g_autofree char *user = NULL;
  g_autoptr (JsonNode) body = umz_request_parse_body (request, &error);
  JsonObject *object = body != NULL ? json_node_get_object (body) : NULL;
  if (object == NULL || !umz_json_get_text (object, "text", TEXT_BYTES_MAX, &text)) {
    umz_request_fail (request, SOUP_STATUS_BAD_REQUEST,
                      umz_notice_new (UMZ_MSG_UMZ0310, "command", NULL));
    return;
  }
  (void) umz_json_get_text (object, "language", 16, &language); /* optional, like what follows */
  (void) umz_json_get_text (object, "resume", RESUME_BYTES_MAX, &resume);
  user = find_role (request);
  g_autoptr (UmzReply) reply =
    umz_reply_new (request->app, user, language_of (request, language));
  reply->is_administrator = request->is_operator;
  reply->resume = resume;
  umz_commands_execute (reply, text);
  request->answer = umz_reply_to_json (reply);
}

static void
add_console_line (JsonBuilder *b, const UmzConsoleLine *line, UmzLang language)
{
  g_autofree char *text = NULL;
  g_autoptr (UmzNotice) notice = NULL;
  bool is_echo = line->code[0] == '\0';
  if (!is_echo)
    notice = umz_notice_new_from_code (line->code, (const char *const *) line->inserts, NULL);
  if (notice != NULL)
    text = umz_notice_render (notice, language);
  json_builder_begin_object (b);
  umz_json_set_number (b, "number", line->number);
  umz_json_set_number (b, "time_us", (uint64_t) line->time_us);
  umz_json_set_text (b, "su", line->su);
  umz_json_set_number (b, "echo", is_echo);
  umz_json_set_text (b, "text", text != NULL ? text : is_echo ? line->inserts[0]
                                                              : line->code);
  json_builder_end_object (b);
}

static bool
add_console (UmzRequest *request, JsonBuilder *b, const char *move)
{
  g_autoptr (GError) error = NULL;
  const char *after = umz_request_get_query (request, "after");
  UmzLang language = language_of (request, umz_request_get_query (request, "language"));
  g_autoptr (GPtrArray) lines = umz_store_list_console (
    request->app->store, after != NULL ? g_ascii_strtoull (after, NULL, 10) : 0, move,
    CONSOLE_LINES_MAX, &error);
  if (lines == NULL) {
    umz_request_fail (request, SOUP_STATUS_INTERNAL_SERVER_ERROR, umz_error_to_notice (error));
    return false;
  }
  json_builder_set_member_name (b, "lines");
  json_builder_begin_array (b);
  for (guint i = 0; i < lines->len; i++)
    add_console_line (b, lines->pdata[i], language);
  json_builder_end_array (b);
  umz_json_set_text (b, "su", request->app->config->su_name);
  return true;
}

void
umz_operators_serve_console (UmzRequest *request, const char *unused)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  if (!add_console (request, b, NULL))
    return;
  json_builder_end_object (b);
  request->answer = json_builder_get_root (b);
}

void
umz_operators_add_progress (JsonBuilder *b, const UmzProgress *progress)
{
  umz_json_set_text (b, "phase", umz_phase_name (progress->phase));
  umz_json_set_number (b, "in_doubt", progress->phase == UMZ_PHASE_DOUBT);
  umz_json_set_text (b, "status", umz_monjv_state_text (progress->status));
  umz_json_set_number (b, "ended", umz_monjv_state_is_final (progress->status));
  umz_json_set_number (b, "memory_total_bytes", progress->job.memory_total_bytes);
  umz_json_set_number (b, "memory_remaining_bytes", progress->job.memory_remaining_bytes);
  umz_json_set_number (b, "dirty_pages_per_s", progress->job.dirty_pages_per_s);
  umz_json_set_number (b, "round", progress->job.iteration);
  umz_migrations_add_transfer (b, &progress->transfer);
  umz_json_set_number (b, "guest_bytes_per_s", progress->guest_bytes_per_s);
  umz_json_set_number (b, "left_ms", (uint64_t) progress->left_us / 1000);
  umz_json_set_number (b, "in_flight_bytes", progress->in_flight_bytes);
  umz_json_set_number (b, "in_flight_max_bytes", progress->in_flight_max_bytes);
}

void
umz_operators_serve_move (UmzRequest *request, const char *id)
{
  UmzProgress progress;
  g_autoptr (JsonBuilder) b = json_builder_new ();
  if (!umz_engine_get_progress (request->app->engine, id, &progress)) {
    umz_request_fail (request, SOUP_STATUS_NOT_FOUND, umz_notice_new (UMZ_MSG_UMZ0133, id, NULL));
    return;
  }
  json_builder_begin_object (b);
  umz_operators_add_progress (b, &progress);
  if (!add_console (request, b, id))
    return;
  json_builder_end_object (b);
  request->answer = json_builder_get_root (b);
}

void
umz_operators_serve_guest_console (UmzRequest *request, const char *vm)
{
  g_autoptr (GError) error = NULL;
  const char *after = umz_request_get_query (request, "after");
  g_free (find_role (request));
  if (!request->is_operator) {
    umz_request_fail (request, SOUP_STATUS_FORBIDDEN, umz_notice_new (UMZ_MSG_CMD0216, NULL));
    return;
  }
  request->answer = umz_guest_consoles_read (
    request->guest_consoles, vm,
    after != NULL ? g_ascii_strtoull (after, NULL, 10) : UMZ_CONSOLE_END, &error);
  if (request->answer == NULL)
    umz_request_fail (request, SOUP_STATUS_CONFLICT, umz_error_to_notice (error));
}

void
umz_operators_serve_description (UmzRequest *request, const char *unused)
{
  g_autofree char *text = umz_describe_openapi ();
  request->answer = json_from_string (text, NULL);
}
