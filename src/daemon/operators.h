/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* operators.h: what operators ask for, one function for each route (routes.c) of the local socket.
 * The API's description tells what each takes and answers.
 */
#pragma once

#include "daemon/request.h"
#include "engine/terms.h"

/* argument: what stands in the path, or NULL. */
typedef void (*UmzServe) (UmzRequest *request, const char *argument);

void umz_operators_serve_command (UmzRequest *request, const char *unused);
void umz_operators_serve_console (UmzRequest *request, const char *unused);
void umz_operators_serve_description (UmzRequest *request, const char *unused);
void umz_operators_serve_guest_console (UmzRequest *request, const char *vm);
void umz_operators_serve_move (UmzRequest *request, const char *id);

/* What is told of a move beside its lines, into the object that is open. */
void umz_operators_add_progress (JsonBuilder *builder, const UmzProgress *progress);
