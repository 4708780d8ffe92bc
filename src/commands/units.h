/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* units.h: what the commands for devices have in common. */
#pragma once

#include <stdbool.h>

#include "commands/reply.h"

/* Whether a UNITS operand means the device with this mnemonic name; NULL means none. */
bool umz_units_has (const UmzOperand *units, const char *mn);

/* As SHOW-VM-DEVICE-STATUS shows all devices of the SU, those that no VM has too. */
void umz_units_show_all (UmzReply *reply);
