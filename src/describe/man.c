/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "describe/man.h"

#include <glib.h>

#include "describe/form.h"
#include "describe/template.h"
#include "describe/help.h"
#include "describe/operands.h"
#include "describe/shell.h"
#include "messages/catalogue.h"
#include "sdf/spec.h"

/* ---- text as roff ---- */

/* How roff spells a character that it would take for something else; NULL: as it is. */
static const char *
get_escape (char c)
{
  switch (c) {
  case '\\': return "\\e";
  case '-': return "\\-";
  case '"': return "\\(dq";
  case '\'': return "\\(aq";
  case '`': return "\\(ga";
  case '^': return "\\(ha";
  case '~': return "\\(ti";
  case '.': return "\\&."; /* at the beginning of a line it would be a macro */
  default: return NULL;
  }
}

static void
append_text (GString *page, const char *text)
{
  for (const char *p = text; *p != '\0'; p++) {
    const char *escape = get_escape (*p);
    if (escape != NULL)
      g_string_append (page, escape);
    else
      g_string_append_c (page, *p);
  }
}

/* The macro with the text as its one argument. */
static void
append_macro (GString *page, const char *macro, const char *text)
{
  g_string_append_printf (page, "%s ", macro);
  append_text (page, text);
  g_string_append_c (page, '\n');
}

static void
append_line (GString *page, const char *text)
{
  append_text (page, text);
  g_string_append_c (page, '\n');
}

/* ---- commands ---- */

static void
append_form (GString *page, const UmzCommandSpec *command)
{
  g_autofree char *form = umz_describe_form (command);
  g_string_append (page, ".PP\n.EX\n");
  append_text (page, form);
  g_string_append (page, ".EE\n");
}

/* Operands of a structure are set in under the operand that it belongs to. */
static void
append_operands (GString *page, const UmzCommandSpec *command)
{
  unsigned depth = 0;
  g_autoptr (GArray) places = umz_describe_list_operands (command);
  for (guint i = 0; i < places->len; i++) {
    const UmzPlace *place = &g_array_index (places, UmzPlace, i);
    g_autofree char *meaning = umz_describe_meaning (place->spec);
    for (; depth < place->depth; depth++)
      g_string_append (page, ".RS\n");
    for (; depth > place->depth; depth--)
      g_string_append (page, ".RE\n");
    g_string_append (page, ".TP\n");
    append_macro (page, ".B", place->spec->name);
    append_line (page, meaning);
  }
  for (; depth > 0; depth--)
    g_string_append (page, ".RE\n");
}

/* A line of words that stay together, \% each of them whole. */
static void
append_unbroken (GString *page, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  for (guint i = 0; words[i] != NULL; i++) {
    g_string_append (page, i > 0 ? "\\ \\%" : "\\%");
    append_text (page, words[i]);
  }
  g_string_append_c (page, '\n');
}

static void
append_usage (GString *page, const UmzCommandSpec *command)
{
  g_auto (GStrv) usage = umz_shell_dup_usage (command);
  g_string_append (page, ".PP\nIn the shell:\n.PP\n.RS 4\n");
  for (char **item = usage; *item != NULL; item++)
    append_unbroken (page, *item);
  g_string_append (page, ".RE\n");
}

char *
umz_describe_man_commands (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  g_autoptr (GString) page = g_string_new (NULL);
  for (size_t i = 0; i < n_commands; i++) {
    append_macro (page, ".SS", commands[i].name);
    append_line (page, commands[i].summary);
    append_form (page, &commands[i]);
    append_operands (page, &commands[i]);
    append_usage (page, &commands[i]);
  }
  return umz_template_fill ("man-commands.in", "version", UMZ_VERSION, "commands", page->str, NULL);
}

/* ---- messages ---- */

/* A paragraph that keeps its lines, the mark before the first of them. */
static void
append_block (GString *page, const char *mark, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_string_append (page, i == 0 ? ".PP\n" : ".br\n");
    g_string_append (page, i == 0 ? mark : "");
    append_line (page, lines[i]);
  }
}

static void
append_language (GString *page, UmzMessageId id, UmzLang language)
{
  const char *response = umz_message_response (id, language);
  g_string_append (page, ".PP\n");
  append_macro (page, ".B", umz_message_text (id, language));
  g_string_append (page, ".RS 4\n");
  append_block (page, "? ", umz_message_meaning (id, language));
  if (response[0] != '\0')
    append_block (page, "! ", response);
  g_string_append (page, ".RE\n");
}

char *
umz_describe_man_messages (void)
{
  g_autoptr (GString) page = g_string_new (NULL);
  for (size_t i = 0; i < umz_message_count (); i++) {
    UmzMessageId id = (UmzMessageId) i;
    append_macro (page, ".SS", umz_message_code (id));
    append_language (page, id, UMZ_LANG_EN);
    append_language (page, id, UMZ_LANG_DE);
  }
  return umz_template_fill ("man-messages.in", "version", UMZ_VERSION, "messages", page->str, NULL);
}
