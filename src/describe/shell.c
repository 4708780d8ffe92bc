/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "describe/shell.h"

#include <string.h>

#include "describe/operands.h"

/* clang-format off */
static const UmzShellOption options[] = {
  { "--wait",        "-w", .summary = "Stay until the migration has ended" },
  { "--json",        .summary = "Print the answer as JSON" },
  { "--return-code", .summary = "Print the return code of the command" },
  { "--language",    "-L", "LANG", "en de", "Language of the answer" },
  { "--socket",      "-s", "PATH", .summary = "Socket of umzugd" },
  { "--help",        .summary = "Explain umzug, or the command" },
  { "--version",     .summary = "Print the version" },
};

static const UmzShellOption log_options[] = {
  { "--follow", "-f", .summary = "Go on with what comes" },
  { "--long",   "-l", .summary = "With date, milliseconds and SU, and the other SUs" },
};

static const UmzShellOption pki_options[] = {
  { "--dir",     "-d", "PATH", .summary = "Where the files are" },
  { "--cluster", NULL, "NAME", .summary = "Name of the cluster" },
};

static const UmzShellOption console_options[] = {
  { "--guest", NULL, "VM", .summary = "The console of this VM's guest" },
};

static const UmzSubcommand subcommands[] = {
  { "log", NULL, log_options, G_N_ELEMENTS (log_options),
    "Show the console log of this SU" },
  { "pki", "init issue", pki_options, G_N_ELEMENTS (pki_options),
    "Make the certificates of the cluster" },
  { "console", NULL, console_options, G_N_ELEMENTS (console_options),
    "Give commands in a dialog" },
  { "completion", "bash zsh", NULL, 0,
    "Print the completion of a shell" },
};
/* clang-format on */

const UmzShellOption *
umz_shell_get_options (size_t *ret_n_options)
{
  *ret_n_options = G_N_ELEMENTS (options);
  return options;
}

const UmzSubcommand *
umz_shell_get_subcommands (size_t *ret_n_subcommands)
{
  *ret_n_subcommands = G_N_ELEMENTS (subcommands);
  return subcommands;
}

/* ---- the spelling of a command ---- */

static unsigned
count_name (const GArray *places, const char *name)
{
  unsigned n = 0;
  for (guint i = 0; i < places->len; i++)
    n += strcmp (g_array_index (places, UmzPlace, i).spec->name, name) == 0;
  return n;
}

static bool
is_option_of_umzug (const UmzOperandSpec *spec)
{
  g_autofree char *name = umz_shell_dup_option (spec);
  for (size_t i = 0; i < G_N_ELEMENTS (options); i++)
    if (strcmp (options[i].name, name) == 0)
      return true;
  return false;
}

GPtrArray *
umz_shell_list_operands (const UmzCommandSpec *command)
{
  GPtrArray *specs = g_ptr_array_new ();
  g_autoptr (GArray) places = umz_describe_list_operands (command);
  for (guint i = 0; i < places->len; i++) {
    const UmzPlace *place = &g_array_index (places, UmzPlace, i);
    bool is_unique = place->depth == 0 || count_name (places, place->spec->name) == 1;
    if (is_unique && !is_option_of_umzug (place->spec))
      g_ptr_array_add (specs, (void *) place->spec);
  }
  return specs;
}

char *
umz_shell_dup_command (const UmzCommandSpec *command)
{
  return g_ascii_strdown (command->name, -1);
}

char *
umz_shell_dup_option (const UmzOperandSpec *spec)
{
  g_autofree char *lower = g_ascii_strdown (spec->name, -1);
  return g_strconcat ("--", lower, NULL);
}

GStrv
umz_shell_dup_constants (const UmzOperandSpec *spec)
{
  g_autoptr (GStrvBuilder) constants = g_strv_builder_new ();
  for (size_t i = 0; i < spec->n_alternatives; i++)
    if (spec->alternatives[i].kind == UMZ_OPERAND_CONSTANT)
      g_strv_builder_add (constants, spec->alternatives[i].constant);
  return g_strv_builder_end (constants);
}

const char *
umz_shell_get_value (const UmzOperandSpec *spec)
{
  static const char *const names[] = { "VM-IDENTIFICATION", "VM-NAME", "FROM-VM", "TO-VM", NULL };
  return g_strv_contains (names, spec->name) ? "VM" : "VALUE";
}

char *
umz_shell_dup_first_words (const char *separator)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (size_t i = 0; i < n_commands; i++) {
    g_autofree char *name = umz_shell_dup_command (&commands[i]);
    g_strv_builder_add (builder, name);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (subcommands); i++)
    g_strv_builder_add (builder, subcommands[i].name);
  g_auto (GStrv) words = g_strv_builder_end (builder);
  return g_strjoinv (separator, words);
}

/* Whether it can only be given by the operands of its structure, as options of their own. */
static bool
is_opened (const UmzOperandSpec *spec)
{
  return spec->default_value == NULL && spec->n_alternatives == 1 &&
         spec->alternatives[0].may_be_omitted;
}

static bool
is_one_of (const UmzOperandSpec *specs, size_t n, const UmzOperandSpec *spec)
{
  for (size_t i = 0; i < n; i++)
    if (&specs[i] == spec)
      return true;
  return false;
}

/* A member is not, unless its structure has to be given. */
static bool
is_mandatory (const UmzCommandSpec *command, const UmzOperandSpec *spec)
{
  if (spec->default_value != NULL || is_one_of (command->operands, command->n_operands, spec))
    return spec->default_value == NULL;
  for (size_t i = 0; i < command->n_operands; i++) {
    const UmzOperandSpec *owner = &command->operands[i];
    const UmzAlternative *structure = &owner->alternatives[0];
    if (is_opened (owner) && is_one_of (structure->members, structure->n_members, spec))
      return true;
  }
  return false;
}

/* How many operands in front are mandatory, and plain words. */
static size_t
count_words (const UmzCommandSpec *command)
{
  size_t n = 0;
  while (n < command->n_operands && command->operands[n].default_value == NULL &&
         !is_opened (&command->operands[n]))
    n++;
  return n;
}

/* The mandatory operands in front are plain words; behind them the others, as options. */
GStrv
umz_shell_dup_usage (const UmzCommandSpec *command)
{
  size_t n_words = count_words (command);
  g_autoptr (GStrvBuilder) usage = g_strv_builder_new ();
  g_autoptr (GPtrArray) specs = umz_shell_list_operands (command);
  g_autofree char *name = umz_shell_dup_command (command);
  g_strv_builder_add_many (usage, "umzug", name, NULL);
  for (size_t i = 0; i < n_words; i++)
    g_strv_builder_add (usage, command->operands[i].name);
  for (guint i = 0; i < specs->len; i++) {
    const UmzOperandSpec *spec = specs->pdata[i];
    if (is_one_of (command->operands, n_words, spec) || is_opened (spec))
      continue;
    g_autofree char *option = umz_shell_dup_option (spec);
    g_autofree char *item =
      g_strdup_printf (is_mandatory (command, spec) ? "%s %s" : "[%s %s]", option,
                       umz_shell_get_value (spec));
    g_strv_builder_add (usage, item);
  }
  return g_strv_builder_end (usage);
}
