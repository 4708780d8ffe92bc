/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-server.h: a real etcd of one member in a folder of its own, for tests. */
#pragma once

#include <gio/gio.h>

typedef struct {
  char *folder;
  char *endpoint; /* "http://127.0.0.1:4711" */
  GSubprocess *process;
} UmzTestServer;

/* With pki_dir it speaks https as LOCALHOST, and only with whom has a certificate of the CA there.
 * What fails ends the test.
 */
void umz_test_server_start (UmzTestServer *server, const char *pki_dir);
void umz_test_server_stop (UmzTestServer *server);

void umz_test_remove_folder (const char *folder);
