/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* news.c: asks umzugd again and again for what its console log says.
 *
 * Each request runs in a thread of its own, at most one at a time; all else is the main thread's.
 */
#include <string.h>

#include "cli/console.h"
#include "sdf/echo.h"
#include "sdf/parse.h"

#define LOOK_MS    300
#define ANSWER_S   5
#define ECHO_NEVER UINT64_MAX

struct UmzNews {
  const UmzCliOptions *options; /* borrowed */
  UmzNewsHear hear;             /* and its data, borrowed */
  void *data;
  guint timer;               /* source */
  GCancellable *cancellable; /* owned */
  bool is_held;
  bool is_asking;
  bool is_away;   /* umzugd is, and that was told */
  bool has_begun; /* `after` is known */
  uint64_t after; /* number of the last line heard */
  uint64_t n_asked;

  char *own_echo;      /* owned; of a command of our own as it was typed, or NULL */
  char *own_full_echo; /* owned; the same in full names, as one with a secret is logged */
  uint64_t echo_until; /* the request after which it cannot come any more */
};

typedef struct {
  const UmzCliOptions *options; /* borrowed */
  char *path;                   /* owned */
  uint64_t number;
} Question;

static void
free_question (void *data)
{
  Question *question = data;
  g_free (question->path);
  g_free (question);
}

/* ---- lines ---- */

static bool
is_own_echo (UmzNews *news, const UmzCliLine *line, const char *own_su)
{
  return line->is_echo && strcmp (line->su, own_su) == 0 &&
         (g_strcmp0 (line->text, news->own_echo) == 0 ||
          g_strcmp0 (line->text, news->own_full_echo) == 0);
}

static void
forget_echo (UmzNews *news)
{
  g_clear_pointer (&news->own_echo, g_free);
  g_clear_pointer (&news->own_full_echo, g_free);
  news->echo_until = ECHO_NEVER;
}

/* Those of other SUs with their names. */
static void
hear_lines (UmzNews *news, JsonNode *answer)
{
  guint n_lines;
  UmzCliLine line;
  g_autoptr (GString) text = g_string_new (NULL);
  const char *own_su = umz_cli_get_text (answer, "su");
  JsonArray *lines = umz_cli_get_lines (answer, &n_lines);
  for (guint i = 0; i < n_lines; i++) {
    if (!umz_cli_read_line (json_array_get_object_element (lines, i), &line))
      continue;
    news->after = line.number;
    if (is_own_echo (news, &line, own_su)) {
      forget_echo (news);
      continue;
    }
    bool is_own = strcmp (line.su, own_su) == 0;
    g_autofree char *one =
      umz_cli_dup_line (&line, is_own ? UMZ_CLI_FORM_SHORT : UMZ_CLI_FORM_NAMED);
    g_string_append (text, one);
  }
  if (news->has_begun && text->len > 0)
    news->hear (text->str, news->data);
  news->has_begun = true;
}

/* A line of the console itself. */
static void
tell (UmzNews *news, const UmzNotice *notice)
{
  g_autofree char *text = umz_notice_render (notice, umz_cli_get_language (news->options));
  UmzCliLine line = { .time_us = g_get_real_time (), .su = "", .text = text };
  g_autofree char *one = umz_cli_dup_line (&line, UMZ_CLI_FORM_SHORT);
  news->hear (one, news->data);
}

static void
tell_away (UmzNews *news, const GError *error)
{
  g_autoptr (UmzNotice) notice = umz_error_to_notice (error);
  if (!news->is_away)
    tell (news, notice);
  news->is_away = true;
}

static void
tell_back (UmzNews *news)
{
  g_autoptr (UmzNotice) notice = umz_notice_new (UMZ_MSG_NRTV003, NULL);
  if (news->is_away)
    tell (news, notice);
  news->is_away = false;
}

/* ---- asking ---- */

static void
ask_in_thread (GTask *task, void *source, void *data, GCancellable *cancellable)
{
  GError *error = NULL;
  const Question *question = data;
  JsonNode *answer = umz_cli_ask (question->options,
                                  &(UmzCliRequest){ .path = question->path,
                                                    .timeout_s = ANSWER_S,
                                                    .cancellable = cancellable },
                                  &error);
  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) json_node_unref);
  else
    g_task_return_error (task, error);
}

static void
hear_answer (GObject *source, GAsyncResult *result, void *data)
{
  UmzNews *news = data;
  g_autoptr (GError) error = NULL;
  const Question *question = g_task_get_task_data (G_TASK (result));
  g_autoptr (JsonNode) answer = g_task_propagate_pointer (G_TASK (result), &error);
  news->is_asking = false;
  bool tells_beginning = answer != NULL && !news->has_begun;
  if (g_cancellable_is_cancelled (news->cancellable) || (news->is_held && !tells_beginning))
    return; /* what it says comes again */
  if (answer == NULL) {
    tell_away (news, error);
    return;
  }
  tell_back (news);
  hear_lines (news, answer);
  if (question->number >= news->echo_until)
    forget_echo (news);
}

static gboolean
ask (void *data)
{
  UmzNews *news = data;
  if (news->is_asking || news->is_held)
    return G_SOURCE_CONTINUE;
  Question *question = g_new0 (Question, 1);
  question->options = news->options;
  question->path = umz_cli_dup_news_path (news->options, "/1/console", news->after);
  question->number = ++news->n_asked;
  g_autoptr (GTask) task = g_task_new (NULL, news->cancellable, hear_answer, news);
  g_task_set_task_data (task, question, free_question);
  news->is_asking = true;
  g_task_run_in_thread (task, ask_in_thread);
  return G_SOURCE_CONTINUE;
}

/* ---- the whole ---- */

UmzNews *
umz_news_start (const UmzCliOptions *options, UmzNewsHear hear, void *data)
{
  UmzNews *news = g_new0 (UmzNews, 1);
  news->options = options;
  news->hear = hear;
  news->data = data;
  news->cancellable = g_cancellable_new ();
  news->echo_until = ECHO_NEVER;
  news->timer = g_timeout_add (LOOK_MS, ask, news);
  (void) ask (news); /* it goes on by itself */
  return news;
}

void
umz_news_stop (UmzNews *news)
{
  if (news == NULL)
    return;
  g_source_remove (news->timer);
  g_cancellable_cancel (news->cancellable);
  while (news->is_asking)
    g_main_context_iteration (NULL, TRUE);
  forget_echo (news);
  g_object_unref (news->cancellable);
  g_free (news);
}

void
umz_news_hold (UmzNews *news)
{
  news->is_held = true;
}

void
umz_news_release (UmzNews *news)
{
  news->is_held = false;
}

void
umz_news_begin_command (UmzNews *news, const char *command)
{
  g_autoptr (UmzCommand) parsed = NULL;
  forget_echo (news);
  if (!umz_sdf_parse (command, &parsed, NULL))
    return; /* it has no echo */
  const char *text = command + strspn (command, " ");
  news->own_echo = g_strchomp (g_strdup (text + (text[0] == '/')));
  news->own_full_echo = umz_command_dup_echo (parsed);
}

void
umz_news_end_command (UmzNews *news)
{
  news->echo_until = news->n_asked + 1; /* asked after the command, it has the echo in its answer */
}
