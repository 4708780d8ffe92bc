/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/scribe.h"

struct UmzScribe {
  UmzMove *move; /* borrowed */
  UmzVerdict verdict;
  GThread *thread; /* owned; NULL while nothing was to be written since it was joined */
  gint is_under_way;
  gint is_written;
};

UmzScribe *
umz_scribe_new (UmzMove *move)
{
  if (move->means->arbiter == NULL)
    return NULL;
  UmzScribe *scribe = g_new0 (UmzScribe, 1);
  scribe->move = move;
  return scribe;
}

/* An operator's decision, or the target's refusal, comes after what was written before. */
static bool
write_down (const UmzMove *move, UmzVerdict verdict, GError **error)
{
  UmzArbiter *arbiter = move->means->arbiter;
  const UmzMoveRecord *record = move->record;
  UmzVerdict found;
  if (!umz_arbiter_decide (arbiter, record->uuid, record->epoch, verdict, &found, error))
    return false;
  return found == verdict ||
         (umz_arbiter_forget (arbiter, record->uuid, record->epoch, error) &&
          umz_arbiter_decide (arbiter, record->uuid, record->epoch, verdict, &found, error) &&
          found == verdict);
}

static gpointer
run (gpointer data)
{
  UmzScribe *scribe = data;
  g_autoptr (GError) error = NULL;
  bool is_written = write_down (scribe->move, scribe->verdict, &error);
  if (!is_written)
    g_message ("move %s: %s", scribe->move->record->id,
               error != NULL ? error->message : "somebody else writes to the arbiter");
  g_atomic_int_set (&scribe->is_written, is_written);
  g_atomic_int_set (&scribe->is_under_way, false);
  return NULL;
}

static void
join (UmzScribe *scribe)
{
  g_clear_pointer (&scribe->thread, g_thread_join);
}

void
umz_scribe_write (UmzScribe *scribe, UmzVerdict verdict)
{
  if (scribe == NULL || g_atomic_int_get (&scribe->is_under_way) ||
      (g_atomic_int_get (&scribe->is_written) && scribe->verdict == verdict))
    return;
  join (scribe);
  scribe->verdict = verdict;
  g_atomic_int_set (&scribe->is_written, false);
  g_atomic_int_set (&scribe->is_under_way, true);
  scribe->thread = g_thread_new ("scribe", run, scribe);
}

bool
umz_scribe_write_now (UmzScribe *scribe, UmzVerdict verdict, GError **error)
{
  if (scribe == NULL)
    return true;
  join (scribe);
  scribe->verdict = verdict;
  bool is_written = write_down (scribe->move, verdict, error);
  g_atomic_int_set (&scribe->is_written, is_written);
  return is_written;
}

/* What stays there for want of an answer harms nobody: no epoch comes twice. */
void
umz_scribe_forget (UmzScribe *scribe)
{
  if (scribe == NULL)
    return;
  const UmzMoveRecord *record = scribe->move->record;
  g_autoptr (GError) error = NULL;
  join (scribe);
  if (!umz_arbiter_forget (scribe->move->means->arbiter, record->uuid, record->epoch, &error))
    g_message ("move %s: %s", record->id, error->message);
}

void
umz_scribe_free (UmzScribe *scribe)
{
  if (scribe == NULL)
    return;
  join (scribe);
  g_free (scribe);
}

UmzVerdict
umz_scribe_read (UmzMove *move)
{
  g_autoptr (GError) error = NULL;
  UmzVerdict verdict = UMZ_VERDICT_NONE;
  if (move->means->arbiter != NULL &&
      !umz_arbiter_get (move->means->arbiter, move->record->uuid, move->record->epoch, &verdict,
                        &error))
    g_message ("move %s: %s", move->record->id, error->message);
  return verdict;
}
