/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* server.h: umzugd's two faces: the local socket for operators, the control port for other SUs. */
#pragma once

#include "su/app.h"

typedef struct UmzServer UmzServer;

/* app is borrowed and outlives the server.  With no other SU configured the control port stays
 * shut. */
UmzServer *umz_server_start (UmzApp *app, GError **error);

/* Reads the certificates anew, ours and the CA's, for whoever comes from now on; who asks others
 * reads them each time.  What cannot
 * be read is warned of, and changes nothing.
 */
void umz_server_reload (UmzServer *server);

void umz_server_stop (UmzServer *server);
