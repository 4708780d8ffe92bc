/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* handshakes.h: TLS with whoever has come to the control port.
 *
 * Nobody is worth a thread before he has said hello as TLS has it, of one address no more than some
 * strangers are, and whose address is known waits for no stranger: two sets of threads.  How long
 * one may take is the door's business, which shuts the socket.
 */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

#include "host/door.h"
#include "pki/pki.h"

typedef struct UmzHandshakes UmzHandshakes;

/* A handshake is over, in the main loop.  stream NULL: it failed; else it is lent, and su is the SU
 * that the certificate names: one of the cluster, though perhaps none that is configured.
 */
typedef void (*UmzHandshakeDone) (UmzVisit *visit, GIOStream *stream, const char *su, void *data);

/* Who we are, and whom we believe that he is who he says. */
typedef struct {
  GTlsCertificate *certificate;
  GTlsDatabase *database;
  UmzRevoked *revoked;
} UmzIdentity;

void umz_identity_clear (UmzIdentity *identity);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzIdentity, umz_identity_clear)

/* The identity is taken. */
UmzHandshakes *umz_handshakes_new (UmzIdentity *identity, UmzHandshakeDone done, void *data);

/* Shuts those that are under way, and waits for them; done is called for each. */
void umz_handshakes_free (UmzHandshakes *handshakes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzHandshakes, umz_handshakes_free)

/* From now on; those that are under way keep what they have begun with.  The identity is taken. */
void umz_handshakes_set_identity (UmzHandshakes *handshakes, UmzIdentity *identity);

/* Whether the certificate that was shown over this TLS connection has not been revoked since. */
bool umz_handshakes_still_accept (UmzHandshakes *handshakes, GIOStream *stream);

/* is_known: he comes from an address of a partner. */
void umz_handshakes_begin (UmzHandshakes *handshakes, UmzVisit *visit, bool is_known);
