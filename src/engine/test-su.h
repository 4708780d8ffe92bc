/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-su.h: for tests: two SUs in one process, with real stores, engines and relays.
 *
 * Under them are the doubles of libvirt (hypervisor/test-libvirt.h), of its migration (test-p2p.h),
 * of the link (test-peer.h) and of faults (test-fault.h).  Everything that goes wrong in setting up
 * ends the test.  Threads of an umzugd that was killed stay: run each case in a process of its own.
 */
#pragma once

#include <glib.h>

#include "engine/engine.h"

typedef struct {
  const char *name;
  char *folder; /* owned */
  char *uri;    /* owned; of its libvirt */
  UmzConfig config;
  UmzConfigPeer peer;
  UmzMeans means;
  int door;          /* keeps the data port for us until the process ends */
  UmzEngine *engine; /* NULL: umzugd does not run */
  GMutex *lock;      /* owned; of what follows, in all copies of this */
  GString *said;     /* owned; "VMS2450 UMZ0120 ": the console, of both SUs */
  UmzMonjvState status;
  unsigned n_closed;
} UmzTestSu;

typedef struct {
  UmzTestSu source, target;
  UmzVmState state; /* of the VM before the move */
  bool stays_away;  /* what a fault has killed is not started again */
  gint killed;      /* 1 + the UmzSide that has come to its end; 0: none */
} UmzTestPair;

#define UMZ_TEST_UUID "8a5f0c1e-6f4c-4a66-9a6a-27d1f0f0a001"

/* Both run, below the folder; relay is the program, an absolute path.  The VM, in this state, is on
 * the source.
 */
UmzTestPair *umz_test_pair_new (const char *folder, const char *relay, UmzSuType type,
                                UmzVmState state);

/* For the order of a fault: what a SIGKILL of umzugd ends besides it. */
void umz_test_pair_kill (UmzSide side, void *pair);

/* The same from outside, and a start of it; the host has not started anew. */
void umz_test_su_kill (UmzTestSu *su);
void umz_test_su_kill_relays (const UmzTestSu *su);
void umz_test_su_start (UmzTestSu *su);

/* What it has journaled is lost before it is started again. */
void umz_test_su_forget (const UmzTestSu *su);

/* Begins to move the VM; false: error says why not. */
bool umz_test_pair_migrate (UmzTestPair *pair, GError **error);

/* Serves the main loop for a moment, and starts anew what a fault has killed. */
void umz_test_pair_go_on (UmzTestPair *pair);

/* The same until both umzugd run and nothing is left to be done. */
void umz_test_pair_settle (UmzTestPair *pair);

/* A copy that stands for the same SU. */
void umz_test_su_copy (const UmzTestSu *su, UmzTestSu *ret_copy);

/* What its engine has told: how many moves have ended, and how the last one stands. */
unsigned umz_test_su_get_closed (const UmzTestSu *su);
UmzMonjvState umz_test_su_get_status (const UmzTestSu *su);

/* What the console of the SU has said; the caller frees it. */
char *umz_test_su_dup_said (const UmzTestSu *su);
bool umz_test_su_has_said (const UmzTestSu *su, const char *code);
