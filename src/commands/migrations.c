/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* migrations.c: SHOW-VM-MIGRATION. */
#include "commands/migrations.h"

#include "commands/handlers.h"
#include "commands/show.h"
#include "model/json.h"

#include <string.h>

#define SHOWN_MAX 100

typedef struct {
  const UmzOutcome *outcome;
  UmzProgress progress; /* of one that runs */
  bool is_running;
  bool is_from_here;
} Shown;

static Shown
look_at (UmzApp *app, const UmzOutcome *outcome)
{
  Shown shown = { .outcome = outcome,
                  .is_from_here = outcome->move->side == UMZ_SIDE_SOURCE };
  shown.is_running = !outcome->move->is_closed &&
                     umz_engine_get_progress (app->engine, outcome->move->id, &shown.progress) &&
                     shown.progress.phase != UMZ_PHASE_ENDED;
  return shown;
}

/* Of a move that an earlier umzugd left open, the journal's state. */
static const char *
get_status (const Shown *shown)
{
  if (shown->is_running && shown->progress.phase == UMZ_PHASE_DOUBT)
    return "IN DOUBT";
  if (shown->is_running)
    return umz_monjv_state_text (shown->is_from_here ? shown->progress.status
                                                     : UMZ_MONJV_RUNNING);
  return shown->outcome->status[0] != '\0' ? shown->outcome->status
                                           : umz_state_name (shown->outcome->move->state);
}

static int64_t
get_duration_us (const Shown *shown)
{
  int64_t begun_us = shown->outcome->move->begun_us;
  if (shown->is_running)
    return g_get_real_time () - begun_us;
  return shown->outcome->ended_us > 0 ? shown->outcome->ended_us - begun_us : -1;
}

static const UmzTransferFigures *
get_transfer (const Shown *shown)
{
  return shown->is_running ? &shown->progress.transfer : &shown->outcome->transfer;
}

/* "1.5", or "-" for what is not known. */
static char *
dup_seconds (int64_t us)
{
  return us < 0 ? g_strdup ("-") : g_strdup_printf ("%.1f", (double) us / G_USEC_PER_SEC);
}

static char *
dup_time (int64_t time_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_us / G_USEC_PER_SEC);
  return g_date_time_format (time, "%F %H:%M:%S");
}

static const char *
get_engine_name (const UmzTransferFigures *transfer)
{
  return transfer->is_coded ? "VM2000" : "X2000";
}

void
umz_migrations_add_transfer (JsonBuilder *b, const UmzTransferFigures *transfer)
{
  umz_json_set_text (b, "engine", get_engine_name (transfer));
  umz_json_set_bool (b, "mirror", transfer->has_mirror);
  umz_json_set_number (b, "link_bytes", transfer->link_bytes);
  umz_json_set_number (b, "guest_bytes", transfer->guest_bytes);
  umz_json_set_number (b, "same_pages", transfer->same_pages);
  umz_json_set_number (b, "delta_pages", transfer->delta_pages);
  umz_json_set_number (b, "fresh_pages", transfer->fresh_pages);
  umz_json_set_number (b, "zero_pages", transfer->zero_pages);
  umz_json_set_number (b, "relay_cpu_us", transfer->cpu_us);
}

static void
add_data (UmzReply *reply, const Shown *shown)
{
  const UmzOutcome *outcome = shown->outcome;
  JsonBuilder *b = reply->data;
  json_builder_begin_object (b);
  umz_json_set_text (b, "move", outcome->move->id);
  umz_json_set_number (b, "index", outcome->move->index);
  umz_json_set_text (b, "name", outcome->move->name);
  umz_json_set_text (b, "direction", shown->is_from_here ? "to" : "from");
  umz_json_set_text (b, "su", outcome->move->peer);
  umz_json_set_text (b, "status", get_status (shown));
  umz_json_set_text (b, "phase",
                     umz_phase_name (shown->is_running ? shown->progress.phase : UMZ_PHASE_ENDED));
  umz_json_set_text (b, "cause", outcome->cause);
  umz_json_set_number (b, "begun_us", (uint64_t) outcome->move->begun_us);
  if (get_duration_us (shown) >= 0)
    umz_json_set_number (b, "duration_us", (uint64_t) get_duration_us (shown));
  if (outcome->stopped_us > 0)
    umz_json_set_number (b, "switch_us", (uint64_t) outcome->stopped_us);
  umz_migrations_add_transfer (b, get_transfer (shown));
  if (outcome->expected.total_us > 0) {
    umz_json_set_number (b, "expected_us", (uint64_t) outcome->expected.total_us);
    umz_json_set_number (b, "expected_switch_us", (uint64_t) outcome->expected.stop_us);
    umz_json_set_number (b, "expected_link_bytes", outcome->expected.link_bytes);
  }
  json_builder_end_object (b);
}

static void
show_transfer (UmzReply *reply, const UmzTransferFigures *t)
{
  double mib = 1024 * 1024;
  if (t->guest_bytes == 0)
    return;
  umz_reply_print (reply, "              MEMORY: ENGINE %s%s, %.1f MB IN %.1f MB, CPU %.1f S",
                   get_engine_name (t), t->has_mirror ? " WITH MIRROR" : "",
                   (double) t->guest_bytes / mib, (double) t->link_bytes / mib,
                   (double) t->cpu_us / G_USEC_PER_SEC);
#define N "%" G_GUINT64_FORMAT
  if (t->is_coded)
    umz_reply_print (reply,
                     "              PAGES: " N " FRESH, " N " CHANGED, " N " SAME, " N " ZERO",
                     t->fresh_pages, t->delta_pages, t->same_pages, t->zero_pages);
#undef N
}

/* Beside what came of it, which is in the line above. */
static void
show_expectation (UmzReply *reply, const UmzExpectation *expected)
{
  if (expected->total_us == 0)
    return;
  umz_reply_print (reply, "              EXPECTED: %.1f S, STOP %" G_GINT64_FORMAT " MS, %.1f MB",
                   (double) expected->total_us / G_USEC_PER_SEC, expected->stop_us / 1000,
                   (double) expected->link_bytes / (1024 * 1024));
}

static void
show (UmzReply *reply, const Shown *shown, bool in_full)
{
  const UmzMoveRecord *move = shown->outcome->move;
  g_autofree char *begun = dup_time (move->begun_us);
  g_autofree char *seconds = dup_seconds (get_duration_us (shown));
  g_autofree char *sent =
    shown->is_from_here
      ? g_strdup_printf ("%" G_GUINT64_FORMAT, umz_show_mib (get_transfer (shown)->link_bytes))
      : g_strdup ("-");
  g_autofree char *stood =
    shown->outcome->stopped_us > 0
      ? g_strdup_printf ("%" G_GINT64_FORMAT, shown->outcome->stopped_us / 1000)
      : g_strdup ("-");
  g_autofree char *index =
    move->index != 0 ? g_strdup_printf ("%u", move->index) : g_strdup ("-");
  umz_reply_print (reply, "%2s %-10s %-4s %-10s %-9s %s %7s %5s %7s", index, move->name,
                   shown->is_from_here ? "TO" : "FROM", move->peer, get_status (shown), begun,
                   seconds, stood, sent);
  if (in_full && shown->is_running)
    umz_reply_print (reply, "              PHASE: %s", umz_phase_name (shown->progress.phase));
  if (in_full && shown->outcome->cause[0] != '\0')
    umz_reply_print (reply, "              CAUSE: %s", shown->outcome->cause);
  if (in_full)
    show_transfer (reply, get_transfer (shown));
  if (in_full && shown->is_from_here && !shown->is_running)
    show_expectation (reply, &shown->outcome->expected);
}

static bool
is_wanted (const UmzOperand *wanted, const UmzMoveRecord *move)
{
  return wanted->kind == UMZ_OPERAND_INTEGER ? wanted->integer == move->index
                                             : umz_operand_selects (wanted, move->name);
}

void
umz_execute_show_vm_migration (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  const UmzOperand *wanted = umz_command_get (command, "VM-IDENTIFICATION");
  bool in_full = strcmp (umz_command_get (command, "INFORMATION")->text, "*ALL") == 0;
  g_autoptr (GPtrArray) outcomes =
    umz_store_list_outcomes (reply->app->store, SHOWN_MAX, &error);
  if (outcomes == NULL) {
    umz_reply_fail (reply, error);
    return;
  }
  umz_reply_print (
    reply,
    "VM-ID         DIR  SU         STATUS    BEGIN               SECONDS  STOP SENT-MB");
  for (guint i = 0; i < outcomes->len; i++) {
    Shown shown = look_at (reply->app, outcomes->pdata[i]);
    if (!is_wanted (wanted, shown.outcome->move))
      continue;
    show (reply, &shown, in_full);
    add_data (reply, &shown);
  }
}
