/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bash.h: bash completes umzug's command line. */
#pragma once

/* The script, to be sourced.  The caller frees it. */
char *umz_describe_bash (void);
