/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-sdf.c: any bytes are either a command or a message, and the echo of a command is one too. */
#include "sdf/echo.h"
#include "sdf/parse.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Parses the echo of a command, and expects the same echo. */
static void
check_echo (const UmzCommand *command)
{
  g_autofree char *echo = umz_command_dup_echo (command);
  g_autoptr (UmzCommand) again = NULL;
  if (strstr (echo, "PASSWORD=P") != NULL) /* P is no password, by design */
    return;
  g_assert (umz_sdf_parse (echo, &again, NULL));
  g_autofree char *second = umz_command_dup_echo (again);
  g_assert_cmpstr (second, ==, echo);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (UmzCommand) command = NULL;
  g_autoptr (GError) error = NULL;

  bool ok = umz_sdf_parse (text, &command, &error);
  g_assert (ok == (error == NULL));
  g_assert (ok == (command != NULL));
  if (ok)
    check_echo (command);
  return 0;
}
