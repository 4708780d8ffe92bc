/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-guest-console.c: where the console of a domain is looked for. */
#include "hypervisor/guest-console.h"

#include "messages/catalogue.h"

#define DOMAIN(devices) "<domain type='qemu'><devices>" devices "</devices></domain>"

static void
the_first_console_is_found (void)
{
  static const struct {
    const char *xml;
    UmzConsoleKind kind;
    const char *type, *path, *alias;
  } cases[] = {
    { DOMAIN ("<console type='file'><source path='/run/c.log' append='on'/></console>"),
      UMZ_CONSOLE_FILE, "file", "/run/c.log", NULL },
    { DOMAIN ("<serial type='pty'><source path='/dev/pts/3'/><log file='/l' append='on'/>"
              "<alias name='serial0'/></serial><console type='unix'/>"),
      UMZ_CONSOLE_FILE, "pty", "/l", NULL },
    { DOMAIN ("<serial type='pty'><source path='/dev/pts/3'/><alias name='serial0'/></serial>"
              "<console type='pty' tty='/dev/pts/3'><alias name='serial0'/></console>"),
      UMZ_CONSOLE_PTY, "pty", NULL, "serial0" },
    { DOMAIN ("<console type='pty'><alias name='ua-CS'/></console>"),
      UMZ_CONSOLE_PTY, "pty", NULL, "ua-CS" },
    { DOMAIN ("<serial type='unix'><source mode='bind' path='/s'/></serial>"),
      UMZ_CONSOLE_OTHER, "unix", NULL, NULL },
    { DOMAIN ("<disk type='file'><source file='/d'/></disk>"),
      UMZ_CONSOLE_OTHER, "none", NULL, NULL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (UmzConsoleSource) source =
      umz_hypervisor_console_source_parse (cases[i].xml, &error);
    g_test_message ("%s", cases[i].xml);
    g_assert_no_error (error);
    g_assert_cmpint (source->kind, ==, cases[i].kind);
    g_assert_cmpstr (source->type, ==, cases[i].type);
    g_assert_cmpstr (source->path, ==, cases[i].path);
    g_assert_cmpstr (source->alias, ==, cases[i].alias);
  }
}

static void
what_is_no_xml_is_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (umz_hypervisor_console_source_parse ("<domain>", &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guest-console/the-first-console-is-found", the_first_console_is_found);
  g_test_add_func ("/guest-console/what-is-no-xml-is-refused", what_is_no_xml_is_refused);
  return g_test_run ();
}
