/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* server.h: umzugd's two faces: the local socket for operators, the control port for other SUs. */
#pragma once

#include "su/app.h"

typedef struct UmzServer UmzServer;

/* app is borrowed and outlives the server.  With no other SU configured the control port stays
 * shut. */
UmzServer *umz_server_start (UmzApp *app, GError **error);
void umz_server_stop (UmzServer *server);
