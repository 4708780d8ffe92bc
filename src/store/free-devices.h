/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* free-devices.h: devices that no VM has any more. */
#pragma once

#include "store/store.h"

typedef struct {
  char *mn;     /* owned */
  char *source; /* owned; what it is made of, as in UmzDevice */
  char *xml;    /* owned; the element of libvirt's domain XML */
} UmzFreeDevice;

void umz_free_device_free (UmzFreeDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzFreeDevice, umz_free_device_free)

/* One of the same name is replaced. */
bool umz_store_put_device (UmzStore *store, const char *mn, const char *source, const char *xml,
                           GError **error);
bool umz_store_delete_device (UmzStore *store, const char *mn, GError **error);

/* By name; owned, UmzFreeDevice. */
GPtrArray *umz_store_list_devices (UmzStore *store, GError **error);
