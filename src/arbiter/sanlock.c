/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sanlock.c: each question is a run of umzug-sanlock; see sanlock-main.c for what that does. */
#include "arbiter/sanlock.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>

#include "arbiter/kind.h"
#include "arbiter/verdict.h"
#include "base/deadline.h"

typedef struct {
  UmzArbiter arbiter;
  const UmzConfigArbiter *config; /* borrowed from the caller of umz_sanlock_new() */
} Sanlock;

/* uuid NULL: it is asked of the disk as a whole; NONE: the verb has no verdict. */
typedef struct {
  const char *verb;
  const char *uuid;
  uint64_t epoch;
  UmzVerdict wanted;
} Question;

static GSubprocess *
start (const UmzConfigArbiter *config, const Question *question, GError **error)
{
  g_autofree char *host_id = g_strdup_printf ("%" G_GUINT64_FORMAT, config->host_id);
  g_autofree char *epoch = g_strdup_printf ("%" G_GUINT64_FORMAT, question->epoch);
  bool is_of_move = question->uuid != NULL;
  const char *wanted =
    question->wanted != UMZ_VERDICT_NONE ? umz_verdict_text (question->wanted) : NULL;
  const char *argv[] = { config->program, question->verb, config->disk, host_id,
                         question->uuid, is_of_move ? epoch : NULL, wanted, NULL };
  return g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                            error);
}

static bool
read_answer (GSubprocess *process, char *said, UmzVerdict *ret_decided)
{
  return g_subprocess_get_if_exited (process) &&
         g_subprocess_get_exit_status (process) == UMZ_SANLOCK_DONE &&
         umz_verdict_parse (g_strchomp (said), ret_decided);
}

/* Without a cause: killed by sanlock, or not the program that it should be. */
static char *
dup_end (const UmzConfigArbiter *config, GSubprocess *process)
{
  return g_subprocess_get_if_exited (process)
           ? g_strdup_printf ("%s: status %d", config->program,
                              g_subprocess_get_exit_status (process))
           : g_strdup_printf ("%s: signal %d", config->program,
                              g_subprocess_get_term_sig (process));
}

static void
set_error_from_end (const UmzConfigArbiter *config, GSubprocess *process, char *complaint,
                    GError **error)
{
  bool is_silent = !g_subprocess_get_if_exited (process) ||
                   g_subprocess_get_exit_status (process) == UMZ_SANLOCK_SILENT;
  g_autofree char *end = dup_end (config, process);
  umz_set_error (error, is_silent ? UMZ_MSG_UMZ0240 : UMZ_MSG_UMZ0241, config->disk,
                 *g_strchomp (complaint) != '\0' ? complaint : end, NULL);
}

static void
kill_process (GCancellable *cancellable, gpointer process)
{
  g_subprocess_force_exit (process);
}

/* Whoever does not end in time is killed, which it always can be, and its lease is free then.  The
 * deadline is not given to GSubprocess: GLib 2.74 then touches a main context that it has freed.
 */
static bool
communicate (GSubprocess *process, char **ret_said, char **ret_complaint, GError **error)
{
  g_autoptr (UmzDeadline) deadline = umz_deadline_new (UMZ_ARBITER_LIMIT_S, NULL);
  GCancellable *cancellable = umz_deadline_get_cancellable (deadline);
  gulong handler =
    g_cancellable_connect (cancellable, G_CALLBACK (kill_process), process, NULL);
  bool has_ended =
    g_subprocess_communicate_utf8 (process, NULL, NULL, ret_said, ret_complaint, error);
  g_cancellable_disconnect (cancellable, handler);
  if (!has_ended || !g_cancellable_is_cancelled (cancellable))
    return has_ended;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, g_strerror (ETIMEDOUT));
  return false;
}

static bool
ask (UmzArbiter *arbiter, const Question *question, UmzVerdict *ret_decided, GError **error)
{
  const UmzConfigArbiter *config = ((const Sanlock *) arbiter)->config;
  g_autoptr (GError) cause = NULL;
  g_autofree char *said = NULL;
  g_autofree char *complaint = NULL;
  g_autoptr (GSubprocess) process = start (config, question, &cause);
  if (process == NULL || !communicate (process, &said, &complaint, &cause)) {
    umz_set_error (error, UMZ_MSG_UMZ0240, config->disk, cause->message, NULL);
    return false;
  }
  if (read_answer (process, said, ret_decided))
    return true;
  set_error_from_end (config, process, complaint, error);
  return false;
}

static bool
decide (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, UmzVerdict wanted,
        UmzVerdict *ret_decided, GError **error)
{
  Question question = { .verb = "decide", .uuid = uuid, .epoch = epoch, .wanted = wanted };
  return ask (arbiter, &question, ret_decided, error);
}

static bool
get (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, UmzVerdict *ret_decided,
     GError **error)
{
  Question question = { .verb = "get", .uuid = uuid, .epoch = epoch };
  return ask (arbiter, &question, ret_decided, error);
}

static bool
forget (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, GError **error)
{
  Question question = { .verb = "forget", .uuid = uuid, .epoch = epoch };
  UmzVerdict unused;
  return ask (arbiter, &question, &unused, error);
}

static void
free_sanlock (UmzArbiter *arbiter)
{
  g_free (arbiter);
}

/* Joining the lockspace takes sanlock half a minute.  If it cannot be begun now, the first question
 * begins it, and says why.
 */
bool
umz_sanlock_new (const UmzConfigArbiter *config, UmzArbiter **ret_arbiter, GError **error)
{
  static const UmzArbiterVerbs verbs = {
    .decide = decide, .get = get, .forget = forget, .free = free_sanlock
  };
  Sanlock *sanlock = g_new0 (Sanlock, 1);
  sanlock->arbiter.verbs = &verbs;
  sanlock->config = config;
  Question join = { .verb = "join" };
  g_autoptr (GSubprocess) process = start (config, &join, NULL);
  *ret_arbiter = &sanlock->arbiter;
  return true;
}
