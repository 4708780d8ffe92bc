/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-world.h: two SUs between which nothing stands against the move of a VM with a disk and a LAN
 * device, to be changed by one thing for each test.
 */
#pragma once

#include "precheck/precheck.h"

#define MIB (UINT64_C (1) << 20)

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
} World;

void make_world (World *w);
void free_world (World *w);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, free_world)

/* Replaces an owned text, or list of the words. */
void world_set (char **text, const char *value);
void world_set_list (char ***texts, const char *words);
char **world_list (const char *words);

/* Of the findings, joined by blanks. */
char *world_join_reasons (const World *w);

typedef enum {
  SOURCE,
  TARGET,
  PAIR,
} Side;

typedef struct {
  const char *name;
  Side side;                 /* whose checks run */
  void (*change) (World *w); /* NULL: nothing */
  const char *expected;      /* reasons */
} WorldRow;

void world_test_rows (const WorldRow *rows, size_t n_rows);
