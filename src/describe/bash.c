/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bash.c: the tables of bash.in; how they are used stands there. */
#include "describe/bash.h"

#include <string.h>

#include "describe/template.h"
#include "describe/shell.h"

static void
append_option_names (GString *out, const UmzShellOption *options, size_t n_options)
{
  for (size_t i = 0; i < n_options; i++) {
    const char *mark = options[i].value != NULL ? "=" : "";
    g_string_append_printf (out, "%s%s%s", out->len > 0 ? " " : "", options[i].name, mark);
    if (options[i].short_name != NULL)
      g_string_append_printf (out, " %s%s", options[i].short_name, mark);
  }
}

static char *
dup_common (void)
{
  size_t n_options;
  const UmzShellOption *options = umz_shell_get_options (&n_options);
  GString *common = g_string_new (NULL);
  append_option_names (common, options, n_options);
  return g_string_free (common, FALSE);
}

/* ---- values ---- */

/* The branch of one case, if there is anything to choose from. */
static void
append_values (GString *out, const char *pattern, char *const *words, const char *value)
{
  bool is_vm = g_str_equal (value, "VM");
  bool is_path = g_str_equal (value, "PATH");
  if (*words == NULL && !is_vm && !is_path)
    return;
  g_string_append_printf (out, "  %s)", pattern);
  if (*words != NULL) {
    g_autofree char *list = g_strjoinv ("' '", (char **) words);
    g_string_append_printf (out, " printf '%%s\\n' '%s'%s", list, is_vm ? ";" : "");
  }
  g_string_append (out, is_vm ? " _umzug_vms ;;\n" : is_path ? " _umzug_paths ;;\n"
                                                             : " ;;\n");
}

static void
append_option_values (GString *out, const char *command, const UmzShellOption *option)
{
  if (option->value == NULL)
    return;
  g_auto (GStrv) words = g_strsplit (option->words != NULL ? option->words : "", " ", -1);
  g_autofree char *pattern =
    option->short_name != NULL
      ? g_strdup_printf ("%s:%s|%s:%s", command, option->name, command, option->short_name)
      : g_strdup_printf ("%s:%s", command, option->name);
  append_values (out, pattern, words, option->value);
}

static void
append_operand_values (GString *out, const char *command, const char *place,
                       const UmzOperandSpec *spec)
{
  g_autofree char *pattern = g_strdup_printf ("%s:%s", command, place);
  g_auto (GStrv) constants = umz_shell_dup_constants (spec);
  append_values (out, pattern, constants, umz_shell_get_value (spec));
}

/* ---- both tables ---- */

static void
append_command (const UmzCommandSpec *command, GString *options, GString *values)
{
  g_autofree char *name = umz_shell_dup_command (command);
  g_autoptr (GPtrArray) specs = umz_shell_list_operands (command);
  g_string_append_printf (options, "  %s) echo '", name);
  for (guint i = 0; i < specs->len; i++) {
    g_autofree char *option = umz_shell_dup_option (specs->pdata[i]);
    g_string_append_printf (options, "%s%s=", i > 0 ? " " : "", option);
    append_operand_values (values, name, option, specs->pdata[i]);
  }
  g_string_append (options, "' ;;\n");
  for (size_t i = 0; i < command->n_operands; i++) {
    g_autofree char *position = g_strdup_printf ("%zu", i + 1);
    append_operand_values (values, name, position, &command->operands[i]);
  }
}

static void
append_subcommand (const UmzSubcommand *subcommand, GString *options, GString *values)
{
  GString *names = g_string_new (NULL);
  append_option_names (names, subcommand->options, subcommand->n_options);
  g_string_append_printf (options, "  %s) echo '%s' ;;\n", subcommand->name, names->str);
  g_string_free (names, TRUE);
  for (size_t i = 0; i < subcommand->n_options; i++)
    append_option_values (values, subcommand->name, &subcommand->options[i]);
  g_auto (GStrv) words = g_strsplit (subcommand->words != NULL ? subcommand->words : "", " ", -1);
  g_autofree char *pattern = g_strconcat (subcommand->name, ":1", NULL);
  append_values (values, pattern, words, "");
}

char *
umz_describe_bash (void)
{
  size_t n_commands, n_subcommands, n_options;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  const UmzSubcommand *subcommands = umz_shell_get_subcommands (&n_subcommands);
  const UmzShellOption *common_options = umz_shell_get_options (&n_options);
  g_autoptr (GString) options = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);
  for (size_t i = 0; i < n_commands; i++)
    append_command (&commands[i], options, values);
  for (size_t i = 0; i < n_subcommands; i++)
    append_subcommand (&subcommands[i], options, values);
  for (size_t i = 0; i < n_options; i++)
    append_option_values (values, "*", &common_options[i]);
  g_autofree char *first_words = umz_shell_dup_first_words (" ");
  g_autofree char *common = dup_common ();
  return umz_template_fill ("bash.in", "commands", first_words, "options", options->str, "values",
                            values->str, "common", common, NULL);
}
