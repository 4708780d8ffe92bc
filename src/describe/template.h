/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* template.h: what is the same in every artefact of a kind: files beside this one, kept inside the
 * program.
 */
#pragma once

#include <glib.h>

/* The template of that file; the caller frees it. */
char *umz_template_dup (const char *file);

/* The same, each "@key@" replaced by its text without the last newline, for the template has one.
 * Keys and texts alternate and end with NULL.
 */
char *umz_template_fill (const char *file, ...) G_GNUC_NULL_TERMINATED;
