/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sdf/command.h"

#include "base/text.h"
#include "sdf/pattern.h"

#include <string.h>

struct UmzCommand {
  const UmzCommandSpec *spec;
  UmzOperand *operands; /* owned, spec->n_operands of them */
};

UmzCommand *
umz_command_new (const UmzCommandSpec *spec)
{
  UmzCommand *command = g_new (UmzCommand, 1);
  *command = (UmzCommand){ .spec = spec, .operands = g_new0 (UmzOperand, spec->n_operands) };
  return command;
}

static void
clear_operand (UmzOperand *operand)
{
  size_t n_members = operand->members != NULL ? operand->alternative->n_members : 0;
  for (size_t i = 0; i < n_members; i++)
    clear_operand (&operand->members[i]);
  g_free (operand->members);
  g_free (operand->text);
  g_free (operand->original);
  if (operand->next != NULL) /* as many as the table allows */
    clear_operand (operand->next);
  g_free (operand->next);
}

void
umz_command_free (UmzCommand *command)
{
  if (command == NULL)
    return;
  for (size_t i = 0; i < command->spec->n_operands; i++)
    clear_operand (&command->operands[i]);
  g_free (command->operands);
  g_free (command);
}

UmzOperand *
umz_command_get_operands (const UmzCommand *command)
{
  return command->operands;
}

const UmzCommandSpec *
umz_command_get_spec (const UmzCommand *command)
{
  return command->spec;
}

const char *
umz_command_get_name (const UmzCommand *command)
{
  return command->spec->name;
}

static const UmzOperand *
get_by_name (const UmzOperandSpec *specs, size_t n, const UmzOperand *operands, const char *name)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp (specs[i].name, name) == 0)
      return &operands[i];
  g_error ("there is no operand %s", name);
}

const UmzOperand *
umz_command_get (const UmzCommand *command, const char *operand_name)
{
  return get_by_name (command->spec->operands, command->spec->n_operands, command->operands,
                      operand_name);
}

const UmzOperand *
umz_operand_get (const UmzOperand *operand, const char *member_name)
{
  return get_by_name (operand->alternative->members, operand->alternative->n_members,
                      operand->members, member_name);
}

bool
umz_operand_selects (const UmzOperand *operand, const char *name)
{
  if (operand->kind == UMZ_OPERAND_CONSTANT)
    return true;
  return operand->is_pattern ? umz_pattern_selects (operand->text, name)
                             : umz_text_is_same_name (operand->text, name);
}
