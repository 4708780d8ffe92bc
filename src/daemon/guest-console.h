/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guest-console.h: what guests write on their consoles, for whoever views it.  Read only. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdint.h>

#include "su/app.h"

typedef struct UmzGuestConsoles UmzGuestConsoles;

/* app is borrowed. */
UmzGuestConsoles *umz_guest_consoles_new (UmzApp *app);

/* Closes what is open; nobody asks any more. */
void umz_guest_consoles_free (UmzGuestConsoles *consoles);

/* GET /1/guests/NAME/console: {"text", "next", "su"}, text from the offset `after` on, as far as
 * it is there; what was asked for and is not there any more is skipped.  The end of what there is
 * if after is UMZ_CONSOLE_END.  `vm` is a name or an index.  NULL with VMS4000 if the VM is not
 * active here, UMZ0024 if its console cannot be shown.
 */
#define UMZ_CONSOLE_END UINT64_MAX
JsonNode *umz_guest_consoles_read (UmzGuestConsoles *consoles, const char *vm, uint64_t after,
                                   GError **error);
