/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* main.c: umzug-describe prints what is made from the tables; the build installs it.
 *
 * Each reader of the table of commands (src/sdf) has a file: help.c the operator, bash.c and zsh.c
 * the shells, man.c who sits with a book, openapi.c programs.  They share the walk over operands
 * and the members of their structures (operands.c), the form in the manual's notation (form.c), and
 * the spelling of the shell (shell.c, with the options and subcommands that umzug has besides).
 * What does not depend on the table stands in frames, files of the language that they are in, which
 * the build puts into the program (frame.c).
 *
 * A new row of the table needs nothing here; a new data type needs its pattern in openapi.c.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "describe/bash.h"
#include "describe/man.h"
#include "describe/openapi.h"
#include "describe/zsh.h"

static const struct {
  const char *name;
  char *(*describe) (void);
} artefacts[] = {
  { "bash", umz_describe_bash },
  { "man-commands", umz_describe_man_commands },
  { "man-messages", umz_describe_man_messages },
  { "openapi", umz_describe_openapi },
  { "zsh", umz_describe_zsh },
};

int
main (int argc, char **argv)
{
  for (size_t i = 0; argc == 2 && i < G_N_ELEMENTS (artefacts); i++) {
    if (strcmp (argv[1], artefacts[i].name) == 0) {
      g_autofree char *text = artefacts[i].describe ();
      return fputs (text, stdout) < 0 || fflush (stdout) != 0;
    }
  }
  fprintf (stderr, "usage: umzug-describe bash | man-commands | man-messages | openapi | zsh\n");
  return 2;
}
