/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keyfile.c: the lines are found here, the values by GKeyFile. */
#include "config/keyfile.h"

#include "messages/catalogue.h"

#include <string.h>

static void
free_entry (void *data)
{
  UmzKeyfileEntry *entry = data;
  g_free (entry->group);
  g_free (entry->key);
  g_free (entry);
}

void
umz_keyfile_free (UmzKeyfile *keyfile)
{
  if (keyfile == NULL)
    return;
  g_free (keyfile->path);
  g_free (keyfile->text);
  g_key_file_unref (keyfile->key_file);
  g_ptr_array_unref (keyfile->entries);
  g_free (keyfile);
}

const UmzKeyfileEntry *
umz_keyfile_find (const UmzKeyfile *keyfile, const char *group, const char *key)
{
  for (unsigned i = 0; i < keyfile->entries->len; i++) {
    const UmzKeyfileEntry *entry = g_ptr_array_index (keyfile->entries, i);
    if (strcmp (entry->group, group) == 0 && g_strcmp0 (entry->key, key) == 0)
      return entry;
  }
  return NULL;
}

static void
set_not_understood (const UmzKeyfile *keyfile, unsigned line, const char *what, GError **error)
{
  g_autofree char *number = g_strdup_printf ("%u", line);
  umz_set_error (error, UMZ_MSG_UMZ0017, keyfile->path, number, what, NULL);
}

/* Takes group and key. */
static bool
add_entry (UmzKeyfile *keyfile, char *group, char *key, unsigned line, GError **error)
{
  const UmzKeyfileEntry *first = umz_keyfile_find (keyfile, group, key);
  UmzKeyfileEntry *entry = g_new (UmzKeyfileEntry, 1);
  *entry = (UmzKeyfileEntry){ .group = group, .key = key, .line = line };
  g_ptr_array_add (keyfile->entries, entry);
  if (first == NULL)
    return true;

  g_autofree char *here = g_strdup_printf ("%u", line);
  g_autofree char *there = g_strdup_printf ("%u", first->line);
  g_autofree char *what = g_strdup_printf ("[%s]%s%s", group, key != NULL ? " " : "",
                                           key != NULL ? key : "");
  umz_set_error (error, UMZ_MSG_UMZ0014, keyfile->path, here, what, there, NULL);
  return false;
}

/* One line without blanks around it.  *group is the one that it stands in, or that it begins. */
static bool
read_line (UmzKeyfile *keyfile, char *text, unsigned line, const char **group, GError **error)
{
  size_t length = strlen (text);
  if (length == 0 || text[0] == '#')
    return true;

  if (text[0] == '[' && text[length - 1] == ']' && length > 2) {
    if (!add_entry (keyfile, g_strndup (text + 1, length - 2), NULL, line, error))
      return false;
    const UmzKeyfileEntry *entry =
      g_ptr_array_index (keyfile->entries, keyfile->entries->len - 1);
    *group = entry->group;
    return true;
  }

  const char *equals = strchr (text, '=');
  if (text[0] == '[' || equals == NULL || equals == text || *group == NULL) {
    set_not_understood (keyfile, line, text, error);
    return false;
  }
  char *key = g_strchomp (g_strndup (text, (size_t) (equals - text)));
  return add_entry (keyfile, g_strdup (*group), key, line, error);
}

static bool
read_lines (UmzKeyfile *keyfile, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (keyfile->text, "\n", -1);
  const char *group = NULL;
  for (unsigned i = 0; lines[i] != NULL; i++)
    if (!read_line (keyfile, g_strstrip (lines[i]), i + 1, &group, error))
      return false;
  return true;
}

static bool
read_file (UmzKeyfile *keyfile, GError **error)
{
  gsize length_bytes;
  g_autoptr (GError) cause = NULL;
  if (!g_file_get_contents (keyfile->path, &keyfile->text, &length_bytes, &cause)) {
    umz_set_error (error, UMZ_MSG_UMZ0042, keyfile->path, cause->message, NULL);
    return false;
  }
  if (length_bytes > UMZ_KEYFILE_BYTES_MAX || strlen (keyfile->text) != length_bytes ||
      !g_utf8_validate (keyfile->text, (gssize) length_bytes, NULL)) {
    umz_set_error (error, UMZ_MSG_UMZ0042, keyfile->path, "not UTF-8 text of at most 1 MiB", NULL);
    return false;
  }
  return true;
}

UmzKeyfile *
umz_keyfile_load (const char *path, GError **error)
{
  g_autoptr (UmzKeyfile) keyfile = g_new0 (UmzKeyfile, 1);
  keyfile->path = g_strdup (path);
  keyfile->key_file = g_key_file_new ();
  keyfile->entries = g_ptr_array_new_with_free_func (free_entry);
  if (!read_file (keyfile, error) || !read_lines (keyfile, error))
    return NULL;

  g_autoptr (GError) cause = NULL;
  if (!g_key_file_load_from_data (keyfile->key_file, keyfile->text, strlen (keyfile->text),
                                  G_KEY_FILE_NONE, &cause)) {
    set_not_understood (keyfile, 1, cause->message, error);
    return NULL;
  }
  return g_steal_pointer (&keyfile);
}

char *
umz_keyfile_dup_value (const UmzKeyfile *keyfile, const UmzKeyfileEntry *entry)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *value =
    g_key_file_get_string (keyfile->key_file, entry->group, entry->key, &cause);
  if (cause != NULL) /* an escape that there is not; GKeyFile gives a value all the same */
    return NULL;
  return g_strchomp (g_steal_pointer (&value)); /* GKeyFile keeps blanks at the end */
}
