/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "describe/form.h"

#include <string.h>

#include "describe/fill.h"

static void append_operands (GString *form, const char *margin, const UmzOperandSpec *specs,
                             size_t n_specs);

static void
append_structure (GString *form, const char *margin, const UmzAlternative *alternative)
{
  g_autofree char *inner = g_strconcat (margin, "       | ", NULL);
  bool may_be_omitted = alternative->may_be_omitted;
  g_string_append_printf (form, "%s    %s%s%s(...)\n", margin, may_be_omitted ? "[" : "",
                          alternative->constant, may_be_omitted ? "]" : "");
  append_operands (form, inner, alternative->members, alternative->n_members);
}

/* The values, and below them what they are made of. */
static void
append_values (GString *form, const char *margin, int name_width, const UmzOperandSpec *spec)
{
  g_autofree char *syntax = umz_operand_spec_dup_syntax (spec);
  g_auto (GStrv) values = g_strsplit (syntax, " / ", -1);
  g_autofree char *next_line = g_strdup_printf ("%s %*s / ", margin, name_width, "");
  umz_describe_fill (form, values, " / ", next_line);
  g_string_append_c (form, '\n');
  for (size_t i = 0; i < spec->n_alternatives; i++)
    if (spec->alternatives[i].n_members > 0)
      append_structure (form, margin, &spec->alternatives[i]);
}

static void
append_operands (GString *form, const char *margin, const UmzOperandSpec *specs, size_t n_specs)
{
  size_t name_width = 0;
  for (size_t i = 0; i < n_specs; i++)
    name_width = MAX (name_width, strlen (specs[i].name));
  for (size_t i = 0; i < n_specs; i++) {
    g_string_append_printf (form, "%s%c%-*s = ", margin, i == 0 ? ' ' : ',', (int) name_width,
                            specs[i].name);
    append_values (form, margin, (int) name_width, &specs[i]);
  }
}

char *
umz_describe_form (const UmzCommandSpec *command)
{
  GString *form = g_string_new (command->name);
  g_string_append_c (form, '\n');
  append_operands (form, " ", command->operands, command->n_operands);
  return g_string_free (form, FALSE);
}
