/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* monitor.h: listens to the engine: the console log and the job variables of this SU. */
#pragma once

#include "su/app.h"

/* What the engine announces, in the form of UmzEngineListener; data is the UmzApp. */
void umz_monitor_hear_line (const UmzLine *line, void *data);
void umz_monitor_hear_status (const UmzMoveRecord *record, UmzMonjvState status,
                              const char *cause_code, void *data);

/* Says something on this SU's console that belongs to no move; the notice is taken. */
void umz_monitor_say (UmzApp *app, UmzNotice *notice);

/* Writes a command's echo to the console log. */
void umz_monitor_echo (UmzApp *app, const char *text);

/* Whether the job variable can monitor a move: the password fits, and it monitors no other one. */
bool umz_monitor_can_use (UmzApp *app, const char *name, const char *password, GError **error);

/* Writes the status of a request that never became a move ($AF): what is known of it, else 0 or "".
 * A job variable that monitors a move by now is left alone.
 */
void umz_monitor_reject (UmzApp *app, const char *name, unsigned vm_index, const char *vm_name,
                         const char *target_su, const char *cause_code);
