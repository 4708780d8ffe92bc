/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* side.h: the two SUs of a move. */
#pragma once

typedef enum {
  UMZ_SIDE_SOURCE, /* which the guest leaves */
  UMZ_SIDE_TARGET, /* which it comes to */
} UmzSide;
