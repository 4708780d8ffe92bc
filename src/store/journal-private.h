/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal-private.h: a row of a move, which both files have. */
#pragma once

#include "store/journal.h"
#include "store/sql.h"

/* Without its definition. */
bool umz_sql_put_move (UmzDatabase *db, const UmzMoveRecord *record, GError **error);

/* An UmzMoveRecord; NULL: it has words that no version has ever written. */
void *umz_sql_read_move (sqlite3_stmt *row, GError **error);
