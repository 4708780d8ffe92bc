/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unix-socket.h: stream sockets with a path. */
#pragma once

/* A non-blocking socket that listens at the path for one connection, of mode 0600; -1 and errno. */
int umz_unix_listen (const char *path);

/* A blocking socket, connected to the one at the path; -1 and errno. */
int umz_unix_connect (const char *path);
