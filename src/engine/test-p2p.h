/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-p2p.h: for tests: libvirt's peer-to-peer migration between the hosts of its double.
 *
 * It makes the calls that libvirt 9.0 and 11.3 make, in their order and over the same sockets, so
 * that real relays carry them; tests/lab/contract.py holds both against that.  What it copies is a
 * number of bytes.  Failures are ordered by umz_test_libvirt_fail(): on the target "PREPARE" and
 * "FINISH", which are answered with an error, and "MEMORY", at which its QEMU ends; on the source
 * "PERFORM", which fails in the midst of the copy.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* libvirtd of the host listens there, from now on for ever.  Hosts of one process share the paths
 * of sockets, which the two sides of a move must not: the copy's QEMU listens below this folder
 * instead.
 */
void umz_test_p2p_listen (const char *uri, const char *socket_path, const char *migration_dir);

/* How long the copy takes, and how much of it there is; the default is 64 KiB at once. */
void umz_test_p2p_set_copy (unsigned ms, uint64_t n_bytes);

/* Whether the source begins to copy at all; false: it waits until its connection ends. */
void umz_test_p2p_set_begins (bool begins);

/* From now on somebody else than the copy's process listens where that should. */
void umz_test_p2p_set_thief (bool is_there);

/* Whether memory comes in at the target. */
bool umz_test_p2p_comes_in (void);
