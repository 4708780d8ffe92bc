/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "describe/bash.h"
#include "describe/zsh.h"

UmzExit
umz_cli_completion (const UmzCliOptions *options, int argc, char **argv)
{
  const char *shell = argc == 2 ? argv[1] : "";
  g_autofree char *script = strcmp (shell, "bash") == 0  ? umz_describe_bash ()
                            : strcmp (shell, "zsh") == 0 ? umz_describe_zsh ()
                                                         : NULL;
  if (script == NULL) {
    fputs ("umzug completion: which shell, bash or zsh?\n", stderr);
    return UMZ_EXIT_WRONG_USE;
  }
  fputs (script, stdout);
  return UMZ_EXIT_DONE;
}
