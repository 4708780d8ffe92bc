/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands/find.h"

#include <string.h>

#include "base/text.h"
#include "su/vms.h"

GPtrArray *
umz_find_all (UmzReply *reply)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *vms = umz_vms_list_with_arrivals (reply->app, &error);
  if (vms == NULL)
    umz_reply_fail (reply, error);
  return vms;
}

void
umz_find_say_moving (UmzReply *reply, const UmzVm *vm)
{
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS3041, label, NULL));
  umz_reply_end (reply, 0, 64, "VMS9005");
}

/* ---- finding one ---- */

typedef bool (*Filter) (const UmzVm *vm);

static bool
has_definition (const UmzVm *vm)
{
  return vm->is_persistent;
}

typedef enum {
  BY_EXACT_NAME,
  BY_NAME_IN_ANY_CASE,
} NameRule;

static bool
is_meant (const UmzVm *vm, const UmzOperand *operand, NameRule rule)
{
  if (operand->kind == UMZ_OPERAND_INTEGER)
    return vm->index == operand->integer;
  return rule == BY_EXACT_NAME ? strcmp (vm->name, operand->original) == 0
                               : umz_text_is_same_name (vm->name, operand->text);
}

/* Takes the one VM out of the list that is meant; *ret_names: all that fit, if they are several. */
static UmzVm *
take_meant (GPtrArray *vms, const UmzOperand *operand, Filter filter, NameRule rule,
            char **ret_names)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  guint n = 0, found = 0;
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (!filter (vm) || !is_meant (vm, operand, rule))
      continue;
    found = i;
    n++;
    g_strv_builder_add (names, vm->name);
  }
  g_auto (GStrv) list = g_strv_builder_end (names);
  *ret_names = n > 1 ? g_strjoinv (", ", list) : NULL;
  return n == 1 ? g_ptr_array_steal_index (vms, found) : NULL;
}

static UmzNotice *
make_no_vm (const UmzOperand *operand)
{
  g_autofree char *label = operand->kind == UMZ_OPERAND_INTEGER
                             ? g_strdup_printf ("(%s,)", operand->text)
                             : g_strdup_printf ("(,%s)", operand->original);
  return umz_notice_new (UMZ_MSG_VMS4000, label, NULL);
}

static UmzNotice *
make_no_definition (const UmzOperand *operand)
{
  return umz_notice_new (UMZ_MSG_VMS2300, operand->original, NULL);
}

static UmzVm *
find (UmzReply *reply, const UmzOperand *operand, Filter filter,
      UmzNotice *(*make_missing) (const UmzOperand *operand))
{
  g_autofree char *names = NULL;
  g_autoptr (GPtrArray) vms = umz_find_all (reply);
  if (vms == NULL)
    return NULL;
  UmzVm *vm = take_meant (vms, operand, filter, BY_EXACT_NAME, &names);
  if (vm == NULL && names == NULL)
    vm = take_meant (vms, operand, filter, BY_NAME_IN_ANY_CASE, &names);
  if (vm == NULL)
    umz_reply_reject (reply, names != NULL ? umz_notice_new (UMZ_MSG_UMZ0020, operand->original,
                                                             names, NULL)
                                           : make_missing (operand));
  return vm;
}

UmzVm *
umz_find_vm (UmzReply *reply, const UmzOperand *operand)
{
  if (operand->kind == UMZ_OPERAND_INTEGER && operand->integer == 1) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS9001, NULL));
    return NULL;
  }
  return find (reply, operand, umz_vms_is_initialized, make_no_vm);
}

UmzVm *
umz_find_definition (UmzReply *reply, const UmzOperand *operand)
{
  return find (reply, operand, has_definition, make_no_definition);
}

bool
umz_find_is_wanted (const UmzOperand *operand, const UmzVm *vm)
{
  return operand->kind == UMZ_OPERAND_INTEGER ? operand->integer == vm->index
                                              : umz_operand_selects (operand, vm->name);
}

bool
umz_find_is_missing (UmzReply *reply, const UmzOperand *operand, UmzVmKind kind,
                     const GPtrArray *found)
{
  if (found->len > 0 || operand->kind == UMZ_OPERAND_CONSTANT || operand->is_pattern)
    return false;
  umz_reply_reject (reply, kind == UMZ_VM_INITIALIZED ? make_no_vm (operand)
                                                      : make_no_definition (operand));
  return true;
}
