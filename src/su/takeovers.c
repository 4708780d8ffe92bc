/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/takeovers.h"

#include <string.h>

#include "host/fence.h"
#include "model/json.h"
#include "store/partners.h"
#include "store/vms.h"
#include "su/monitor.h"

#define TELL_S         10 /* libvirt is asked there */
#define NAME_BYTES_MAX 255
#define EPOCH_MAX      (INT64_C (1) << 53)

/* What the old owner answers: it has given the definition up; its VM is active, and it knows that
 * it must not be; it cannot say yet.
 */
#define OVER   "OVER"
#define ACTIVE "ACTIVE"
#define LATER  "LATER"

static bool
put_state (UmzApp *app, UmzTakeover *takeover, UmzTakeoverState state, GError **error)
{
  takeover->state = state;
  return umz_store_put_takeover (app->store, takeover, error);
}

/* ---- here: what was recovered ---- */

/* umzugd has ended in the midst of it. */
static bool
settle_begun (UmzApp *app, UmzTakeover *takeover, GError **error)
{
  g_autoptr (UmzVm) vm = NULL;
  if (!umz_hypervisor_find (app->hypervisor, takeover->uuid, &vm, error))
    return false;
  bool is_defined = vm != NULL && vm->is_persistent;
  return put_state (app, takeover, is_defined ? UMZ_TAKEOVER_TAKEN : UMZ_TAKEOVER_OVER, error);
}

/* It may have been deleted here since, or have been moved on, or back to the old owner. */
static bool
is_still_taken (UmzApp *app, const UmzTakeover *takeover, bool *ret_is_taken, GError **error)
{
  g_autoptr (UmzVm) vm = NULL;
  g_autofree char *went_to = NULL;
  if (!umz_hypervisor_find (app->hypervisor, takeover->uuid, &vm, error) ||
      !umz_store_dup_destination (app->store, takeover->uuid, takeover->begun_us, &went_to, error))
    return false;
  *ret_is_taken = vm != NULL || (went_to != NULL && strcmp (went_to, takeover->su) != 0);
  return true;
}

static void
take_answer (UmzApp *app, UmzTakeover *takeover, JsonObject *answer)
{
  const char *state = "";
  uint64_t epoch = 0;
  const char *own = app->config->su_name;
  (void) umz_json_get_text (answer, "state", 16, &state); /* else it is told again */
  (void) umz_json_get_number (answer, "epoch", EPOCH_MAX, &epoch);
  bool is_active = strcmp (state, ACTIVE) == 0;
  if ((!is_active && strcmp (state, OVER) != 0) ||
      !umz_store_raise_epoch (app->store, takeover->uuid, epoch, NULL) ||
      !put_state (app, takeover, UMZ_TAKEOVER_OVER, NULL))
    return;
  umz_monitor_say (app, is_active ? umz_notice_new (UMZ_MSG_UMZ0232, takeover->name,
                                                    takeover->su, own, NULL)
                                  : umz_notice_new (UMZ_MSG_UMZ0234, takeover->su,
                                                    takeover->name, NULL));
}

static void
tell_one (UmzApp *app, UmzPeerClient *client, UmzTakeover *takeover, GCancellable *interrupt)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "id", takeover->id);
  umz_json_set_text (b, "uuid", takeover->uuid);
  umz_json_set_text (b, "name", takeover->name);
  json_builder_end_object (b);
  g_autoptr (JsonNode) request = json_builder_get_root (b);
  g_autoptr (JsonNode) answer =
    umz_peer_call (client, "/takeover", request, TELL_S, interrupt, NULL);
  if (answer != NULL)
    take_answer (app, takeover, json_node_get_object (answer));
}

void
umz_takeovers_tell (UmzApp *app, UmzPeerClient *client, const char *su, GCancellable *interrupt)
{
  g_autoptr (GPtrArray) taken = umz_store_list_takeovers (app->store, UMZ_TAKEOVER_TAKEN, NULL);
  for (guint i = 0; taken != NULL && i < taken->len; i++) {
    bool is_taken = true;
    UmzTakeover *takeover = taken->pdata[i];
    if (strcmp (takeover->su, su) != 0 || !umz_engine_settle (app->engine, takeover->uuid, 0) ||
        !is_still_taken (app, takeover, &is_taken, NULL))
      continue;
    if (is_taken)
      tell_one (app, client, takeover, interrupt);
    else if (put_state (app, takeover, UMZ_TAKEOVER_OVER, NULL))
      umz_monitor_say (app, umz_notice_new (UMZ_MSG_UMZ0235, takeover->name, su, NULL));
  }
}

/* ---- there: what was lost ---- */

static bool
raise_fence (UmzApp *app, const UmzTakeover *takeover, GError **error)
{
  g_autoptr (UmzNotice) refusal =
    umz_notice_new (UMZ_MSG_UMZ0233, takeover->name, takeover->su, NULL);
  g_autofree char *why = umz_notice_render (refusal, app->config->language);
  return umz_fence_raise (app->config->fence_dir, takeover->uuid, UMZ_SIDE_SOURCE, why, error);
}

/* Whether some other SU has told us that it owns the definition. */
static bool
is_kept_elsewhere (UmzApp *app, const char *uuid)
{
  g_autoptr (GPtrArray) known = umz_store_list_definitions (app->store, NULL, NULL);
  for (guint i = 0; known != NULL && i < known->len; i++)
    if (strcmp (((const UmzDefinitionRecord *) known->pdata[i])->uuid, uuid) == 0)
      return true;
  return false;
}

/* The fence goes last: without the definition nothing is left to be started. */
static bool
remove_lost (UmzApp *app, UmzTakeover *takeover, GError **error)
{
  const char *uuid = takeover->uuid;
  if (!umz_hypervisor_undefine (app->hypervisor, uuid, error) ||
      !umz_store_forget_vm (app->store, uuid, error) ||
      !umz_fence_lower (app->config->fence_dir, uuid, error) ||
      !put_state (app, takeover, UMZ_TAKEOVER_OVER, error))
    return false;
  umz_monitor_say (app, umz_notice_new (UMZ_MSG_UMZ0231, takeover->name, takeover->su, NULL));
  return true;
}

/* LOST: what is left to be done; vm is NULL if it is not here.  NULL: it failed. */
static const char *
settle_lost (UmzApp *app, UmzTakeover *takeover, const UmzVm *vm, GError **error)
{
  if (vm != NULL && vm->state != UMZ_VM_STATE_DOWN)
    return ACTIVE;
  if (vm != NULL && !is_kept_elsewhere (app, takeover->uuid))
    return LATER;
  return remove_lost (app, takeover, error) ? OVER : NULL;
}

/* The first time that we hear of it. */
static bool
begin_lost (UmzApp *app, UmzTakeover *takeover, const UmzVm *vm, GError **error)
{
  g_free (takeover->name);
  takeover->name = g_strdup (vm->name); /* ours, whatever the other SU calls it */
  if (!put_state (app, takeover, UMZ_TAKEOVER_LOST, error))
    return false;
  if (vm->state != UMZ_VM_STATE_DOWN)
    umz_monitor_say (app, umz_notice_new (UMZ_MSG_UMZ0232, takeover->name, app->config->su_name,
                                          takeover->su, NULL));
  return true;
}

/* What is known of it; NULL: nothing.  Only who told of it may tell it again. */
static bool
find_known (UmzApp *app, const UmzTakeover *takeover, UmzTakeover **ret_known, GError **error)
{
  if (!umz_store_dup_takeover (app->store, takeover->id, ret_known, error))
    return false;
  const UmzTakeover *known = *ret_known;
  if (known == NULL ||
      (strcmp (known->su, takeover->su) == 0 && strcmp (known->uuid, takeover->uuid) == 0))
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0310, "takeover of a definition", NULL);
  return false;
}

/* The fence is up; what it cannot keep from starting has been started before. */
static const char *
look_and_settle (UmzApp *app, UmzTakeover *takeover, GError **error)
{
  g_autoptr (UmzVm) vm = NULL;
  return umz_hypervisor_find (app->hypervisor, takeover->uuid, &vm, error)
           ? settle_lost (app, takeover, vm, error)
           : NULL;
}

/* The change lock is held.  What to answer; NULL: it failed. */
static const char *
give_up (UmzApp *app, UmzTakeover *takeover, GError **error)
{
  g_autoptr (UmzVm) vm = NULL;
  g_autoptr (UmzTakeover) known = NULL;
  if (!find_known (app, takeover, &known, error))
    return NULL;
  if (known != NULL && known->state == UMZ_TAKEOVER_OVER)
    return OVER;
  if (!umz_engine_settle (app->engine, takeover->uuid, 0))
    return LATER; /* a move of this VM is not over: where it is, is not known yet */
  if (!umz_hypervisor_find (app->hypervisor, takeover->uuid, &vm, error))
    return NULL;
  if (known == NULL && vm == NULL)
    return OVER;
  if (known == NULL && !begin_lost (app, takeover, vm, error))
    return NULL;
  UmzTakeover *lost = known != NULL ? known : takeover;
  return raise_fence (app, lost, error) ? look_and_settle (app, lost, error) : NULL;
}

/* A takeover as it was told; NULL if it is not in our form. */
static UmzTakeover *
read_takeover (const char *su, JsonObject *request, GError **error)
{
  const char *id, *uuid, *name;
  if (umz_json_get_text (request, "id", 36, &id) && g_uuid_string_is_valid (id) &&
      umz_json_get_text (request, "uuid", 36, &uuid) && g_uuid_string_is_valid (uuid) &&
      umz_json_get_text (request, "name", NAME_BYTES_MAX, &name))
    return umz_takeover_new (id, su, uuid, name, UMZ_TAKEOVER_LOST);
  umz_set_error (error, UMZ_MSG_UMZ0310, "takeover of a definition", NULL);
  return NULL;
}

JsonNode *
umz_takeovers_hear (UmzApp *app, const char *su, JsonObject *request, GError **error)
{
  UmzVmRecord record;
  g_autoptr (UmzTakeover) takeover = read_takeover (su, request, error);
  if (takeover == NULL)
    return NULL;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&app->change_lock);
  const char *state = give_up (app, takeover, error);
  if (state == NULL || !umz_store_get_vm (app->store, takeover->uuid, &record, error))
    return NULL;
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "state", state);
  umz_json_set_number (b, "epoch", record.epoch);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

bool
umz_takeovers_may_run (UmzApp *app, const UmzVm *vm, GError **error)
{
  g_autoptr (GPtrArray) lost = umz_store_list_takeovers (app->store, UMZ_TAKEOVER_LOST, error);
  for (guint i = 0; lost != NULL && i < lost->len; i++) {
    const UmzTakeover *takeover = lost->pdata[i];
    if (strcmp (takeover->uuid, vm->uuid) != 0)
      continue;
    umz_set_error (error, UMZ_MSG_UMZ0233, vm->name, takeover->su, NULL);
    return false;
  }
  return lost != NULL;
}

/* ---- both ---- */

static bool
go_on (UmzApp *app, UmzTakeover *takeover, GError **error)
{
  return takeover->state == UMZ_TAKEOVER_BEGUN ? settle_begun (app, takeover, error)
                                               : look_and_settle (app, takeover, error) != NULL;
}

static bool
is_any (UmzApp *app, UmzTakeoverState state)
{
  g_autoptr (GPtrArray) open = umz_store_list_takeovers (app->store, state, NULL);
  return open != NULL && open->len > 0;
}

static void
settle (UmzApp *app, UmzTakeoverState state)
{
  if (!is_any (app, state))
    return; /* no need to wait for a command */
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&app->change_lock);
  g_autoptr (GPtrArray) open = umz_store_list_takeovers (app->store, state, NULL);
  for (guint i = 0; open != NULL && i < open->len; i++) {
    g_autoptr (GError) error = NULL;
    UmzTakeover *takeover = open->pdata[i];
    if (!go_on (app, takeover, &error))
      g_message ("takeover of VM '%s': %s", takeover->name, error->message);
  }
}

void
umz_takeovers_settle (UmzApp *app)
{
  settle (app, UMZ_TAKEOVER_BEGUN);
  settle (app, UMZ_TAKEOVER_LOST);
}
