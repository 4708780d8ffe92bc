/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-fixture.h: a store in a folder of its own. */
#pragma once

#include "store/store.h"

typedef struct {
  char *folder;
  char *path; /* of the journal */
  char *records_path;
  UmzStore *store;
} UmzStoreFixture;

void umz_store_fixture_set_up (UmzStoreFixture *fixture, const void *unused);
void umz_store_fixture_tear_down (UmzStoreFixture *fixture, const void *unused);

/* What is in it then has been on the disk. */
void umz_store_fixture_open_again (UmzStoreFixture *fixture);
