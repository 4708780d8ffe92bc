/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* look.h: what a path leads to, found out by a process that can be left behind.
 *
 * A server of files that is gone lets nobody return who asks for a file on it.  So a child process
 * asks, and is left behind when it does not come back; that costs who looks 5 s.  While it hangs,
 * nobody is sent into the same folder after it.
 */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include "host/user.h"

typedef struct {
  int error; /* errno, ETIMEDOUT if nobody answers; 0: the rest is known */
  struct stat stat;
  unsigned long file_system; /* f_type of statfs(); 0: not known */
  uint64_t bytes;            /* of a file or block device */
  int open_error;            /* errno; of a block device whose size is not known; else 0 */
} UmzLook;

/* The path may come from another SU: what is neither file nor block device is not opened. */
UmzLook umz_look_at (const char *path);

/* How the user gets at the file or block device, with open()'s flags: 0, or errno. */
#define UMZ_LOOK_CANNOT_BECOME (-1) /* umzugd may not become the user */
int umz_look_open (const char *path, int flags, const UmzUser *user);
