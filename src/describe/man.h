/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* man.h: the manual pages that are made from the tables, in the macros of man(7). */
#pragma once

/* umzug-commands(7) and umzug-messages(7); the caller frees them. */
char *umz_describe_man_commands (void);
char *umz_describe_man_messages (void);
