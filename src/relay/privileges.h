/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* privileges.h: how a relay becomes nobody, in the order in which main() does it.
 *
 *   1. umz_privileges_keep_fds        nothing inherited but 0 to 3
 *   2. (START is read: its descriptors and the key are all that is ever needed from outside)
 *   3. umz_privileges_leave           empty root directory, unprivileged user, no way back
 *   4. umz_privileges_limit           no new rights, no file but one, no process, few system calls
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Closes every descriptor from 4 on; opens /dev/null in place of a missing 0, 1 or 2. */
bool umz_privileges_keep_fds (GError **error);

/* As root: makes `root`, an absolute path of an empty directory, the root directory, then becomes
 * user uid, group gid, no further groups.  Neither may be 0.  Errors: G_IO_ERROR.
 */
bool umz_privileges_leave (const char *root, uid_t uid, gid_t gid, GError **error);

/* For the rest of the process's life; a forbidden system call kills it, and no file grows beyond
 * file_bytes.  In a build with a sanitizer system calls stay free, because the sanitizer makes its
 * own.  Errors: G_IO_ERROR.
 */
bool umz_privileges_limit (uint64_t file_bytes, GError **error);
