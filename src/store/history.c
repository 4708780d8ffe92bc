/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* history.c: what is left of moves: their rows, steps and outcomes in the records. */
#include "store/history.h"

#include "store/journal-private.h"

#define PIECE 100 /* moves or lines that are looked at, or deleted, at a time */

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
  UmzDatabase *db = &store->records;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
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
  return umz_sql_put (db, "outcome", values, error);
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
  outcome->move = umz_sql_read_move (row, error);
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
  UmzDatabase *db = &store->reader;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_list (db,
                       "SELECT * FROM"
                       " (SELECT * FROM every_move ORDER BY begun_us DESC LIMIT :limit)"
                       " LEFT JOIN outcome ON move = id ORDER BY begun_us",
                       UMZ_SQL_VALUES (UMZ_SQL_NUMBER ("limit", limit)), read_outcome,
                       (GDestroyNotify) umz_outcome_free, error);
}

/* ---- to be filed away ---- */

typedef struct {
  int64_t number, time_us;
  char *state, *event; /* owned */
} Step;

static void
free_step (void *data)
{
  Step *step = data;
  g_free (step->state);
  g_free (step->event);
  g_free (step);
}

static void *
read_step (sqlite3_stmt *row, GError **error)
{
  Step *step = g_new0 (Step, 1);
  step->number = umz_sql_get_number (row, "number");
  step->time_us = umz_sql_get_number (row, "time_us");
  step->state = umz_sql_dup_text (row, "state");
  step->event = umz_sql_dup_text (row, "event");
  return step;
}

static GPtrArray *
list_closed (UmzDatabase *db, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_list (db, "SELECT * FROM move WHERE is_closed LIMIT :piece",
                       UMZ_SQL_VALUES (UMZ_SQL_NUMBER ("piece", PIECE)), umz_sql_read_move,
                       (GDestroyNotify) umz_store_move_record_free, error);
}

static GPtrArray *
list_steps (UmzDatabase *db, const char *move, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_list (db, "SELECT * FROM journal WHERE move = :move",
                       UMZ_SQL_VALUES (UMZ_SQL_TEXT ("move", move)), read_step, free_step, error);
}

static bool
put_step (UmzDatabase *db, const char *move, const Step *step, GError **error)
{
  return umz_sql_put (db, "step",
                      UMZ_SQL_VALUES (UMZ_SQL_TEXT ("move", move),
                                      UMZ_SQL_NUMBER ("number", step->number),
                                      UMZ_SQL_TEXT ("state", step->state),
                                      UMZ_SQL_TEXT ("event", step->event),
                                      UMZ_SQL_NUMBER ("time_us", step->time_us)),
                      error);
}

static bool
put_whole_move (UmzDatabase *db, const UmzMoveRecord *move, const GPtrArray *steps, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  if (!umz_sql_begin (db, error))
    return false;
  bool ok = umz_sql_put_move (db, move, error);
  for (guint i = 0; ok && i < steps->len; i++)
    ok = put_step (db, move->id, steps->pdata[i], error);
  return umz_sql_end (db, ok, error);
}

/* One statement for each table. */
static bool
delete_move (UmzDatabase *db, const char *const *statements, const char *id, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  bool ok = umz_sql_begin (db, error);
  if (!ok)
    return false;
  for (size_t i = 0; ok && statements[i] != NULL; i++)
    ok = umz_sql_change (db, statements[i], UMZ_SQL_VALUES (UMZ_SQL_TEXT ("id", id)), error);
  return umz_sql_end (db, ok, error);
}

/* After a crash between the two it is in both files, and comes here again. */
static bool
file_away (UmzStore *store, const UmzMoveRecord *move, GError **error)
{
  static const char *const from_journal[] = { "DELETE FROM move_definition WHERE move = :id",
                                              "DELETE FROM journal WHERE move = :id",
                                              "DELETE FROM move WHERE id = :id", NULL };
  g_autoptr (GPtrArray) steps = list_steps (&store->journal, move->id, error);
  return steps != NULL && put_whole_move (&store->records, move, steps, error) &&
         delete_move (&store->journal, from_journal, move->id, error);
}

static bool
file_away_all (UmzStore *store, GError **error)
{
  for (;;) {
    g_autoptr (GPtrArray) closed = list_closed (&store->journal, error);
    if (closed == NULL)
      return false;
    for (guint i = 0; i < closed->len; i++)
      if (!file_away (store, closed->pdata[i], error))
        return false;
    if (closed->len < PIECE)
      return true;
  }
}

/* ---- to be forgotten ---- */

static int64_t
get_limit (uint64_t n)
{
  return n > 0 && n < INT64_MAX ? (int64_t) n : INT64_MAX;
}

static void *
read_id (sqlite3_stmt *row, GError **error)
{
  return umz_sql_dup_text (row, "id");
}

static GPtrArray *
list_old_moves (UmzDatabase *db, const UmzStoreLimits *limits, int64_t before_us, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_list (
    db,
    "SELECT id FROM main.move AS old WHERE begun_us < max (:before_us, coalesce ("
    "  (SELECT begun_us FROM main.move ORDER BY begun_us DESC LIMIT 1 OFFSET :n_moves - 1), 0))"
    " AND EXISTS (SELECT 1 FROM main.move WHERE uuid = old.uuid AND begun_us > old.begun_us)"
    " ORDER BY begun_us LIMIT :piece",
    UMZ_SQL_VALUES (UMZ_SQL_NUMBER ("before_us", before_us),
                    UMZ_SQL_NUMBER ("n_moves", get_limit (limits->n_moves)),
                    UMZ_SQL_NUMBER ("piece", PIECE)),
    read_id, g_free, error);
}

static bool
forget_moves (UmzStore *store, const UmzStoreLimits *limits, int64_t before_us, GError **error)
{
  static const char *const from_records[] = { "DELETE FROM step WHERE move = :id",
                                              "DELETE FROM outcome WHERE move = :id",
                                              "DELETE FROM move WHERE id = :id", NULL };
  for (;;) {
    g_autoptr (GPtrArray) old = list_old_moves (&store->reader, limits, before_us, error);
    if (old == NULL)
      return false;
    for (guint i = 0; i < old->len; i++)
      if (!delete_move (&store->records, from_records, old->pdata[i], error))
        return false;
    if (old->len < PIECE)
      return true;
  }
}

/* The oldest lines of a piece; *ret_n: how many there were. */
static bool
forget_piece_of_lines (UmzDatabase *db, const UmzStoreLimits *limits, int64_t before_us, int *ret_n,
                       GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  bool ok = umz_sql_change (
    db,
    "DELETE FROM console WHERE number IN (SELECT number FROM"
    "  (SELECT number, time_us FROM console ORDER BY number LIMIT :piece)"
    " WHERE time_us < :before_us OR number <= (SELECT max (number) FROM console) - :n_lines)",
    UMZ_SQL_VALUES (UMZ_SQL_NUMBER ("piece", PIECE), UMZ_SQL_NUMBER ("before_us", before_us),
                    UMZ_SQL_NUMBER ("n_lines", get_limit (limits->n_lines))),
    error);
  *ret_n = sqlite3_changes (db->db);
  return ok;
}

static bool
forget_lines (UmzStore *store, const UmzStoreLimits *limits, int64_t before_us, GError **error)
{
  int n = PIECE;
  bool ok = true;
  while (ok && n == PIECE)
    ok = forget_piece_of_lines (&store->records, limits, before_us, &n, error);
  return ok;
}

bool
umz_store_tidy (UmzStore *store, const UmzStoreLimits *limits, GError **error)
{
  int64_t before_us = limits->age_us > 0 ? g_get_real_time () - limits->age_us : 0;
  return file_away_all (store, error) && forget_moves (store, limits, before_us, error) &&
         forget_lines (store, limits, before_us, error);
}
