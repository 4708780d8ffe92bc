/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* remote-definitions.h: what this SU knows of the definitions of others, and since when. */
#pragma once

#include "commands/reply.h"

/* SHOW-VM-DEFINITION with another SERVER-UNIT-NAME than *LOCAL. */
void umz_remote_definitions_show (UmzReply *reply, const UmzCommand *command);
