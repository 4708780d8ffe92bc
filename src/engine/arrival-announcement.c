/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/arrival-announcement.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "engine/arrival.h"
#include "engine/fault.h"
#include "engine/ledger.h"
#include "engine/streams.h"
#include "host/fence.h"
#include "host/look.h"
#include "host/storage.h"
#include "hypervisor/definition.h"
#include "model/json.h"
#include "store/vms.h"

#define EPOCH_MAX        (INT64_C (1) << 53) /* exact in every JSON */
#define DEFINITION_BYTES (4 * 1024 * 1024)

/* NULL: it is not there. */
static JsonObject *
get_stream (JsonObject *request, const char *name)
{
  JsonNode *node = json_object_get_member (request, name);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static bool
read_stream (JsonObject *request, const char *name, UmzStream *ret_stream)
{
  const char *id, *key;
  JsonObject *stream = get_stream (request, name);
  if (stream == NULL || !umz_json_get_text (stream, "id", 64, &id) ||
      !umz_json_get_text (stream, "key", 64, &key))
    return false;
  g_autoptr (GBytes) id_bytes = umz_text_new_bytes_from_hex (id);
  g_autoptr (GBytes) key_bytes = umz_text_new_bytes_from_hex (key);
  static const UmzStream nothing;
  if (id_bytes == NULL || key_bytes == NULL ||
      g_bytes_get_size (id_bytes) != sizeof ret_stream->id ||
      g_bytes_get_size (key_bytes) != sizeof ret_stream->key)
    return false;
  memcpy (ret_stream->id, g_bytes_get_data (id_bytes, NULL), sizeof ret_stream->id);
  memcpy (ret_stream->key, g_bytes_get_data (key_bytes, NULL), sizeof ret_stream->key);
  return memcmp (ret_stream->id, nothing.id, sizeof nothing.id) != 0 &&
         memcmp (ret_stream->key, nothing.key, sizeof nothing.key) != 0;
}

/* A VM whose memory is not copied has none. */
static bool
read_streams (JsonObject *request, const UmzVm *vm, UmzStream *ret_streams)
{
  return !umz_vm_state_has_memory (vm->state) ||
         (read_stream (request, "rpc", &ret_streams[UMZ_RELAY_KIND_RPC - 1]) &&
          read_stream (request, "memory", &ret_streams[UMZ_RELAY_KIND_MEMORY - 1]));
}

/* 0: a definition has none until it becomes a VM, and a VM when all were taken; 1 is no VM's. */
static bool
has_fitting_index (const UmzVm *vm)
{
  return vm->index != 1;
}

/* Its name becomes part of a socket's path, and the relay has 255 bytes for it. */
static bool
has_fitting_name (const UmzVm *vm)
{
  return strlen (vm->name) < UMZ_RELAY_VM_NAME_BYTES && strchr (vm->name, '/') == NULL;
}

/* Whether it defines this VM and no other; "" for a VM that has none, which then has a memory. */
static bool
is_definition_of (const char *definition, const UmzVm *vm)
{
  if (definition[0] == '\0')
    return umz_vm_state_has_memory (vm->state);
  g_autoptr (UmzVm) defined = umz_definition_parse (definition, NULL);
  return defined != NULL && strcmp (defined->uuid, vm->uuid) == 0 &&
         strcmp (defined->name, vm->name) == 0;
}

/* A move as announced, not yet begun; NULL if the request is not in our form. */
static UmzMove *
read_arrival (const UmzMeans *means, const char *su, const char *id, JsonObject *request,
              GError **error)
{
  uint64_t epoch;
  const char *definition;
  UmzStream streams[UMZ_N_STREAMS] = { 0 };
  g_autoptr (UmzVm) vm = umz_vm_from_json (json_object_get_member (request, "vm"), error);
  if (vm == NULL)
    return NULL;
  g_autofree char *uuid = g_ascii_strdown (vm->uuid, -1);
  if (!umz_json_get_number (request, "epoch", EPOCH_MAX, &epoch) ||
      !umz_json_get_text (request, "definition", DEFINITION_BYTES, &definition) ||
      !g_uuid_string_is_valid (id) || strcmp (uuid, vm->uuid) != 0 || !has_fitting_name (vm) ||
      !has_fitting_index (vm) || !is_definition_of (definition, vm) ||
      !read_streams (request, vm, streams)) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "announcement of a VM", NULL);
    return NULL;
  }
  UmzMoveRecord *record = umz_move_make_record (UMZ_SIDE_TARGET, vm, su);
  record->id = g_strdup (id);
  record->epoch = epoch;
  record->definition = definition[0] != '\0' ? g_strdup (definition) : NULL;
  record->boot_id = g_strdup ("");
  UmzMove *move = umz_move_new (means, UMZ_SIDE_TARGET, record, g_steal_pointer (&vm));
  memcpy (move->streams, streams, sizeof streams);
  return move;
}

static bool
take_index (UmzMove *move, GError **error)
{
  UmzStore *store = move->means->store;
  const UmzVm *vm = move->vm;
  if (!umz_ledger_note (move, UMZ_STEP_INDEX, "", error) ||
      umz_fault_fails ("target-index", error))
    return false;
  if (vm->index == 0)
    return true;
  return vm->is_index_fixed ? umz_store_fix_index (store, vm->uuid, vm->index, error)
                            : umz_store_set_index (store, vm->uuid, vm->index, error);
}

static bool
raise_fence (UmzMove *move, GError **error)
{
  const UmzConfig *config = move->means->config;
  const UmzMoveRecord *record = move->record;
  g_autoptr (UmzNotice) refusal =
    umz_notice_new (UMZ_MSG_UMZ0126, move->label, record->peer, NULL);
  g_autofree char *why = umz_notice_render (refusal, config->language);
  return umz_ledger_note (move, UMZ_STEP_FENCE, "", error) &&
         !umz_fault_fails ("target-fence", error) &&
         umz_fence_raise (config->fence_dir, record->uuid, UMZ_SIDE_TARGET, why, error);
}

/* libvirt gives the file of each disk to QEMU's user here, and takes it from him when the copy
 * ends, though QEMU at the source may use it still.
 */
static bool
note_owner (UmzMove *move, const char *source, GError **error)
{
  const char *path = umz_storage_get_path (source);
  return path == NULL || umz_ledger_note_owner (move, path, error);
}

static bool
note_owners (UmzMove *move, GError **error)
{
  for (guint i = 0; i < move->vm->devices->len; i++) {
    const UmzDevice *device = move->vm->devices->pdata[i];
    if (!note_owner (move, device->source, error))
      return false;
    for (char **below = device->backing; *below != NULL; below++)
      if (!note_owner (move, *below, error))
        return false;
  }
  return true;
}

/* libvirt makes the file of the firmware's variables, if it is not there, and never removes it.  On
 * storage that the source reaches too it would be the source's: that one is not ours to remove.
 */
static bool
note_files (UmzMove *move, GError **error)
{
  const char *definition = move->record->definition;
  g_autofree char *nvram = definition != NULL ? umz_definition_dup_nvram (definition) : NULL;
  g_autofree char *folder = nvram != NULL ? g_path_get_dirname (nvram) : NULL;
  g_autofree char *source = g_strconcat ("file:", folder, NULL);
  bool is_missing = nvram != NULL && umz_look_at (nvram).error == ENOENT;
  return !is_missing || !umz_storage_is_local (source) ||
         umz_ledger_note (move, UMZ_STEP_FILE, nvram, error);
}

static bool
prepare_arrival (UmzMove *move, GError **error)
{
  if (!raise_fence (move, error) || !take_index (move, error))
    return false;
  if (umz_vm_state_has_memory (move->vm_state) &&
      (!umz_ledger_note (move, UMZ_STEP_FOLDER, "", error) ||
       umz_fault_fails ("target-folder", error) || !umz_streams_make_folder (move, error)))
    return false;
  return note_owners (move, error) && note_files (move, error) &&
         umz_ledger_note (move, UMZ_STEP_DOMAIN, "", error);
}

/* Last: it begins a file, which only the end of the move takes away. */
static bool
take_offer (UmzMove *move, JsonObject *request, GError **error)
{
  if (!umz_vm_state_has_memory (move->vm_state) ||
      umz_transfer_take_offer (&move->transfer, get_stream (request, "memory")))
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0310, "announcement of a VM's memory", NULL);
  return false;
}

static JsonNode *
new_answer (UmzMove *move)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_transfer_add_answer (&move->transfer, b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

JsonNode *
umz_announcement_take (const UmzMeans *means, UmzRegistry *registry, const char *su, const char *id,
                       JsonObject *request, GError **error)
{
  g_autoptr (UmzMove) known = umz_registry_find (registry, id);
  if (known != NULL && umz_move_get_state (known) == UMZ_STATE_RECEIVING)
    return new_answer (known); /* the request came twice */
  g_autoptr (UmzMove) move = read_arrival (means, su, id, request, error);
  if (move == NULL)
    return NULL;
  g_autoptr (UmzMoveRecord) journaled = NULL;
  g_autoptr (UmzVm) present = NULL;
  if (!umz_store_dup_move (means->store, id, &journaled, error) ||
      !umz_hypervisor_find (move->hypervisor, move->record->uuid, &present, error))
    return NULL;
  g_autoptr (UmzMove) earlier = umz_registry_find_unsettled (registry, move->record->uuid);
  if (present != NULL || journaled != NULL || earlier != NULL) {
    umz_set_error (error, UMZ_MSG_VMS4013, move->record->name, NULL);
    return NULL;
  }
  if (!umz_store_has_room (means->store, error) ||
      !umz_store_see_epoch (means->store, move->record->uuid, move->record->epoch, error))
    return NULL;
  if (!umz_registry_add (registry, move, error))
    return NULL;
  umz_fault_point ("target-announced");
  if (!umz_move_step (move, UMZ_EVENT_BEGIN, error)) {
    umz_move_drop (move);
    return NULL;
  }
  umz_fault_point ("target-begun");
  bool ok = prepare_arrival (move, error) && take_offer (move, request, error);
  umz_move_run (move, umz_arrival_run);
  if (!ok) {
    umz_inputs_push (move->inputs, UMZ_INPUT_ABORT, NULL);
    return NULL;
  }
  umz_fault_point ("target-ready");
  return new_answer (move);
}
