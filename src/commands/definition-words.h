/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition-words.h: VM2000's words for what keeps a definition from getting to another SU. */
#pragma once

#include "commands/reply.h"
#include "model/vm.h"

/* Says and ends with why the definition did not get to the SU. */
void umz_reply_definition_failed (UmzReply *reply, const UmzVm *vm, const char *su,
                                  const UmzNotice *cause);

/* Says and ends with a store or libvirt that cannot be reached: the cause, and VMS2332. */
void umz_reply_storage_failed (UmzReply *reply, const GError *error);
