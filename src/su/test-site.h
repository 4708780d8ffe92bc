/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-site.h: for tests: two SUs in one process, all of umzugd but its doors.
 *
 * Under them are the doubles of libvirt (hypervisor/test-libvirt.h), of how it is set up
 * (host/test-libvirtd.h) and of the link (engine/test-peer.h); stores, engines and configurations
 * are the real ones.  Herald and sampler rest until a test starts them, and no relay is there: what
 * moves between the SUs is a VM that is off, or a definition.  Everything that goes wrong in
 * setting up ends the test.
 */
#pragma once

#include <glib.h>

#include "su/app.h"

typedef struct {
  const char *name;
  char *folder; /* owned */
  char *uri;    /* owned; of its libvirt */
  UmzSuType type;
  const char *more; /* groups of its key file; borrowed, or NULL */
  int door;         /* a socket at its control port, where nobody ever answers */
  uint16_t port;
  UmzApp *app; /* owned; NULL: its umzugd does not run */
  GMutex lock; /* of what follows */
  GCond changed;
  const char *held; /* requests whose path ends with it wait; NULL: none */
  unsigned n_held;
  const char *refused; /* requests whose path ends with it are refused; NULL: none */
  UmzNotice *why;      /* owned; or NULL */
} UmzTestUnit;

typedef struct {
  char *folder; /* owned */
  UmzTestUnit here, there;
} UmzTestSite;

/* ABGSE501 is here and ABGSE701 there, both of this type, and their umzugd run.  more: further
 * groups of the key file of the one that is here; NULL: none.
 */
UmzTestSite *umz_test_site_new (UmzSuType type, const char *more);
void umz_test_site_free (UmzTestSite *site);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzTestSite, umz_test_site_free)

/* Its umzugd ends, as at SIGTERM, and is started; the host stays. */
void umz_test_unit_stop (UmzTestUnit *unit);
void umz_test_unit_start (UmzTestUnit *unit);

/* A VM of 64 MiB; devices: elements of libvirt's domain XML, or NULL. */
typedef struct {
  const char *name;
  unsigned index; /* 0: none */
  UmzVmState state;
  const char *devices;
  const char *twin; /* a name whose UUID it has; NULL: its own */
} UmzTestVm;

void umz_test_unit_add (UmzTestUnit *unit, const UmzTestVm *vm);

/* The UUID that a VM of this name has; lives for ever. */
const char *umz_test_vm_get_uuid (const char *name);

/* Requests whose path ends so wait from now on; NULL: none any more. */
void umz_test_unit_hold (UmzTestUnit *unit, const char *end);

/* Waits until one does. */
void umz_test_unit_await_held (UmzTestUnit *unit);

/* Requests whose path ends so are refused from now on; the notice is taken.  NULL: none any
 * more.
 */
void umz_test_unit_refuse (UmzTestUnit *unit, const char *end, UmzNotice *why);

/* Waits until nothing is left to be done for any move, here and there. */
void umz_test_site_settle (UmzTestSite *site);

/* Whether the console of the SU has said the message, and how often. */
unsigned umz_test_unit_count_said (UmzTestUnit *unit, const char *code);

/* Serves the main loop for a moment, for who waits for a condition. */
void umz_test_site_go_on (void);
