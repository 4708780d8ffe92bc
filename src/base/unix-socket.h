/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unix-socket.h: stream sockets with a path. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* A non-blocking socket that listens at the path for one connection, of mode 0600 from its first
 * moment; -1 and errno.
 */
int umz_unix_listen (const char *path);

/* A blocking socket, connected to the one at the path; -1 and errno. */
int umz_unix_connect (const char *path);

/* Who is at the other end of a connected socket, as the kernel has noted it (SO_PEERCRED): of an
 * accepted one who has connected, of a connected one who listens.
 */
bool umz_unix_get_peer (int fd, pid_t *ret_pid, uid_t *ret_uid);
