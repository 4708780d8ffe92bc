/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* storage.h: looks at the storage behind a disk, on this host. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether another host reaches the same bytes under the same source: an NBD export, or a file on a
 * network or cluster file system.  A local file or device is not.
 */
bool umz_storage_is_shared (const char *source);

/* Lends the path of a disk's file or block device; NULL if it has none. */
const char *umz_storage_get_path (const char *source);

/* The size of the disk as this host reaches it (UmzDevice.source).  Blocking, a few seconds at
 * most. UMZ0106 (without a device name) when it cannot be reached.
 */
bool umz_storage_get_size (const char *source, uint64_t *ret_bytes, GError **error);

/* The same of an NBD export alone, which has limit_ms to answer. */
bool umz_storage_get_nbd_size (const char *source, unsigned limit_ms, uint64_t *ret_bytes,
                               GError **error);
