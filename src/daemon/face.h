/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* face.h: HTTP for those whom a door has let in: operators on the local socket, other SUs on the
 * control port.  A request is heard in the main loop and answered in a lane.
 */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

#include "daemon/guest-console.h"
#include "daemon/lanes.h"
#include "host/door.h"
#include "su/app.h"

typedef struct UmzFace UmzFace;

/* All of it is borrowed, and outlives the face. */
typedef struct {
  UmzApp *app;
  UmzGuestConsoles *guest_consoles;
  UmzLanes *lanes;   /* made with umz_face_serve() */
  bool is_local;     /* who asks is a user of this host, else an SU */
  goffset max_bytes; /* of a request's body */
} UmzFaceMeans;

UmzFace *umz_face_new (const UmzFaceMeans *means, GError **error);

/* Waits until all requests are answered.  NULL: does nothing. */
void umz_face_free (UmzFace *face);

/* Serves the visitor, which is taken, until either lets go.  su: as its certificate has it; NULL:
 * it has shown none.
 */
void umz_face_take (UmzFace *face, UmzVisit *visit, GIOStream *stream, const char *su);

/* Ends the connections of which must_end() says so, within a few seconds. */
void umz_face_end_those (UmzFace *face, bool (*must_end) (GIOStream *stream, void *data),
                         void *data);

/* Answers a request: the job of a lane. */
void umz_face_serve (void *job);
