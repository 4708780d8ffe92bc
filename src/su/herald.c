/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/herald.h"

#include <string.h>

#include "host/confirmation.h"
#include "partners/exchange.h"
#include "peer/client.h"
#include "store/vms.h"
#include "su/ownership.h"
#include "su/takeovers.h"
#include "su/vms.h"

#define PERIOD_S      20
#define UNCONFIRMED_S 5
#define CALL_S        4

typedef struct {
  const UmzConfigPeer *su; /* borrowed from the configuration */
  GCancellable *interrupt; /* borrowed from the herald */
  UmzPeerClient *client;   /* owned; of the thread; NULL but while it is told something */
  bool is_reached;         /* at the last look; of the lock */
  bool is_clear;           /* it has nothing of ours that we have not heard of; of the thread */
} Partner;

struct UmzHerald {
  UmzApp *app;             /* borrowed; it stops us before it goes */
  GCancellable *interrupt; /* owned; of calls, when we are to stop */
  GThread *thread;         /* owned; NULL while it does not run */
  GPtrArray *partners;     /* owned; Partner */
  GHashTable *unkept;      /* owned; of the thread; UUIDs of definitions that it has warned of */
  GMutex lock;             /* of what follows */
  GCond wake;
  bool must_look;
  bool must_stop;
};

/* ---- what this SU owns ---- */

static bool
is_lost (const GPtrArray *lost, const char *uuid)
{
  for (guint i = 0; i < lost->len; i++)
    if (strcmp (((const UmzTakeover *) lost->pdata[i])->uuid, uuid) == 0)
      return true;
  return false;
}

static UmzDefinitionRecord *
describe (UmzApp *app, const UmzVm *vm, GError **error)
{
  UmzVmRecord known;
  g_autoptr (UmzDefinitionRecord) record = umz_store_definition_record_new ();
  record->xml = umz_hypervisor_dup_definition (app->hypervisor, vm->uuid, error);
  if (record->xml == NULL || !umz_store_get_vm (app->store, vm->uuid, &known, error))
    return NULL;
  record->owner = g_strdup (app->config->su_name);
  record->uuid = g_strdup (vm->uuid);
  record->name = g_strdup (vm->name);
  record->index = vm->index;
  record->is_index_fixed = vm->is_index_fixed;
  record->is_active = umz_vms_is_initialized (vm);
  record->epoch = known.epoch;
  return g_steal_pointer (&record);
}

static bool
can_be_kept (UmzHerald *herald, const UmzDefinitionRecord *record, const GPtrArray *records)
{
  if (records->len < UMZ_DEFINITIONS_MAX && strlen (record->xml) <= UMZ_DEFINITION_BYTES_MAX)
    return true;
  if (g_hash_table_add (herald->unkept, g_strdup (record->uuid)))
    g_warning ("definition of VM '%s' is not kept by other SUs: too large, or too many",
               record->name);
  return false;
}

/* Until its move is over it is the other SU's, whatever libvirt has of it here. */
static bool
is_arriving (UmzApp *app, const UmzVm *vm)
{
  UmzSide side;
  return umz_engine_is_moving (app->engine, vm->uuid, &side, NULL) && side == UMZ_SIDE_TARGET;
}

/* All or nothing: what is not in the list is forgotten by the others. */
static GPtrArray *
list_own (UmzHerald *herald, GError **error)
{
  UmzApp *app = herald->app;
  g_autoptr (GPtrArray) lost = umz_store_list_takeovers (app->store, UMZ_TAKEOVER_LOST, error);
  g_autoptr (GPtrArray) vms = lost != NULL ? umz_vms_list (app, error) : NULL;
  if (vms == NULL)
    return NULL;
  g_autoptr (GPtrArray) records =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_store_definition_record_free);
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (!vm->is_persistent || is_lost (lost, vm->uuid) || is_arriving (app, vm))
      continue;
    g_autoptr (UmzDefinitionRecord) record = describe (app, vm, error);
    if (record == NULL)
      return NULL;
    if (can_be_kept (herald, record, records))
      g_ptr_array_add (records, g_steal_pointer (&record));
  }
  return g_steal_pointer (&records);
}

/* ---- telling ---- */

/* Whether the SU is still there.  What it refuses or has not heard, the next list makes good for.
 */
static bool
tell_wanted (Partner *partner, const GPtrArray *own, JsonObject *answer)
{
  for (guint i = 0; i < own->len; i++) {
    const UmzDefinitionRecord *record = own->pdata[i];
    if (!umz_exchange_is_wanted (answer, record->uuid))
      continue;
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) request = umz_exchange_definition_to_json (record);
    g_autoptr (JsonNode) done =
      umz_peer_call (partner->client, "/definition", request, CALL_S, partner->interrupt,
                     &error);
    if (g_error_matches (error, UMZ_ERROR, UMZ_MSG_UMZ0320) ||
        g_error_matches (error, UMZ_ERROR, UMZ_MSG_UMZ0321))
      return false;
    if (done == NULL)
      g_debug ("definition of VM '%s': %s", record->name, error->message);
  }
  return true;
}

/* Whether it was heard. */
static bool
tell_list (UmzApp *app, Partner *partner, const GPtrArray *own)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) request = umz_exchange_list_to_json (own);
  /* Each time with the certificates that are there. */
  partner->client = umz_peer_client_new (app->config, partner->su->name, &error);
  g_autoptr (JsonNode) answer =
    partner->client != NULL ? umz_peer_call (partner->client, "/definitions", request, CALL_S,
                                             partner->interrupt, &error)
                            : NULL;
  if (answer == NULL) {
    g_debug ("SU '%s' not told: %s", partner->su->name, error->message);
    return false;
  }
  partner->is_clear = umz_exchange_is_nothing_taken (json_node_get_object (answer));
  return tell_wanted (partner, own, json_node_get_object (answer));
}

static bool
must_stop (UmzHerald *herald)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&herald->lock);
  return herald->must_stop;
}

static void
tell (UmzHerald *herald, Partner *partner, const GPtrArray *own)
{
  partner->is_clear = false;
  bool is_reached = tell_list (herald->app, partner, own);
  if (is_reached) /* who is told to give up a definition has it from us by now */
    umz_takeovers_tell (herald->app, partner->client, partner->su->name, partner->interrupt);
  g_clear_pointer (&partner->client, umz_peer_client_free);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&herald->lock);
  partner->is_reached = is_reached;
}

static bool
are_all_clear (UmzHerald *herald)
{
  for (guint i = 0; i < herald->partners->len; i++)
    if (!((const Partner *) herald->partners->pdata[i])->is_clear)
      return false;
  return true;
}

static void
look (UmzHerald *herald)
{
  g_autoptr (GError) error = NULL;
  if (herald->partners->len == 0)
    return;
  bool is_busy = umz_engine_is_busy (herald->app->engine);
  if (!is_busy)
    umz_takeovers_settle (herald->app);
  g_autoptr (GPtrArray) own = list_own (herald, &error);
  if (own == NULL)
    g_debug ("definitions not told: %s", error->message); /* libvirtd restarts; looked again */
  for (guint i = 0; own != NULL && i < herald->partners->len && !must_stop (herald); i++)
    tell (herald, herald->partners->pdata[i], own);
  if (is_busy)
    return;
  if (own != NULL && are_all_clear (herald) && !umz_engine_has_untold_undo (herald->app->engine))
    umz_ownership_confirm_all (herald->app);
  umz_ownership_start_late (herald->app);
}

/* ---- the thread ---- */

/* SUs that are configured no more: they will never say what they still own. */
static void
forget_strangers (UmzApp *app)
{
  g_autoptr (GPtrArray) known = umz_store_list_definitions (app->store, NULL, NULL);
  for (guint i = 0; known != NULL && i < known->len; i++) {
    const UmzDefinitionRecord *record = known->pdata[i];
    if (umz_config_find_peer (app->config, record->owner) == NULL)
      (void) umz_store_delete_definition (app->store, record->owner, record->uuid,
                                          NULL); /* else at the next start */
  }
}

/* False: it is time to stop. */
static bool
rest (UmzHerald *herald)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&herald->lock);
  int period_s = umz_confirmation_is_given (herald->app->config, NULL) ? PERIOD_S : UNCONFIRMED_S;
  int64_t end_us = g_get_monotonic_time () + period_s * G_USEC_PER_SEC;
  while (!herald->must_stop && !herald->must_look &&
         g_cond_wait_until (&herald->wake, &herald->lock, end_us))
    ; /* woken for nothing */
  herald->must_look = false;
  return !herald->must_stop;
}

/* The end of a move makes us look. */
static void *
run (void *data)
{
  UmzHerald *herald = data;
  forget_strangers (herald->app);
  do
    look (herald);
  while (rest (herald));
  return NULL;
}

UmzHerald *
umz_herald_new (UmzApp *app)
{
  UmzHerald *herald = g_new0 (UmzHerald, 1);
  herald->app = app;
  herald->interrupt = g_cancellable_new ();
  herald->partners = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < app->config->peers->len; i++) {
    Partner *partner = g_new0 (Partner, 1);
    partner->su = app->config->peers->pdata[i];
    partner->interrupt = herald->interrupt;
    g_ptr_array_add (herald->partners, partner);
  }
  herald->unkept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_mutex_init (&herald->lock);
  g_cond_init (&herald->wake);
  return herald;
}

void
umz_herald_free (UmzHerald *herald)
{
  if (herald == NULL)
    return;
  umz_herald_stop (herald);
  g_object_unref (herald->interrupt);
  g_ptr_array_unref (herald->partners);
  g_hash_table_unref (herald->unkept);
  g_cond_clear (&herald->wake);
  g_mutex_clear (&herald->lock);
  g_free (herald);
}

void
umz_herald_start (UmzHerald *herald)
{
  herald->thread = g_thread_new ("herald", run, herald);
}

void
umz_herald_stop (UmzHerald *herald)
{
  if (herald == NULL)
    return;
  g_mutex_lock (&herald->lock);
  herald->must_stop = true;
  g_cond_signal (&herald->wake);
  g_mutex_unlock (&herald->lock);
  g_cancellable_cancel (herald->interrupt);
  g_clear_pointer (&herald->thread, g_thread_join);
}

void
umz_herald_look (UmzHerald *herald)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&herald->lock);
  herald->must_look = true;
  g_cond_signal (&herald->wake);
}

/* ---- hearing ---- */

/* An SU speaks that did not answer when we last looked: contact begins again. */
static bool
was_silent (UmzHerald *herald, const char *su)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&herald->lock);
  for (guint i = 0; i < herald->partners->len; i++) {
    Partner *partner = herald->partners->pdata[i];
    if (strcmp (partner->su->name, su) == 0)
      return !partner->is_reached;
  }
  return false;
}

/* What was taken over from an SU is not the SU's any more, whatever it still says.  Adds to *n. */
static bool
leave_out (UmzApp *app, UmzTakeoverState state, const char *su, GHashTable *list, unsigned *n,
           GError **error)
{
  g_autoptr (GPtrArray) taken = umz_store_list_takeovers (app->store, state, error);
  for (guint i = 0; taken != NULL && i < taken->len; i++) {
    const UmzTakeover *takeover = taken->pdata[i];
    if (strcmp (takeover->su, su) != 0)
      continue;
    g_hash_table_remove (list, takeover->uuid);
    *n += 1;
  }
  return taken != NULL;
}

JsonNode *
umz_herald_hear_list (UmzApp *app, const char *su, JsonObject *request, GError **error)
{
  unsigned n_taken = 0;
  g_autoptr (GHashTable) list = umz_exchange_list_from_json (request, error);
  if (list == NULL)
    return NULL;
  if (was_silent (app->herald, su))
    umz_herald_look (app->herald);
  if (!leave_out (app, UMZ_TAKEOVER_BEGUN, su, list, &n_taken, error) ||
      !leave_out (app, UMZ_TAKEOVER_TAKEN, su, list, &n_taken, error))
    return NULL;
  if (!umz_store_hear_owner (app->store, su, list, g_get_real_time (), error))
    return NULL;
  g_autoptr (GPtrArray) known = umz_store_list_definitions (app->store, su, error);
  return known != NULL ? umz_exchange_answer_to_json (list, known, n_taken) : NULL;
}

/* One that is not in the list goes again with the next list. */
JsonNode *
umz_herald_hear_definition (UmzApp *app, const char *su, JsonObject *request, GError **error)
{
  unsigned n = 0;
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), request);
  g_autoptr (UmzDefinitionRecord) record = umz_exchange_definition_from_json (node, su, error);
  if (record == NULL ||
      !umz_store_count_other_definitions (app->store, su, record->uuid, &n, error))
    return NULL;
  if (n >= UMZ_DEFINITIONS_MAX) {
    umz_set_error (error, UMZ_MSG_VMS2311, NULL);
    return NULL;
  }
  if (!umz_store_has_room (app->store, error) ||
      !umz_store_put_definition (app->store, record, error))
    return NULL;
  return json_from_string ("{}", NULL);
}
