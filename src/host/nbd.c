/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nbd.c: what an NBD server says of an export, heard by libnbd. */
#include "host/storage.h"

#include <libnbd.h>

#include "messages/catalogue.h"

bool
umz_storage_has_nbd (void)
{
  return true;
}

/* What libnbd's calls do themselves, but they wait for ever. */
static bool
connect_nbd (struct nbd_handle *nbd, const char *source, unsigned limit_ms)
{
  int64_t end_us = g_get_monotonic_time () + limit_ms * INT64_C (1000);
  if (nbd_set_full_info (nbd, false) != 0 || nbd_aio_connect_uri (nbd, source) != 0)
    return false;
  while (nbd_aio_is_connecting (nbd)) {
    int64_t left_us = end_us - g_get_monotonic_time ();
    if (left_us <= 0 || nbd_poll (nbd, (int) (left_us / 1000 + 1)) < 0)
      return false;
  }
  return nbd_aio_is_ready (nbd);
}

/* NULL: not within limit_ms. */
static struct nbd_handle *
open_nbd (const char *source, unsigned limit_ms, GError **error)
{
  struct nbd_handle *nbd = nbd_create ();
  if (nbd != NULL && connect_nbd (nbd, source, limit_ms))
    return nbd;
  if (nbd != NULL && nbd_aio_is_connecting (nbd)) {
    g_autofree char *text = g_strdup_printf ("no answer within %g s", limit_ms / 1000.0);
    umz_set_error (error, UMZ_MSG_UMZ0106, "", text, NULL);
  }
  else
    umz_set_error (error, UMZ_MSG_UMZ0106, "",
                   nbd_get_error () != NULL ? nbd_get_error () : "connection closed", NULL);
  nbd_close (nbd);
  return NULL;
}

bool
umz_storage_get_nbd_size (const char *source, unsigned limit_ms, uint64_t *ret_bytes,
                          GError **error)
{
  struct nbd_handle *nbd = open_nbd (source, limit_ms, error);
  if (nbd == NULL)
    return false;
  int64_t size = nbd_get_size (nbd);
  if (size >= 0)
    *ret_bytes = (uint64_t) size;
  else
    umz_set_error (error, UMZ_MSG_UMZ0106, "", nbd_get_error (), NULL);
  nbd_close (nbd);
  return size >= 0;
}

bool
umz_storage_get_nbd_mode (const char *source, unsigned limit_ms, bool *ret_is_read_only,
                          GError **error)
{
  struct nbd_handle *nbd = open_nbd (source, limit_ms, error);
  if (nbd == NULL)
    return false;
  int mode = nbd_is_read_only (nbd);
  if (mode >= 0)
    *ret_is_read_only = mode == 1;
  else
    umz_set_error (error, UMZ_MSG_UMZ0106, "", nbd_get_error (), NULL);
  nbd_close (nbd);
  return mode >= 0;
}
