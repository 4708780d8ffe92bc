/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* zsh.c: the tables of zsh.in, as _arguments of zsh wants them. */
#include "describe/zsh.h"

#include <string.h>

#include "describe/template.h"
#include "describe/shell.h"

/* A text inside '...': of those characters before which _arguments wants a backslash, some are
 * special.
 */
static char *
dup_quoted (const char *text, const char *special)
{
  GString *quoted = g_string_new (NULL);
  for (const char *p = text; *p != '\0'; p++) {
    if (*p == '\'')
      g_string_append (quoted, "'\\'");
    else if (*p == '\\' || strchr (special, *p) != NULL)
      g_string_append_c (quoted, '\\');
    g_string_append_c (quoted, *p);
  }
  return g_string_free (quoted, FALSE);
}

/* What completes a value: words, names of VMs, files, or nothing. */
static char *
dup_action (char *const *words, const char *value)
{
  g_autofree char *list = g_strjoinv (" ", (char **) words);
  g_autofree char *quoted = dup_quoted (list, "*");
  if (g_str_equal (value, "VM"))
    return g_strconcat ("_umzug_vms", *words != NULL ? " " : "", quoted, NULL);
  if (g_str_equal (value, "PATH"))
    return g_strdup ("_files");
  return *words != NULL ? g_strdup_printf ("(%s)", quoted) : g_strdup (" ");
}

static void
append_option (GString *out, const char *name, const UmzShellOption *option)
{
  g_autofree char *summary = dup_quoted (option->summary, "[]:");
  g_string_append_printf (out, "    '%s", name);
  if (option->value == NULL) {
    g_string_append_printf (out, "[%s]'\n", summary);
    return;
  }
  g_auto (GStrv) words = g_strsplit (option->words != NULL ? option->words : "", " ", -1);
  g_autofree char *action = dup_action (words, option->value);
  g_string_append_printf (out, "%s[%s]:%s:%s'\n", g_str_has_prefix (name, "--") ? "=" : "+",
                          summary, option->value, action);
}

static void
append_options (GString *out, const UmzShellOption *options, size_t n_options)
{
  for (size_t i = 0; i < n_options; i++) {
    append_option (out, options[i].name, &options[i]);
    if (options[i].short_name != NULL)
      append_option (out, options[i].short_name, &options[i]);
  }
}

static char *
dup_operand_action (const UmzOperandSpec *spec)
{
  g_auto (GStrv) constants = umz_shell_dup_constants (spec);
  return dup_action (constants, umz_shell_get_value (spec));
}

/* The branch of one first word begins, and ends. */
static void
begin_branch (GString *out, const char *name)
{
  g_string_append_printf (out, "  (%s)\n    local -a operands=(\n", name);
}

static void
end_branch (GString *out)
{
  g_string_append (out, "    )\n    _arguments $common $operands && ret=0 ;;\n");
}

static void
append_command (GString *out, const UmzCommandSpec *command)
{
  g_autofree char *name = umz_shell_dup_command (command);
  g_autoptr (GPtrArray) specs = umz_shell_list_operands (command);
  begin_branch (out, name);
  for (guint i = 0; i < specs->len; i++) {
    const UmzOperandSpec *spec = specs->pdata[i];
    g_autofree char *option = umz_shell_dup_option (spec);
    g_autofree char *summary = dup_quoted (spec->summary, "[]:");
    g_autofree char *action = dup_operand_action (spec);
    g_string_append_printf (out, "    '%s=[%s]:%s:%s'\n", option, summary, spec->name, action);
  }
  for (size_t i = 0; i < command->n_operands; i++) {
    const UmzOperandSpec *spec = &command->operands[i];
    g_autofree char *action = dup_operand_action (spec);
    g_string_append_printf (out, "    '%zu%s%s:%s'\n", i + 1,
                            spec->default_value != NULL ? "::" : ":", spec->name, action);
  }
  end_branch (out);
}

static void
append_subcommand (GString *out, const UmzSubcommand *subcommand)
{
  begin_branch (out, subcommand->name);
  append_options (out, subcommand->options, subcommand->n_options);
  if (subcommand->words != NULL)
    g_string_append_printf (out, "    '1:what:(%s)'\n", subcommand->words);
  end_branch (out);
}

static char *
dup_common (void)
{
  size_t n_options;
  const UmzShellOption *options = umz_shell_get_options (&n_options);
  GString *common = g_string_new (NULL);
  append_options (common, options, n_options);
  return g_string_free (common, FALSE);
}

static void
append_summary (GString *out, const char *name, const char *summary)
{
  g_autofree char *quoted = dup_quoted (summary, "");
  g_string_append_printf (out, "    '%s:%s'\n", name, quoted);
}

char *
umz_describe_zsh (void)
{
  size_t n_commands, n_subcommands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  const UmzSubcommand *subcommands = umz_shell_get_subcommands (&n_subcommands);
  g_autoptr (GString) summaries = g_string_new (NULL);
  g_autoptr (GString) operands = g_string_new (NULL);
  for (size_t i = 0; i < n_commands; i++) {
    g_autofree char *name = umz_shell_dup_command (&commands[i]);
    append_summary (summaries, name, commands[i].summary);
    append_command (operands, &commands[i]);
  }
  for (size_t i = 0; i < n_subcommands; i++) {
    append_summary (summaries, subcommands[i].name, subcommands[i].summary);
    append_subcommand (operands, &subcommands[i]);
  }
  g_autofree char *names = umz_shell_dup_first_words (" ");
  g_autofree char *common = dup_common ();
  return umz_template_fill ("zsh.in", "commands", summaries->str, "names", names, "common", common,
                            "operands", operands->str, NULL);
}
