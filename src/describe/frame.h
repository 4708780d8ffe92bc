/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* frame.h: what is the same in every artefact of a kind: files beside this one, kept inside the
 * program.
 */
#pragma once

#include <glib.h>

/* The frame of that file; the caller frees it. */
char *umz_frame_dup (const char *file);

/* The same, each "@key@" replaced by its text without the last newline, for the frame has one.
 * Keys and texts alternate and end with NULL.
 */
char *umz_frame_fill (const char *file, ...) G_GNUC_NULL_TERMINATED;
