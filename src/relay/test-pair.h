/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-pair.h: two relays joined by loopback TCP, with the test in umzugd's place on both sides.
 *
 * Everything that goes wrong here ends the test.
 */
#pragma once

#include <sys/types.h>

#include "relay/control.h"

typedef struct {
  pid_t pid;
  int control;         /* owned */
  UmzRelayStats stats; /* the last that came */
} UmzTestRelay;

typedef struct {
  UmzTestRelay source, target;
  int
    source_fd; /* owned; where libvirtd or QEMU would be, -1 before umz_test_pair_connect_source */
  int target_fd;
  int listener; /* owned copy of the source's listener */
} UmzTestPair;

typedef struct {
  UmzRelayKind kind;
  uint64_t limit_us;           /* 0: 300 ms */
  UmzRelayFault source_fault;  /* on the source only */
  UmzRelayFault target_fault;  /* on the target only */
  uint64_t fault_offset_bytes; /* for both */
  bool is_coded;               /* the source's engine is CODEC */
  bool is_plain_there;         /* but the target's is not */
  int *mirror_fds;             /* borrowed: of source and target; NULL: none */
  UmzRelayMirror mirror;       /* what both hold */
  bool has_wrong_key;          /* the target's differs in one bit */
  const char *program;         /* NULL: fork only; else this umzug-relay is run as UMZ_TEST_USER */
  const char *root;            /* its empty directory */
} UmzTestPairOptions;

#define UMZ_TEST_VM_NAME "vm-4683"
#define UMZ_TEST_VM_UUID "8f2b0d5e-1c5a-4d0e-9a51-0123456789ab"
#define UMZ_TEST_USER    65534

void umz_test_pair_start (UmzTestPair *pair, const UmzTestPairOptions *options);

/* The next message that is not STATS. */
UmzRelayMessage umz_test_relay_next (UmzTestRelay *relay);
/* The same; it must be of that type. */
UmzRelayMessage umz_test_relay_expect (UmzTestRelay *relay, UmzRelayMessageType type);
/* The next STATS; messages before it are a mistake of the test. */
void umz_test_relay_wait_stats (UmzTestRelay *relay);
void umz_test_relay_send (UmzTestRelay *relay, UmzRelayMessageType type);
/* ENDED with that reason, then the exit of the process. */
void umz_test_relay_expect_end (UmzTestRelay *relay, UmzRelayEnd end);

/* A connection to the source's listener, whoever asks for it. */
int umz_test_pair_connect (const UmzTestPair *pair);

/* After READY: libvirtd or QEMU comes. */
void umz_test_pair_connect_source (UmzTestPair *pair);
/* Answers WANT_LOCAL. */
void umz_test_pair_connect_target (UmzTestPair *pair);

/* Ends what still runs. */
void umz_test_pair_stop (UmzTestPair *pair);
