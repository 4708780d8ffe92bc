/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

#define NUMBERS_MAX 8192

/* Marks the numbers of "0-3,^2,7".  What is no such text marks nothing. */
static void
mark (const char *text, bool *numbers)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", 0);
  for (char **part = parts; *part != NULL; part++) {
    char *end;
    const char *begin = g_strstrip (*part) + ((*part)[0] == '^' ? 1 : 0);
    guint64 first = g_ascii_strtoull (begin, &end, 10), last = first;
    if (end == begin)
      continue;
    if (*end == '-')
      last = g_ascii_strtoull (end + 1, NULL, 10);
    for (guint64 i = first; i <= last && i < NUMBERS_MAX; i++)
      numbers[i] = (*part)[0] != '^';
  }
}

/* The first number that is wanted and not there, or NULL. */
static char *
find_missing (const char *wanted, const char *present)
{
  g_autofree bool *wants = g_new0 (bool, NUMBERS_MAX), *has = g_new0 (bool, NUMBERS_MAX);
  mark (wanted, wants);
  mark (present, has);
  for (unsigned i = 0; i < NUMBERS_MAX; i++)
    if (wants[i] && !has[i])
      return g_strdup_printf ("%u", i);
  return NULL;
}

void
umz_check_numa (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  g_autofree char *node = find_missing (vm->numa_nodes, facts->numa_nodes);
  g_autofree char *cpu = find_missing (vm->pinned_cpus, facts->cpus);
  if (node != NULL)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0156, "NUMA-NODE", node, NULL));
  if (cpu != NULL)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0156, "CPU", cpu, NULL));
}
