/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* migrations.h: how a guest's memory travels, as data. */
#pragma once

#include <json-glib/json-glib.h>

#include "store/history.h"

/* What is known of it, as members of the open object; the API tells it of a move, too, beside
 * umz_operators_add_progress().
 */
void umz_migrations_add_transfer (JsonBuilder *b, const UmzTransferFigures *transfer);
