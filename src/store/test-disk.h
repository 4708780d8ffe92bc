/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-disk.h: for tests: a disk below SQLite's files that cannot be written any more.
 *
 * SQLite makes its system calls through a table (sqlite3_vfs.xSetSystemCall), and ours stand in it.
 * One disk at a time; from any thread.
 */
#pragma once

#include <stdbool.h>

/* The n-th write (1: the next one) to a file whose path begins so fails with this errno, and every
 * one after it.
 */
void umz_test_disk_fail (const char *path, unsigned n, int error);

/* Whether a write has failed. */
bool umz_test_disk_has_failed (void);

/* Writes go through again. */
void umz_test_disk_heal (void);
