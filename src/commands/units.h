/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* units.h: what the commands for devices have in common. */
#pragma once

#include <stdbool.h>

#include "commands/reply.h"
#include "model/vm.h"

/* Whether a UNITS operand means the device with this mnemonic name; NULL means none. */
bool umz_units_has (const UmzOperand *units, const char *mn);

/* Whether an initialised VM, but for one (or NULL), has the device of this name and source. */
bool umz_units_have (const GPtrArray *vms, const UmzVm *but_for, const char *mn,
                     const char *source);

/* As SHOW-VM-DEVICE-STATUS shows all devices of the SU, those that no VM has too. */
void umz_units_show_all (UmzReply *reply);
