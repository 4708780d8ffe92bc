/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-peer.h: for tests: what SUs of one process say to each other.
 *
 * Linked into a test it stands in for peer/client.h.  Texts go over as JSON, as over the link; each
 * request is answered in a thread of its own, so that who asks can give up.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

#include "engine/engine.h"

typedef enum {
  UMZ_TEST_LINK_WHOLE,
  UMZ_TEST_LINK_SILENT,  /* nothing arrives, and nobody says so */
  UMZ_TEST_LINK_ONE_WAY, /* requests arrive, answers do not */
  UMZ_TEST_LINK_REFUSED, /* nobody listens there */
} UmzTestLink;

void umz_test_peer_begin (void);

/* The SU listens, and its engine answers; engine NULL: it does not.  Who has asked it before hears
 * that the connection has ended, and clients that it has made itself are cut off for good.
 */
void umz_test_peer_set (const char *su_name, UmzEngine *engine);

/* Between all SUs. */
void umz_test_peer_set_link (UmzTestLink link);
