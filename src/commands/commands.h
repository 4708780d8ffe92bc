/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* commands.h: carries out an operator's command. */
#pragma once

#include "commands/reply.h"

/* Parses and executes.  Blocks: libvirt and the other SU are asked. */
void umz_commands_execute (UmzReply *reply, const char *text);
