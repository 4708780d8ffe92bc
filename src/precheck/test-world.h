/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-world.h: two SUs between which nothing stands against the move of a VM with a disk and a LAN
 * device, to be changed by one thing for each test.
 */
#pragma once

#include "precheck/precheck.h"

typedef struct {
  UmzVm *vm;                /* owned */
  UmzDevice *disk, *device; /* borrowed from vm: FAA4, LAN1 */
  UmzSuFacts su;            /* of both SUs; its texts are constants */
  UmzPairFacts other;       /* what the target says of itself */
  UmzDeviceFacts there[2];  /* of the disk and the LAN device; texts as above */
  UmzNotice *notice;        /* owned, as what follows */
  char **features, **models, **names;
  GPtrArray *findings;
  UmzSourceFacts source; /* domain and room.names.vms are owned, the rest is of the above */
  UmzTargetFacts target;
} UmzWorld;

void umz_world_make (UmzWorld *w);
void umz_world_clear (UmzWorld *w);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzWorld, umz_world_clear)

/* Replaces an owned text, or list of the words. */
void umz_world_set (char **text, const char *value);
void umz_world_set_list (char ***texts, const char *words);
char **umz_world_list (const char *words);

/* Of the findings, joined by blanks. */
char *umz_world_join_reasons (const UmzWorld *w);

typedef enum {
  UMZ_WORLD_SOURCE,
  UMZ_WORLD_TARGET,
  UMZ_WORLD_PAIR,
} UmzWorldSide;

typedef struct {
  const char *name;
  UmzWorldSide side;            /* whose checks run */
  void (*change) (UmzWorld *w); /* NULL: nothing */
  const char *expected;         /* reasons */
} UmzWorldRow;

void umz_world_test_rows (const UmzWorldRow *rows, size_t n_rows);
