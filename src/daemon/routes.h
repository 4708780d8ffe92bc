/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* routes.h: every path that umzugd answers, on its two faces.
 *
 * One table: the server looks into it, and docs/wire-format.md and the API's description are held
 * against it by a test.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "daemon/operators.h"
#include "daemon/peers.h"

/* {…} in a path stands for one component, which is the argument. */
typedef struct {
  const char *method;
  const char *path; /* "/1/moves/{id}"; of a peer's route behind "/peer/3/" */
  UmzServe serve;   /* local socket, or NULL */
  UmzHearer hear;   /* control port, or NULL */
} UmzRoute;

const UmzRoute *umz_routes_get_all (size_t *ret_n);

/* Of a partner: whether a guest may stand still until it is answered.  What announces a move can
 * take long, and is none.
 */
bool umz_routes_is_of_move (const UmzRequest *request);

/* Answers a request of the face that it came by. */
void umz_routes_serve (UmzRequest *request);
