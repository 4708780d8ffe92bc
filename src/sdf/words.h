/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* words.h: the shell's own spelling of a command.
 *
 *   migrate-vm 12 --server-unit-name ABGSE701 --monjv=MONJV.A
 *
 * Values by position come first, a word each; then --name value or --name=value, the name as SDF
 * takes it, in any case.  A value that only a c-string can hold needs no quotes but the shell's.
 */
#pragma once

#include "sdf/spec.h"

#include <glib.h>
#include <stdbool.h>

/* Whether the words (at least one) are in the shell's spelling: there is a --name among them, or
 * none after the first has a character that belongs to SDF.  "/MIGRATE-VM" is always SDF.
 */
bool umz_words_are_for_shell (const char *const *words);

/* The same command as SDF, in which umz_sdf_parse() finds what is wrong with it.  UMZ0022 if a
 * --name has no value.  The caller frees it.
 */
char *umz_words_dup_sdf (const char *const *words, GError **error);
