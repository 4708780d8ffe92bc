/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* side.h: the two SUs of a move. */
#pragma once

#include <stdbool.h>

typedef enum {
  UMZ_SIDE_SOURCE, /* which the guest leaves */
  UMZ_SIDE_TARGET, /* which it comes to */
} UmzSide;

/* "source"; lives for ever. */
const char *umz_side_name (UmzSide side);

/* False if the text, which may be NULL, names no side. */
bool umz_side_parse (const char *text, UmzSide *ret_side);
