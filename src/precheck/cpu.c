/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include <string.h>

#include "messages/catalogue.h"

#define SHOWN_MAX 20

/* It is never in the best CPU, because it travels only with a fixed frequency: see blockers.c. */
#define JUDGED_BY_QEMU "invtsc"

static bool
has (char *const *list, const char *name)
{
  return list != NULL && g_strv_contains ((const char *const *) list, name);
}

/* "a b c", the first SHOWN_MAX of what `wanted` has and `present` (NULL: nothing) has not. */
static char *
join_missing (char *const *wanted, char *const *present)
{
  GString *text = g_string_new (NULL);
  unsigned n = 0;
  for (; wanted != NULL && *wanted != NULL; wanted++)
    if (!has (present, *wanted) && strcmp (*wanted, JUDGED_BY_QEMU) != 0 && n++ < SHOWN_MAX)
      g_string_append_printf (text, "%s%s", n > 1 ? " " : "", *wanted);
  if (n > SHOWN_MAX)
    g_string_append_printf (text, " + %u", n - SHOWN_MAX);
  return g_string_free (text, FALSE);
}

/* Feature by feature where both libvirts can tell, else by the name of the model. */
void
umz_check_cpu (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  if (!facts->has_machine)
    return;
  bool can_compare =
    vm->cpu_features[0] != NULL && facts->cpu_features != NULL && facts->cpu_features[0] != NULL;
  if (can_compare) {
    g_autofree char *missing = join_missing (vm->cpu_features, facts->cpu_features);
    if (missing[0] != '\0')
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0104, vm->cpu_model, missing, NULL));
    return;
  }
  if (vm->cpu_model[0] == '\0' || has (facts->cpu_models, vm->cpu_model))
    return;
  g_autofree char *usable = join_missing (facts->cpu_models, NULL);
  g_autofree char *missing = g_strdup_printf ("THE MODEL; USABLE ARE: %s", usable);
  g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0104, vm->cpu_model, missing, NULL));
}
