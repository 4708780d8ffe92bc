/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/progress.h"

#include <string.h>

#define PHASE_COLUMNS 10
#define BAR_MAX       40
#define BAR_MIN       5
#define MIB           (1024 * 1024)

static double
get_part (const UmzCliProgress *progress)
{
  uint64_t total = progress->total_bytes;
  uint64_t left = MIN (progress->remaining_bytes, total);
  return total > 0 ? (double) (total - left) / (double) total : 0;
}

static char *
dup_figures (const UmzCliProgress *progress)
{
  GString *text = g_string_new (NULL);
#define N "%" G_GUINT64_FORMAT
  g_string_append_printf (text, "%3.0f %%  round " N ", " N " MiB sent, " N " MiB/s",
                          get_part (progress) * 100, progress->round, progress->link_bytes / MIB,
                          progress->guest_bytes_per_s / MIB);
#undef N
  if (progress->left_ms > 0)
    g_string_append_printf (text, ", %" G_GUINT64_FORMAT " s left",
                            (progress->left_ms + 999) / 1000);
  return g_string_free (text, FALSE);
}

static void
append_bar (GString *line, double part, unsigned n_columns)
{
  unsigned n_done = (unsigned) (part * n_columns);
  g_string_append_c (line, '[');
  for (unsigned i = 0; i < n_columns; i++)
    g_string_append_c (line, i < n_done ? '#' : '-');
  g_string_append (line, "] ");
}

char *
umz_cli_dup_progress (const UmzCliProgress *progress, unsigned n_columns)
{
  g_autofree char *figures = dup_figures (progress);
  GString *line = g_string_new (NULL);
  g_string_append_printf (line, "%-*s ", PHASE_COLUMNS, progress->phase);
  size_t others = line->len + strlen (figures) + strlen ("[] ");
  if (n_columns >= others + BAR_MIN)
    append_bar (line, get_part (progress), MIN (n_columns - (unsigned) others, BAR_MAX));
  g_string_append (line, figures);
  if (line->len > n_columns)
    g_string_truncate (line, n_columns);
  return g_string_free (line, FALSE);
}
