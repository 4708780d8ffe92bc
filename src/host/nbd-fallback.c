/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nbd-fallback.c: stands for nbd.c in a build without libnbd.  umz_storage_can_examine() says that
 * NBD disks are not examined, and so does the check of a move (UMZ0152).
 */
#include "host/storage.h"

#include "messages/catalogue.h"

bool
umz_storage_has_nbd (void)
{
  return false;
}

static bool
refuse (GError **error)
{
  umz_set_error (error, UMZ_MSG_UMZ0106, "", "this build has no libnbd", NULL);
  return false;
}

bool
umz_storage_get_nbd_size (const char *source, unsigned limit_ms, uint64_t *ret_bytes,
                          GError **error)
{
  return refuse (error);
}

bool
umz_storage_get_nbd_mode (const char *source, unsigned limit_ms, bool *ret_is_read_only,
                          GError **error)
{
  return refuse (error);
}
