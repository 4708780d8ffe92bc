/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "describe/help.h"

#include <string.h>

#include "describe/fill.h"
#include "describe/form.h"
#include "describe/operands.h"
#include "describe/shell.h"

#define INDENT 2

char *
umz_describe_overview (void)
{
  size_t n_commands;
  int width = 0;
  GString *help = g_string_new (NULL);
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  for (size_t i = 0; i < n_commands; i++)
    width = MAX (width, (int) strlen (commands[i].name));
  g_autofree char *next_line = g_strnfill ((gsize) (INDENT + width + 2), ' ');
  for (size_t i = 0; i < n_commands; i++) {
    g_auto (GStrv) words = g_strsplit (commands[i].summary, " ", -1);
    g_string_append_printf (help, "%*s%-*s  ", INDENT, "", width, commands[i].name);
    umz_describe_fill (help, words, " ", next_line);
    g_string_append_c (help, '\n');
  }
  return g_string_free (help, FALSE);
}

char *
umz_describe_meaning (const UmzOperandSpec *spec)
{
  return spec->default_value != NULL
           ? g_strdup_printf ("%s Default %s.", spec->summary, spec->default_value)
           : g_strdup_printf ("%s Mandatory.", spec->summary);
}

/* The meaning behind what stands in the last line, its other lines below it. */
static void
append_meaning (GString *help, const UmzOperandSpec *spec, int column)
{
  g_autofree char *meaning = umz_describe_meaning (spec);
  g_auto (GStrv) words = g_strsplit (meaning, " ", -1);
  g_autofree char *next_line = g_strnfill ((gsize) column, ' ');
  umz_describe_fill (help, words, " ", next_line);
  g_string_append_c (help, '\n');
}

static int
get_width (const UmzPlace *place)
{
  return INDENT * (int) place->depth + (int) strlen (place->spec->name);
}

static void
append_operands (GString *help, const UmzCommandSpec *spec)
{
  int width = 0;
  g_autoptr (GArray) places = umz_describe_list_operands (spec);
  for (guint i = 0; i < places->len; i++)
    width = MAX (width, get_width (&g_array_index (places, UmzPlace, i)));
  for (guint i = 0; i < places->len; i++) {
    const UmzPlace *place = &g_array_index (places, UmzPlace, i);
    int indent = INDENT * (int) (1 + place->depth);
    int column = INDENT + width + 2;
    g_string_append_printf (help, "%*s%-*s", indent, "", column - indent, place->spec->name);
    append_meaning (help, place->spec, column);
  }
}

char *
umz_describe_command (const UmzCommandSpec *spec)
{
  g_autofree char *form = umz_describe_form (spec);
  g_auto (GStrv) usage = umz_shell_dup_usage (spec);
  GString *help = g_string_new (NULL);
  g_string_append_printf (help, "%s\n\n%s", spec->summary, form);
  if (spec->n_operands > 0)
    g_string_append (help, "\nOperands:\n");
  append_operands (help, spec);
  g_string_append_printf (help, "\nIn the shell:\n%*s", INDENT, "");
  umz_describe_fill (help, usage, " ", "        ");
  g_string_append_c (help, '\n');
  return g_string_free (help, FALSE);
}

char *
umz_describe_operand (const UmzOperandSpec *spec)
{
  g_autofree char *syntax = umz_operand_spec_dup_syntax (spec);
  g_auto (GStrv) values = g_strsplit (syntax, " / ", -1);
  g_autofree char *next_line = g_strdup_printf ("%*s / ", (int) strlen (spec->name), "");
  GString *help = g_string_new (NULL);
  g_string_append_printf (help, "%s = ", spec->name);
  umz_describe_fill (help, values, " / ", next_line);
  g_string_append_c (help, '\n');
  append_meaning (help, spec, 0);
  return g_string_free (help, FALSE);
}
