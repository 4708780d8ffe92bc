/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-peer.h: for tests: what SUs of one process say to each other.
 *
 * Linked into a test it stands in for peer/client.h.  Texts go over as JSON, as over the link; each
 * request is answered in a thread of its own, so that who asks can give up.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

typedef enum {
  UMZ_TEST_LINK_WHOLE,
  UMZ_TEST_LINK_SILENT,  /* nothing arrives, and nobody says so */
  UMZ_TEST_LINK_ONE_WAY, /* requests arrive, answers do not */
  UMZ_TEST_LINK_REFUSED, /* nobody listens there */
} UmzTestLink;

void umz_test_peer_begin (void);

/* What the SU `su` asks for: "/moves/ID/VERB" and so on.  NULL: refused, with the reason. */
typedef JsonNode *(*UmzTestHearer) (const char *su, const char *path, JsonObject *request,
                                    void *data, GError **error);

/* The SU listens, and hear answers; NULL: it does not.  Who has asked it before hears that the
 * connection has ended, and clients that it has made itself are cut off for good.
 */
void umz_test_peer_set (const char *su_name, UmzTestHearer hear, void *data);

/* Waits until the SU, which does not listen any more, has nothing left to answer. */
void umz_test_peer_drain (const char *su_name);

/* Between all SUs. */
void umz_test_peer_set_link (UmzTestLink link);

/* How many requests have found nobody who listens since the link was last set. */
unsigned umz_test_peer_count_refused (void);
