/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/reply.h"

#include <string.h>

#include "base/text.h"

void
umz_reply_say (UmzReply *reply, UmzNotice *notice)
{
  g_autoptr (UmzNotice) owned = notice;
  g_autofree char *text = umz_notice_render (owned, reply->language);
  umz_reply_print (reply, "%s", text);
}

void
umz_reply_print (UmzReply *reply, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *line = g_strconcat ("% ", text, NULL);
  g_strv_builder_add (reply->lines, line);
}

void
umz_reply_end (UmzReply *reply, unsigned sc2, unsigned sc1, const char *maincode)
{
  reply->sc2 = sc2;
  reply->sc1 = sc1;
  g_strlcpy (reply->maincode, maincode, sizeof reply->maincode);
}

void
umz_reply_fail (UmzReply *reply, const GError *error)
{
  UmzNotice *notice = umz_error_to_notice (error);
  umz_reply_end (reply, 0, 64, umz_message_code (umz_notice_get_id (notice)));
  umz_reply_say (reply, notice);
}

/* ---- finding a VM ---- */

static bool
is_meant (const UmzVm *vm, const UmzOperand *operand, const char *uuid, bool by_exact_name)
{
  if (operand->kind == UMZ_OPERAND_INTEGER)
    return g_strcmp0 (vm->uuid, uuid) == 0;
  return by_exact_name ? strcmp (vm->name, operand->original) == 0
                       : umz_text_is_same_name (vm->name, operand->text);
}

/* Takes the one VM out of the list that is meant; *ret_names: all that fit. */
static UmzVm *
take_meant (GPtrArray *vms, const UmzOperand *operand, const char *uuid, bool by_exact_name,
            char **ret_names)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  guint n = 0, found = 0;
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (!is_meant (vm, operand, uuid, by_exact_name))
      continue;
    found = i;
    n++;
    g_strv_builder_add (names, vm->name);
  }
  g_auto (GStrv) list = g_strv_builder_end (names);
  *ret_names = n > 1 ? g_strjoinv (", ", list) : NULL;
  return n == 1 ? g_ptr_array_steal_index (vms, found) : NULL;
}

static void
say_no_vm (UmzReply *reply, const UmzOperand *operand)
{
  g_autofree char *label = operand->kind == UMZ_OPERAND_INTEGER
                             ? g_strdup_printf ("(%s,)", operand->text)
                             : g_strdup_printf ("(,%s)", operand->original);
  umz_reply_end (reply, 0, 64, "VMS4000");
  umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS4000, label, NULL));
}

UmzVm *
umz_reply_find_vm (UmzReply *reply, const UmzOperand *operand)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) vms = NULL;
  g_autofree char *uuid = NULL, *names = NULL;
  if (operand->kind == UMZ_OPERAND_INTEGER && operand->integer == 1) {
    umz_reply_end (reply, 0, 64, "VMS9001");
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS9001, NULL));
    return NULL;
  }
  if (operand->kind == UMZ_OPERAND_INTEGER)
    uuid = umz_store_dup_uuid (reply->app->store, (unsigned) operand->integer, &error);
  if (error != NULL || !umz_hypervisor_list (reply->app->hypervisor, &vms, &error)) {
    umz_reply_fail (reply, error);
    return NULL;
  }
  UmzVm *vm = take_meant (vms, operand, uuid, true, &names);
  g_clear_pointer (&names, g_free);
  if (vm == NULL)
    vm = take_meant (vms, operand, uuid, false, &names);
  if (vm == NULL && names != NULL) {
    umz_reply_end (reply, 0, 64, "UMZ0020");
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0020, operand->original, names, NULL));
  }
  else if (vm == NULL)
    say_no_vm (reply, operand);
  else if (!umz_store_get_index (reply->app->store, vm->uuid, UMZ_VM_INDEX_MAX, &vm->index,
                                 &error)) {
    umz_reply_fail (reply, error);
    g_clear_pointer (&vm, umz_vm_free);
  }
  return vm;
}
