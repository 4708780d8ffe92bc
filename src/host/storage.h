/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* storage.h: looks at the storage behind a disk, on this host. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/libvirt-conf.h"
#include "model/vm.h"

/* Whether no other host reaches the same bytes under the same source (UmzDevice.source): a file
 * that lies on no network or cluster file system, a block device that nothing tells from others, a
 * local socket.  What cannot be known (a network protocol, a volume of a pool) is taken as shared.
 */
bool umz_storage_is_local (const char *source);

/* What tells this disk from another one under the same source: the number of a file on a file
 * system that hosts share, the WWID or UUID of a block device; else "".  The caller frees it.
 */
char *umz_storage_dup_identity (const char *source);

/* Lends the path of a disk's file or block device; NULL if it has none. */
const char *umz_storage_get_path (const char *source);

/* Whether the next function knows this kind of storage: NBD only in a build with libnbd. */
bool umz_storage_can_examine (const char *source);

/* The size of the disk as this host reaches it (UmzDevice.source).  Blocking, a few seconds at
 * most. UMZ0106 (without a device name) when it cannot be reached.
 */
bool umz_storage_get_size (const char *source, uint64_t *ret_bytes, GError **error);

/* ---- nbd.c; without libnbd nbd-fallback.c, which knows no export ---- */

bool umz_storage_has_nbd (void);

/* The same of an NBD export alone, which has limit_ms to answer. */
bool umz_storage_get_nbd_size (const char *source, unsigned limit_ms, uint64_t *ret_bytes,
                               GError **error);

/* Whether that export may only be read, in the same way. */
bool umz_storage_get_nbd_mode (const char *source, unsigned limit_ms, bool *ret_is_read_only,
                               GError **error);

/* ---- writable.c ---- */

/* Who has to be able to open the source: the user of qemu.conf, or the one that libvirt was built
 * with; of a block device root, if libvirt gives it to that user when QEMU starts.  The caller
 * frees it.
 */
char *umz_storage_dup_opener (const UmzLibvirtConf *qemu_conf, const char *source);

/* Whether QEMU, running as `user` (NULL: the opener), can open the disk on this
 * host: for reading and writing, or for reading if is_read_only.  Nothing is written, and a few
 * seconds are the limit.  UMZ0151 when it cannot.  True too of storage that cannot be tried.
 */
bool umz_storage_check_writable (const UmzDevice *disk, const char *user, GError **error);
