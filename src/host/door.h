/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* door.h: a listening socket that strangers reach, and how many of them are let in.
 *
 * A visit begins when a connection is accepted, and ends when whoever serves it says so.  It is
 * idle until then, but for the times when he calls it busy: when something is done for this visitor
 * that must not be broken off.  Nobody is idle for long.  When there is no room, the visit goes
 * that has been idle for longest: of the same visitor if he has all of his, else of the one who has
 * most.  If none is idle, the new visitor is refused.  Whom the server trusts has room of his own.
 *
 * A shortage of descriptors or memory closes no door: it looks again a moment later.
 *
 * All of it is of the thread that runs the default main context, but for what says otherwise.
 */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct UmzDoor UmzDoor;
typedef struct UmzVisit UmzVisit;

typedef struct {
  unsigned n_visits;         /* of strangers, at a time */
  unsigned n_visits_of_each; /* of one of them: an IPv4 address, an IPv6 /64, a user */
  unsigned n_trusted;        /* of all who are trusted together */
  unsigned idle_s;           /* how long a visit may be idle */
} UmzDoorRoom;

typedef struct {
  /* A visit has begun; whoever is called ends it.  Its socket does not block, and is shut by the
   * door when the visitor has to go.
   */
  void (*enter) (UmzVisit *visit, void *data);
  /* There is no room: a last word to the socket, which is closed behind it.  NULL: none. */
  void (*refuse) (GSocket *socket, void *data);
  /* Of an address or user as umz_visit_get_who() has it.  NULL: nobody is. */
  bool (*is_trusted) (const char *who, void *data);
} UmzDoorServer;

/* What umz_visit_get_who() calls whoever comes from there; the caller frees it. */
char *umz_door_dup_who (GInetAddress *address);

/* A TCP socket that listens at the address (NULL: all of them, IPv6 too where there is IPv6). */
GSocket *umz_door_listen (const char *address, uint16_t port, GError **error);

/* Takes the listening socket.  The room is copied, the server lent. */
UmzDoor *umz_door_open (GSocket *socket, const UmzDoorRoom *room, const UmzDoorServer *server,
                        void *data);

/* Nobody enters any more.  Visits that have begun are shut, and end when they are ended. */
void umz_door_close (UmzDoor *door);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzDoor, umz_door_close)

/* Lends them: they live until the visit ends.  From any thread. */
GSocket *umz_visit_get_socket (const UmzVisit *visit);
const char *umz_visit_get_who (const UmzVisit *visit); /* "10.0.0.1", "2001:db8::/64", "1000" */

/* Whether he has to go.  From any thread. */
bool umz_visit_is_shut (const UmzVisit *visit);

void umz_visit_set_busy (UmzVisit *visit, bool is_busy);

/* He does not have to go for others any more; how long he may be idle is as before. */
void umz_visit_keep (UmzVisit *visit);

/* He has shown who he is: from now on he has room among the trusted, and may be idle for that
 * long.  False: there is none left.
 */
bool umz_visit_trust (UmzVisit *visit, unsigned idle_s);

/* Drops the door's reference to the socket. */
void umz_visit_end (UmzVisit *visit);
