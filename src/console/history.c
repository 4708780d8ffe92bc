/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "console/history.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "console/place.h"

#define FILE_BYTES_MAX (8 * 1024 * 1024) /* a file that is larger is none of ours */

UmzKeep
umz_history_judge (const char *command)
{
  UmzCursorPlace place;
  umz_place_find (command, &place);
  if (place.has_secret)
    return UMZ_KEEP_NOT;
  return place.may_have_secret ? UMZ_KEEP_HERE : UMZ_KEEP_IN_FILE;
}

char *
umz_history_dup_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "umzug", "console-history", NULL);
}

/* The newest lines of text. */
static GStrv
take_lines (const char *text)
{
  g_auto (GStrv) all = g_strsplit (text, "\n", -1);
  guint n = g_strv_length (all);
  n -= n > 0 && all[n - 1][0] == '\0'; /* behind the last newline */
  guint first = n > UMZ_HISTORY_LINES_MAX ? n - UMZ_HISTORY_LINES_MAX : 0;
  GStrv lines = g_new0 (char *, n - first + 1);
  for (guint i = first; i < n; i++)
    lines[i - first] = g_strdup (all[i]);
  return lines;
}

static void
cut_file (const char *path, GStrv lines)
{
  g_autofree char *text = g_strjoinv ("\n", lines);
  g_autofree char *full = g_strconcat (text, "\n", NULL);
  (void) g_file_set_contents_full (path, full, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                   NULL); /* else the next time */
}

static size_t
count_lines (const char *text)
{
  size_t n = 0;
  for (const char *p = text; (p = strchr (p, '\n')) != NULL; p++)
    n++;
  return n;
}

GStrv
umz_history_load (const char *path)
{
  GStatBuf status;
  g_autofree char *text = NULL;
  if (g_stat (path, &status) < 0 || status.st_size > FILE_BYTES_MAX ||
      !g_file_get_contents (path, &text, NULL, NULL))
    return g_new0 (char *, 1);
  GStrv lines = take_lines (text);
  if (count_lines (text) > 2 * UMZ_HISTORY_LINES_MAX)
    cut_file (path, lines);
  return lines;
}

gboolean
umz_history_append (const char *path, const char *line)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  if (g_mkdir_with_parents (folder, 0700) < 0)
    return FALSE;
  int fd = g_open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return FALSE;
  ssize_t n = write (fd, text, strlen (text));
  close (fd);
  return n == (ssize_t) strlen (text);
}
