/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-libvirt.h: for tests: a libvirt of several hosts in this process.
 *
 * Linked into a test it stands in for libvirt's own functions.  Each URI is a host of its own,
 * "test:///ABGSE501".  Its domains live through the states that libvirt 9.0 and 11.3 show
 * (tests/lab/contract.py holds both against that), each active one has a process that sleeps in the
 * place of QEMU, and a PID file.  Nothing else is simulated: what is to go wrong a test orders.
 */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stdint.h>

/* Below the folder each host has a folder of its name for PID files: umz_test_libvirt_dup_folder().
 */
void umz_test_libvirt_begin (const char *folder);
char *umz_test_libvirt_dup_folder (const char *uri);

/* Ends every process and forgets every host. */
void umz_test_libvirt_end (void);

/* ---- what goes wrong ---- */

/* The function of this name fails on that host from now on with this text; NULL: no more. */
void umz_test_libvirt_fail (const char *uri, const char *function, const char *text);

/* The same once, for the call after `skip` others. */
void umz_test_libvirt_fail_once (const char *uri, const char *function, unsigned skip,
                                 const char *text);

/* For what else stands in for libvirt: whether a failure of this name is ordered; its text, for the
 * caller to free, or NULL.
 */
char *umz_test_libvirt_take_failure (const char *uri, const char *name);

/* The host's libvirtd does not answer: whoever asks waits until it goes on. */
void umz_test_libvirt_hang (const char *uri, bool hangs);

/* A guest releases a device only when its domain's XML was looked at so often; UMZ_TEST_NEVER. */
#define UMZ_TEST_NEVER G_MAXUINT
void umz_test_libvirt_set_release (const char *uri, unsigned n_looks);

/* The guest releases what it was last asked for. */
void umz_test_libvirt_release (const char *uri);

/* ---- looking ---- */

/* What was asked to be done to devices of that host, as "detach TAPE, attach TAPE".  The caller
 * frees it.
 */
char *umz_test_libvirt_dup_calls (const char *uri);

/* virDomainState of the domain, -1 if there is none; and its reason, if ret_reason is not NULL. */
int umz_test_libvirt_get_state (const char *uri, const char *uuid, int *ret_reason);

/* The domain's XML as it is now, for the caller to free; NULL if there is none. */
char *umz_test_libvirt_dup_xml (const char *uri, const char *uuid);

/* How many processes of this domain, on whichever host, run: neither stopped nor told to end. */
unsigned umz_test_libvirt_count_running (const char *uuid);

/* ---- changing behind umzugd's back ---- */

/* As an administrator would: defines, and starts it unless state is SHUTOFF. */
void umz_test_libvirt_add (const char *uri, const char *xml, virDomainState state);

/* As libvirt's own course of a migration does.  The domain's process listens on the bound socket
 * (-1: nowhere).  PID of that process.
 */
int64_t umz_test_libvirt_arrive (const char *uri, const char *xml, int listener);
void umz_test_libvirt_set_state (const char *uri, const char *uuid, virDomainState state,
                                 int reason);

/* It is to start with the host. */
void umz_test_libvirt_set_autostart (const char *uri, const char *uuid);

/* The guest writes on its console, for who has it open; NULL: the console is closed for good. */
void umz_test_libvirt_write_console (const char *uri, const char *uuid, const char *text);

/* The QEMU has ended, or libvirt ends it: SIGTERM, as it does it. */
void umz_test_libvirt_end_domain (const char *uri, const char *uuid, int reason);

/* SIGKILL: a process that is stopped goes too. */
void umz_test_libvirt_kill_domain (const char *uri, const char *uuid);

/* Takes a device out of the live XML. */
void umz_test_libvirt_remove_device (const char *uri, const char *uuid, const char *mn);

/* What virDomainMigrateToURI3() does: NULL or an error's text, for the caller to free. */
typedef char *(*UmzTestMigrate) (const char *uri, const char *uuid, const char *connection_uri,
                                 const char *memory_uri, void *data);
void umz_test_libvirt_set_migrate (UmzTestMigrate migrate, void *data);

/* What virDomainGetJobStats() says of a migration; total 0: there is no job. */
void umz_test_libvirt_set_job (const char *uri, uint64_t total_bytes, uint64_t remaining_bytes,
                               uint64_t dirty_pages_per_s, uint64_t iteration);
