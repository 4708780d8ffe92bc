/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/ownership.h"

#include "host/confirmation.h"
#include "su/monitor.h"

char *
umz_ownership_dup_partners (const UmzConfig *config)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; i < config->peers->len; i++)
    g_strv_builder_add (builder, ((const UmzConfigPeer *) config->peers->pdata[i])->name);
  g_auto (GStrv) names = g_strv_builder_end (builder);
  return g_strjoinv (", ", names);
}

static UmzNotice *
new_refusal (const UmzConfig *config)
{
  g_autofree char *partners = umz_ownership_dup_partners (config);
  return umz_notice_new (UMZ_MSG_UMZ0213, partners, NULL);
}

static bool
demand (const UmzConfig *config, GError **error)
{
  if (config->peers->len == 0)
    return umz_confirmation_waive (config, error);
  g_autoptr (UmzNotice) refusal = new_refusal (config);
  g_autofree char *why = umz_notice_render (refusal, config->language);
  return umz_confirmation_demand (config, why, error);
}

void
umz_ownership_begin (UmzApp *app)
{
  g_autoptr (GError) error = NULL;
  if (!demand (app->config, &error))
    g_warning ("%s", error->message);
}

bool
umz_ownership_may_start (UmzApp *app, const UmzVm *vm, GError **error)
{
  if (umz_confirmation_is_given (app->config, vm->uuid))
    return true;
  g_autoptr (UmzNotice) refusal = new_refusal (app->config);
  umz_set_error_from_notice (error, refusal);
  return false;
}

/* One that was to start with the host, and was refused.  False: libvirt cannot say now. */
static bool
start_late (UmzApp *app, const char *uuid)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) vm = NULL;
  if (!umz_hypervisor_find (app->hypervisor, uuid, &vm, NULL))
    return false;
  if (vm == NULL || !vm->is_autostart || vm->state != UMZ_VM_STATE_DOWN)
    return true;
  if (umz_hypervisor_start (app->hypervisor, uuid, &error))
    umz_monitor_say (app, umz_notice_new (UMZ_MSG_UMZ0217, vm->name, NULL));
  else
    umz_monitor_say (app, umz_error_to_notice (error));
  return true;
}

void
umz_ownership_confirm_all (UmzApp *app)
{
  g_autoptr (GError) error = NULL;
  if (!umz_confirmation_is_given (app->config, NULL) &&
      !umz_confirmation_give (app->config, NULL, &error))
    g_warning ("%s", error->message);
}

void
umz_ownership_start_late (UmzApp *app)
{
  g_auto (GStrv) refused = umz_confirmation_list_refused (app->config);
  if (*refused == NULL || !umz_confirmation_is_given (app->config, NULL))
    return;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&app->change_lock);
  for (char **uuid = refused; *uuid != NULL; uuid++)
    if (start_late (app, *uuid))
      umz_confirmation_forget_refused (app->config, *uuid);
}
