/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal.c: the moves of this SU that are not closed, or have just been.
 *
 * A move has one row in `move` with its present state, and one row in `journal` for each step it
 * took; both change in one transaction.  Its definition, the largest thing of it, is written once.
 * `ledger` has a row for each change that an open move has made and not taken back.  Once the move
 * is closed, history.c files it away.
 */
#include "store/journal.h"

#include "messages/catalogue.h"
#include "store/journal-private.h"

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

bool
umz_sql_put_move (UmzDatabase *db, const UmzMoveRecord *r, GError **error)
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
    UMZ_SQL_NUMBER ("qemu_pid", r->qemu_pid),
    UMZ_SQL_NUMBER ("qemu_start", r->qemu_start),
    UMZ_SQL_TEXT ("boot_id", r->boot_id),
    UMZ_SQL_NUMBER ("begun_us", r->begun_us),
    UMZ_SQL_TEXT ("vm_state", umz_vm_state_name (r->vm_state)),
    UMZ_SQL_TEXT ("decision", r->decision),
    UMZ_SQL_NUMBER ("is_held", r->is_held),
    UMZ_SQL_NUMBER ("has_said_last", r->has_said_last),
    UMZ_SQL_NUMBER ("is_closed", r->is_closed),
    UMZ_SQL_END,
  };
  return umz_sql_put (db, "move", values, error);
}

static bool
write_definition (UmzDatabase *db, const UmzMoveRecord *r, GError **error)
{
  return r->definition == NULL ||
         umz_sql_change (db,
                         "INSERT INTO move_definition (move, xml) VALUES (:move, :xml)"
                         " ON CONFLICT (move) DO UPDATE SET xml = :xml WHERE xml != :xml",
                         UMZ_SQL_VALUES (UMZ_SQL_TEXT ("move", r->id),
                                         UMZ_SQL_TEXT ("xml", r->definition)),
                         error);
}

static bool
add_step (UmzDatabase *db, const UmzMoveRecord *r, const char *event, GError **error)
{
  const UmzSqlValue values[] = {
    UMZ_SQL_TEXT ("move", r->id),
    UMZ_SQL_TEXT ("state", umz_state_name (r->state)),
    UMZ_SQL_TEXT ("event", event),
    UMZ_SQL_NUMBER ("time_us", g_get_real_time ()),
    UMZ_SQL_END,
  };
  return umz_sql_put (db, "journal", values, error);
}

bool
umz_store_journal (UmzStore *store, const UmzMoveRecord *r, const char *event, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  if (!umz_sql_begin (db, error))
    return false;
  bool ok = umz_sql_put_move (db, r, error) && write_definition (db, r, error) &&
            add_step (db, r, event, error) &&
            (!r->is_closed || umz_sql_change (db, "DELETE FROM ledger WHERE move = :move",
                                              UMZ_SQL_VALUES (UMZ_SQL_TEXT ("move", r->id)),
                                              error));
  return umz_sql_end (db, ok, error);
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

void *
umz_sql_read_move (sqlite3_stmt *row, GError **error)
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
  r->qemu_pid = umz_sql_get_number (row, "qemu_pid");
  r->qemu_start = (uint64_t) umz_sql_get_number (row, "qemu_start");
  r->boot_id = umz_sql_dup_text (row, "boot_id");
  r->begun_us = umz_sql_get_number (row, "begun_us");
  r->decision = umz_sql_dup_text (row, "decision");
  r->is_held = umz_sql_get_number (row, "is_held") != 0;
  r->has_said_last = umz_sql_get_number (row, "has_said_last") != 0;
  r->is_closed = umz_sql_get_number (row, "is_closed") != 0;
  return g_steal_pointer (&r);
}

/* ret_record: NULL if there is none. */
static bool
find_move (UmzDatabase *db, const char *sql, const char *id, UmzSqlRead *read,
           UmzMoveRecord **ret_record, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  g_autoptr (sqlite3_stmt) row = NULL;
  if (!umz_sql_find (db, sql, UMZ_SQL_VALUES (UMZ_SQL_TEXT ("id", id)), &row, error))
    return false;
  *ret_record = row != NULL ? read (row, error) : NULL;
  return row == NULL || *ret_record != NULL;
}

#define OPEN_MOVES                                                                    \
  "SELECT move.*, xml AS definition FROM move LEFT JOIN move_definition ON id = move" \
  " WHERE "

static void *
read_open_move (sqlite3_stmt *row, GError **error)
{
  UmzMoveRecord *record = umz_sql_read_move (row, error);
  if (record != NULL)
    record->definition = umz_sql_dup_text (row, "definition");
  return record;
}

bool
umz_store_dup_move (UmzStore *store, const char *id, UmzMoveRecord **ret_record, GError **error)
{
  if (!find_move (&store->journal, OPEN_MOVES "id = :id", id, read_open_move, ret_record, error))
    return false;
  return *ret_record != NULL ||
         find_move (&store->reader, "SELECT * FROM every_move WHERE id = :id", id,
                    umz_sql_read_move, ret_record, error);
}

GPtrArray *
umz_store_list_open_moves (UmzStore *store, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_list (db, OPEN_MOVES "NOT is_closed ORDER BY begun_us", UMZ_SQL_NOTHING,
                       read_open_move, (GDestroyNotify) umz_store_move_record_free, error);
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
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_put (db, "ledger",
                      UMZ_SQL_VALUES (UMZ_SQL_TEXT ("move", move), UMZ_SQL_TEXT ("step", step),
                                      UMZ_SQL_TEXT ("detail", detail)),
                      error);
}

bool
umz_store_strike_step (UmzStore *store, uint64_t number, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_change (db, "DELETE FROM ledger WHERE number = :number",
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
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_list (db, "SELECT * FROM ledger WHERE move = :move ORDER BY number DESC",
                       UMZ_SQL_VALUES (UMZ_SQL_TEXT ("move", move)), read_step,
                       (GDestroyNotify) umz_store_ledger_entry_free, error);
}
