/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "describe/template.h"

#include <gio/gio.h>
#include <string.h>

#include "describe/frames.h"

char *
umz_template_dup (const char *file)
{
  gsize length_bytes;
  g_autofree char *path = g_strconcat ("/umzug/describe/", file, NULL);
  g_autoptr (GBytes) bytes =
    g_resource_lookup_data (umz_frames_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_assert (bytes != NULL); /* they are in the program */
  const char *text = g_bytes_get_data (bytes, &length_bytes);
  return g_strndup (text, length_bytes);
}

char *
umz_template_fill (const char *file, ...)
{
  va_list args;
  g_autofree char *frame = umz_template_dup (file);
  GString *filled = g_string_new (frame);
  va_start (args, file);
  for (const char *key = va_arg (args, const char *); key != NULL;
       key = va_arg (args, const char *)) {
    g_autofree char *place = g_strdup_printf ("@%s@", key);
    g_autofree char *text = g_strdup (va_arg (args, const char *));
    if (g_str_has_suffix (text, "\n"))
      text[strlen (text) - 1] = '\0';
    g_string_replace (filled, place, text, 0);
  }
  va_end (args);
  return g_string_free (filled, FALSE);
}
