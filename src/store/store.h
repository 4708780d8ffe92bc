/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store.h: all that an SU must not forget, in two SQLite files: umzug.db, the journal, and
 * records.db, everything else.  What is in them stands in vms.h, journal.h, history.h,
 * job-variables.h, free-devices.h, console-log.h and partners.h.
 *
 * All functions may be called from any thread.  A change that returned true has reached the disk.
 * Of a reader false says that it could not be found out; that there is nothing is an answer.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct UmzStore UmzStore;

/* Opens the files of the folder, or makes them, with mode 0600 as all that stands beside them.
 * NULL: one cannot be used, or is from a newer Umzug.
 */
UmzStore *umz_store_open (const char *folder, GError **error);
void umz_store_close (UmzStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzStore, umz_store_close)

/* Whether the journal of another move finds room on the file system; UMZ0115 otherwise.  Asked
 * before a move begins.  What the moves that have begun write finds room in the files themselves,
 * also when the file system is full.
 */
bool umz_store_has_room (UmzStore *store, GError **error);

/* Whether the journal can be written, by writing to it, but not more than once a second. */
bool umz_store_try_write (UmzStore *store, GError **error);

/* The same of a folder with so many bytes free. */
bool umz_store_is_room_enough (const char *folder, uint64_t free_bytes, GError **error);

/* Counts the starts of the monitor system, 1 to 999 and round again. */
bool umz_store_begin_session (UmzStore *store, unsigned *ret_session, GError **error);
