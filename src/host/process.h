/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* process.h: the QEMU process of the guest: frozen, thawed, ended.
 *
 * While it is frozen no thread of it runs, so neither does the guest, whatever libvirt thinks.  The
 * process is held by a pidfd and known by PID, start time and boot: a later process with the same
 * PID is never touched.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct UmzProcess UmzProcess;

/* start is field 22 of /proc/PID/stat, 0 for "whatever it has now".  NULL: UMZ0131 if there is no
 * such process (any more); anything else if that could not be found out.
 */
UmzProcess *umz_process_open (int64_t pid, uint64_t start, GError **error);
void umz_process_close (UmzProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzProcess, umz_process_close)

uint64_t umz_process_get_start (const UmzProcess *process);

bool umz_process_is_alive (const UmzProcess *process);

/* Whether every thread of it stands still (state T). */
bool umz_process_is_frozen (const UmzProcess *process);

/* SIGSTOP, then waits until it is frozen, at most a second.  UMZ0128 otherwise. */
bool umz_process_freeze (const UmzProcess *process, GError **error);
void umz_process_thaw (const UmzProcess *process);

/* Whether a SIGTERM waits for the frozen process: somebody, as a rule libvirtd, wants it to end. */
bool umz_process_is_told_to_end (const UmzProcess *process);

/* Waits for that, at most until end_us (monotonic), or until the process has ended. */
void umz_process_wait_until_told_to_end (const UmzProcess *process, int64_t end_us);

/* SIGKILL.  UMZ0122 if it is there still after a while: it waits in the kernel, for its disks. */
bool umz_process_kill (const UmzProcess *process, GError **error);
