/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verdict.h: a verdict as a word. */
#pragma once

#include "arbiter/arbiter.h"

/* Also "NONE"; false if it is another word. */
bool umz_verdict_parse (const char *text, UmzVerdict *ret_verdict);
