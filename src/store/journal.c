/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal.c: the moves of this SU.
 *
 * A move has one row in `move` with its present state, and one row in `journal` for each step it
 * took; both change in one transaction.  Nothing is ever deleted from them: they are the history.
 * `ledger` has a row for each change that an open move has made and not taken back.
 */
#include "store/journal.h"

#include "messages/catalogue.h"
#include "store/sql.h"

UmzMoveRecord *
umz_store_move_record_new (void)
{
  return g_new0 (UmzMoveRecord, 1);
}

UmzMoveRecord *
umz_store_move_record_copy (const UmzMoveRecord *record)
{
  UmzMoveRecord *copy = umz_store_move_record_new ();
  *copy = *record;
  copy->id = g_strdup (record->id);
  copy->uuid = g_strdup (record->uuid);
  copy->name = g_strdup (record->name);
  copy->peer = g_strdup (record->peer);
  copy->monjv = g_strdup (record->monjv);
  copy->definition = g_strdup (record->definition);
  copy->boot_id = g_strdup (record->boot_id);
  copy->decision = g_strdup (record->decision);
  return copy;
}

void
umz_store_move_record_free (UmzMoveRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->id);
  g_free (record->uuid);
  g_free (record->name);
  g_free (record->peer);
  g_free (record->monjv);
  g_free (record->definition);
  g_free (record->boot_id);
  g_free (record->decision);
  g_free (record);
}

static bool
write_move (UmzStore *store, const UmzMoveRecord *r, GError **error)
{
  const UmzSqlValue values[] = {
    UMZ_SQL_TEXT ("id", r->id),
    UMZ_SQL_TEXT ("side", umz_side_name (r->side)),
    UMZ_SQL_TEXT ("state", umz_state_name (r->state)),
    UMZ_SQL_TEXT ("uuid", r->uuid),
    UMZ_SQL_TEXT ("name", r->name),
    UMZ_SQL_NUMBER ("vm_index", r->index),
    UMZ_SQL_NUMBER ("epoch", r->epoch),
    UMZ_SQL_TEXT ("peer", r->peer),
    UMZ_SQL_TEXT ("monjv", r->monjv),
    UMZ_SQL_TEXT ("definition", r->definition),
    UMZ_SQL_NUMBER ("qemu_pid", r->qemu_pid),
    UMZ_SQL_NUMBER ("qemu_start", r->qemu_start),
    UMZ_SQL_TEXT ("boot_id", r->boot_id),
    UMZ_SQL_NUMBER ("begun_us", r->begun_us),
    UMZ_SQL_TEXT ("vm_state", umz_vm_state_name (r->vm_state)),
    UMZ_SQL_TEXT ("decision", r->decision),
    UMZ_SQL_NUMBER ("is_closed", r->is_closed),
    UMZ_SQL_END,
  };
  return umz_sql_put (store, "move", values, error);
}

static bool
add_step (UmzStore *store, const UmzMoveRecord *r, const char *event, GError **error)
{
  const UmzSqlValue values[] = {
    UMZ_SQL_TEXT ("move", r->id),
    UMZ_SQL_TEXT ("state", umz_state_name (r->state)),
    UMZ_SQL_TEXT ("event", event),
    UMZ_SQL_NUMBER ("time_us", g_get_real_time ()),
    UMZ_SQL_END,
  };
  return umz_sql_put (store, "journal", values, error);
}

bool
umz_store_journal (UmzStore *store, const UmzMoveRecord *r, const char *event, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  if (!umz_sql_begin (store, error))
    return false;
  bool ok = write_move (store, r, error) && add_step (store, r, event, error) &&
            (!r->is_closed || umz_sql_change (store, "DELETE FROM ledger WHERE move = :move",
                                              UMZ_SQL_VALUES (UMZ_SQL_TEXT ("move", r->id)),
                                              error));
  return umz_sql_end (store, ok, error);
}

/* What no version has ever written is not guessed at: UMZ0300. */
static bool
read_words (sqlite3_stmt *row, UmzMoveRecord *r, GError **error)
{
  g_autofree char *side = umz_sql_dup_text (row, "side");
  g_autofree char *state = umz_sql_dup_text (row, "state");
  g_autofree char *vm_state = umz_sql_dup_text (row, "vm_state");
  if (umz_side_parse (side, &r->side) && umz_state_parse (state, &r->state) &&
      umz_vm_state_parse (vm_state, &r->vm_state))
    return true;
  g_autofree char *words =
    g_strdup_printf ("move %s: %s, %s, %s", r->id, side, state, vm_state);
  umz_set_error (error, UMZ_MSG_UMZ0300, "read", words, NULL);
  return false;
}

static void *
read_move (sqlite3_stmt *row, GError **error)
{
  g_autoptr (UmzMoveRecord) r = umz_store_move_record_new ();
  r->id = umz_sql_dup_text (row, "id");
  if (!read_words (row, r, error))
    return NULL;
  r->uuid = umz_sql_dup_text (row, "uuid");
  r->name = umz_sql_dup_text (row, "name");
  r->index = (unsigned) umz_sql_get_number (row, "vm_index");
  r->epoch = (uint64_t) umz_sql_get_number (row, "epoch");
  r->peer = umz_sql_dup_text (row, "peer");
  r->monjv = umz_sql_dup_text (row, "monjv");
  r->definition = umz_sql_dup_text (row, "definition");
  r->qemu_pid = umz_sql_get_number (row, "qemu_pid");
  r->qemu_start = (uint64_t) umz_sql_get_number (row, "qemu_start");
  r->boot_id = umz_sql_dup_text (row, "boot_id");
  r->begun_us = umz_sql_get_number (row, "begun_us");
  r->decision = umz_sql_dup_text (row, "decision");
  r->is_closed = umz_sql_get_number (row, "is_closed") != 0;
  return g_steal_pointer (&r);
}

bool
umz_store_dup_move (UmzStore *store, const char *id, UmzMoveRecord **ret_record, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (sqlite3_stmt) row = NULL;
  if (!umz_sql_find (store, "SELECT * FROM move WHERE id = :id",
                     UMZ_SQL_VALUES (UMZ_SQL_TEXT ("id", id)),
                     &row, error))
    return false;
  *ret_record = row != NULL ? read_move (row, error) : NULL;
  return row == NULL || *ret_record != NULL;
}

GPtrArray *
umz_store_list_open_moves (UmzStore *store, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_list (store, "SELECT * FROM move WHERE NOT is_closed ORDER BY begun_us",
                       UMZ_SQL_NOTHING, read_move, (GDestroyNotify) umz_store_move_record_free,
                       error);
}

/* ---- what moves have changed ---- */

void
umz_store_ledger_entry_free (UmzLedgerEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->step);
  g_free (entry->detail);
  g_free (entry);
}

bool
umz_store_note_step (UmzStore *store, const char *move, const char *step, const char *detail,
                     GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_put (store, "ledger",
                      UMZ_SQL_VALUES (UMZ_SQL_TEXT ("move", move), UMZ_SQL_TEXT ("step", step),
                                      UMZ_SQL_TEXT ("detail", detail)),
                      error);
}

bool
umz_store_strike_step (UmzStore *store, uint64_t number, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, "DELETE FROM ledger WHERE number = :number",
                         UMZ_SQL_VALUES (UMZ_SQL_NUMBER ("number", number)), error);
}

static void *
read_step (sqlite3_stmt *row, GError **error)
{
  UmzLedgerEntry *entry = g_new0 (UmzLedgerEntry, 1);
  entry->number = (uint64_t) umz_sql_get_number (row, "number");
  entry->step = umz_sql_dup_text (row, "step");
  entry->detail = umz_sql_dup_text (row, "detail");
  return entry;
}

GPtrArray *
umz_store_list_steps (UmzStore *store, const char *move, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_list (store, "SELECT * FROM ledger WHERE move = :move ORDER BY number DESC",
                       UMZ_SQL_VALUES (UMZ_SQL_TEXT ("move", move)), read_step,
                       (GDestroyNotify) umz_store_ledger_entry_free, error);
}

/* ---- how moves ended ---- */

void
umz_outcome_free (UmzOutcome *outcome)
{
  if (outcome == NULL)
    return;
  umz_store_move_record_free (outcome->move);
  g_free (outcome->status);
  g_free (outcome->cause);
  g_free (outcome);
}

bool
umz_store_put_outcome (UmzStore *store, const UmzOutcome *o, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  const UmzTransferFigures *t = &o->transfer;
  const UmzSqlValue values[] = {
    UMZ_SQL_TEXT ("move", o->move->id),
    UMZ_SQL_TEXT ("status", o->status),
    UMZ_SQL_TEXT ("cause", o->cause),
    UMZ_SQL_NUMBER ("ended_us", o->ended_us),
    UMZ_SQL_NUMBER ("stopped_us", o->stopped_us),
    UMZ_SQL_NUMBER ("copy_us", o->copy_us),
    UMZ_SQL_NUMBER ("link_bytes", t->link_bytes),
    UMZ_SQL_NUMBER ("is_coded", t->is_coded),
    UMZ_SQL_NUMBER ("has_mirror", t->has_mirror),
    UMZ_SQL_NUMBER ("guest_bytes", t->guest_bytes),
    UMZ_SQL_NUMBER ("same_pages", t->same_pages),
    UMZ_SQL_NUMBER ("delta_pages", t->delta_pages),
    UMZ_SQL_NUMBER ("fresh_pages", t->fresh_pages),
    UMZ_SQL_NUMBER ("zero_pages", t->zero_pages),
    UMZ_SQL_NUMBER ("cpu_us", t->cpu_us),
    UMZ_SQL_NUMBER ("expected_total_us", o->expected.total_us),
    UMZ_SQL_NUMBER ("expected_stop_us", o->expected.stop_us),
    UMZ_SQL_NUMBER ("expected_bytes", o->expected.link_bytes),
    UMZ_SQL_END,
  };
  return umz_sql_put (store, "outcome", values, error);
}

static UmzTransferFigures
read_transfer (sqlite3_stmt *row)
{
  return (UmzTransferFigures){
    .is_coded = umz_sql_get_number (row, "is_coded") != 0,
    .has_mirror = umz_sql_get_number (row, "has_mirror") != 0,
    .link_bytes = (uint64_t) umz_sql_get_number (row, "link_bytes"),
    .guest_bytes = (uint64_t) umz_sql_get_number (row, "guest_bytes"),
    .same_pages = (uint64_t) umz_sql_get_number (row, "same_pages"),
    .delta_pages = (uint64_t) umz_sql_get_number (row, "delta_pages"),
    .fresh_pages = (uint64_t) umz_sql_get_number (row, "fresh_pages"),
    .zero_pages = (uint64_t) umz_sql_get_number (row, "zero_pages"),
    .cpu_us = (uint64_t) umz_sql_get_number (row, "cpu_us"),
  };
}

/* Of a move that has no outcome yet, all columns of it are NULL. */
static void *
read_outcome (sqlite3_stmt *row, GError **error)
{
  g_autoptr (UmzOutcome) outcome = g_new0 (UmzOutcome, 1);
  outcome->move = read_move (row, error);
  if (outcome->move == NULL)
    return NULL;
  outcome->status = umz_sql_dup_text (row, "status");
  outcome->cause = umz_sql_dup_text (row, "cause");
  if (outcome->status == NULL) {
    outcome->status = g_strdup ("");
    outcome->cause = g_strdup ("");
  }
  outcome->ended_us = umz_sql_get_number (row, "ended_us");
  outcome->stopped_us = umz_sql_get_number (row, "stopped_us");
  outcome->copy_us = umz_sql_get_number (row, "copy_us");
  outcome->transfer = read_transfer (row);
  outcome->expected = (UmzExpectation){
    .total_us = umz_sql_get_number (row, "expected_total_us"),
    .stop_us = umz_sql_get_number (row, "expected_stop_us"),
    .link_bytes = (uint64_t) umz_sql_get_number (row, "expected_bytes"),
  };
  return g_steal_pointer (&outcome);
}

GPtrArray *
umz_store_list_outcomes (UmzStore *store, unsigned limit, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_list (store,
                       "SELECT * FROM (SELECT * FROM move LEFT JOIN outcome"
                       " ON outcome.move = move.id ORDER BY begun_us DESC LIMIT :limit)"
                       " ORDER BY begun_us",
                       UMZ_SQL_VALUES (UMZ_SQL_NUMBER ("limit", limit)), read_outcome,
                       (GDestroyNotify) umz_outcome_free, error);
}
