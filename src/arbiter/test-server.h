/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-server.h: a real etcd of one member in a folder of its own, for tests. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

#define UMZ_TEST_ETCD "etcd", "etcd-server" /* the program and its package */

typedef struct {
  char *folder;
  char *endpoint; /* "http://127.0.0.1:4711" */
  GSubprocess *process;
} UmzTestServer;

/* With pki_dir it speaks https as LOCALHOST, and only with whom has a certificate of the CA there.
 * False: etcd is not installed, and the test has been skipped.  What else fails ends the test.
 */
G_GNUC_WARN_UNUSED_RESULT
bool umz_test_server_start (UmzTestServer *server, const char *pki_dir);
void umz_test_server_stop (UmzTestServer *server);

void umz_test_remove_folder (const char *folder);

/* Whether this program is there; if not, stdout tells that all tests are skipped for that: main()
 * then returns 0 at once.
 */
bool umz_test_find_program (const char *program, const char *package);
