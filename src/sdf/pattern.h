/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pattern.h: SDF's wildcards, by which a name selects several.
 *
 *   *            any characters, also none
 *   /            exactly one character
 *   <a:b>        from a to b in alphabetical order, as long as a or b or between
 *   <a,b,c:d>    one of these
 *   -pattern     every name that the pattern does not select
 */
#pragma once

#include <stdbool.h>

/* Whether text has a wildcard at all. */
bool umz_pattern_has_wildcards (const char *text);

/* Whether the text is made of wildcards and of the characters of SDF names, in upper case. */
bool umz_pattern_is_valid (const char *text);

/* Whether a valid pattern selects the name.  Case is ignored.  The time is bounded by the product
 * of the lengths.
 */
bool umz_pattern_selects (const char *pattern, const char *name);
