/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* user.h: whom QEMU runs as on this host. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "host/libvirt-conf.h"

#define UMZ_USER_GROUPS_MAX 256

typedef struct {
  uid_t uid;
  gid_t gid;
  gid_t groups[UMZ_USER_GROUPS_MAX]; /* the first n_groups of them, gid among them */
  int n_groups;
} UmzUser;

/* False: there is no such user or group.  Both may be numbers as libvirt writes them ("107",
 * "+107"); group "": the user's own.
 */
bool umz_user_find (const char *user, const char *group, UmzUser *ret_user);

/* The user of qemu.conf, or the one that libvirt was built with.  The caller frees it; "": nobody
 * knows.
 */
char *umz_user_dup_of_qemu (const UmzLibvirtConf *qemu_conf);
