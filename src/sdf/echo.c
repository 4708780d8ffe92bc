/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sdf/echo.h"

void
umz_sdf_append_quoted (GString *text, const char *value)
{
  g_string_append_c (text, '\'');
  for (const char *p = value; *p != '\0'; p++)
    g_string_append_printf (text, *p == '\'' ? "%c'" : "%c", *p);
  g_string_append_c (text, '\'');
}

static void
append_simple (GString *echo, const UmzOperandSpec *spec, const UmzOperand *operand)
{
  if (spec->is_secret && operand->kind != UMZ_OPERAND_CONSTANT) {
    g_string_append_c (echo, 'P');
    return;
  }
  if (operand->kind == UMZ_OPERAND_X_STRING)
    g_string_append_c (echo, 'X');
  if (operand->kind == UMZ_OPERAND_C_STRING || operand->kind == UMZ_OPERAND_X_STRING)
    umz_sdf_append_quoted (echo, operand->text);
  else
    g_string_append (echo, operand->text);
}

static void append_operands (GString *echo, const UmzOperandSpec *specs, size_t n,
                             const UmzOperand *operands);

static bool
has_given_members (const UmzOperand *operand)
{
  for (size_t i = 0; operand->members != NULL && i < operand->alternative->n_members; i++)
    if (!operand->members[i].is_default)
      return true;
  return false;
}

static void
append_value (GString *echo, const UmzOperandSpec *spec, const UmzOperand *operand)
{
  append_simple (echo, spec, operand);
  if (!has_given_members (operand))
    return;
  g_string_append_c (echo, '(');
  append_operands (echo, operand->alternative->members, operand->alternative->n_members,
                   operand->members);
  g_string_append_c (echo, ')');
}

static void
append_list (GString *echo, const UmzOperandSpec *spec, const UmzOperand *operand)
{
  if (operand->next == NULL) {
    append_value (echo, spec, operand);
    return;
  }
  for (char before = '('; operand != NULL; before = ',', operand = operand->next) {
    g_string_append_c (echo, before);
    append_value (echo, spec, operand);
  }
  g_string_append_c (echo, ')');
}

/* Those that were given, with commas between. */
static void
append_operands (GString *echo, const UmzOperandSpec *specs, size_t n, const UmzOperand *operands)
{
  bool is_first = true;
  for (size_t i = 0; i < n; i++) {
    if (operands[i].is_default)
      continue;
    g_string_append_printf (echo, "%s%s=", is_first ? "" : ",", specs[i].name);
    append_list (echo, &specs[i], &operands[i]);
    is_first = false;
  }
}

char *
umz_command_dup_echo (const UmzCommand *command)
{
  const UmzCommandSpec *spec = umz_command_get_spec (command);
  g_autoptr (GString) operands = g_string_new (NULL);
  append_operands (operands, spec->operands, spec->n_operands, umz_command_get_operands (command));
  return operands->len > 0 ? g_strdup_printf ("%s %s", spec->name, operands->str)
                           : g_strdup (spec->name);
}
