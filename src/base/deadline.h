/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* deadline.h: a limit for calls of GIO that block.
 *
 * SoupSession's own timeout begins anew with every byte and does not cover connecting; this one is
 * for all that is done with its cancellable.  When the time is over that fails with
 * G_IO_ERROR_CANCELLED.
 */
#pragma once

#include <gio/gio.h>

typedef struct UmzDeadline UmzDeadline;

/* The time begins now.  interrupt (may be NULL) ends it at once. */
UmzDeadline *umz_deadline_new (unsigned limit_s, GCancellable *interrupt);
void umz_deadline_free (UmzDeadline *deadline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzDeadline, umz_deadline_free)

/* Lent; not to be used when the deadline is freed. */
GCancellable *umz_deadline_get_cancellable (UmzDeadline *deadline);
