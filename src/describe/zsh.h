/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* zsh.h: zsh completes umzug's command line. */
#pragma once

/* The function _umzug, to be found through fpath.  The caller frees it. */
char *umz_describe_zsh (void);
