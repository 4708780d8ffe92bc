/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>

#include "host/hook.h"
#include "hypervisor/facts.h"
#include "model/json.h"
#include "su/facts.h"

/* Seconds; of a certificate that cannot be read, for ever: umzugd would not have started. */
static int64_t
get_certificate_left_s (const char *path)
{
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (path, NULL);
  g_autoptr (GDateTime) end =
    certificate != NULL ? g_tls_certificate_get_not_valid_after (certificate) : NULL;
  if (end == NULL)
    return INT64_MAX;
  return g_date_time_to_unix (end) - g_get_real_time () / G_USEC_PER_SEC;
}

/* An answer without a decision is as good as one with it: no move has the epoch 0. */
static char *
dup_arbiter_silence (UmzArbiter *arbiter, const char *uuid)
{
  UmzVerdict verdict;
  g_autoptr (GError) error = NULL;
  if (arbiter == NULL || umz_arbiter_get (arbiter, uuid, 0, &verdict, &error))
    return g_strdup ("");
  return g_strdup (error->message);
}

void
umz_facts_get_su (UmzApp *app, const UmzVm *vm, UmzSuFacts *ret_facts)
{
  const UmzConfig *config = app->config;
  *ret_facts = (UmzSuFacts){
    .pair.libvirt_version = umz_hypervisor_get_libvirt_version (app->hypervisor),
    .pair.emulator_version = umz_hypervisor_get_emulator_version (app->hypervisor, vm),
    .certificate_left_s = get_certificate_left_s (config->certificate),
    .ca_left_s = get_certificate_left_s (config->ca),
    .hook = umz_host_get_hook_state (config->libvirt_socket, config->fence_dir),
    .arbiter_silence = dup_arbiter_silence (app->arbiter, vm->uuid),
  };
  umz_host_read_libvirt_settings (config->libvirt_socket, &ret_facts->settings);
  ret_facts->pair.time_us = g_get_real_time ();
}

JsonNode *
umz_facts_pair_to_json (const UmzPairFacts *facts)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_number (b, "time_us", (uint64_t) facts->time_us);
  umz_json_set_number (b, "libvirt_version", facts->libvirt_version);
  umz_json_set_number (b, "emulator_version", facts->emulator_version);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

bool
umz_facts_pair_from_json (JsonNode *node, UmzPairFacts *ret_facts, GError **error)
{
  uint64_t time_us = 0, libvirt = 0, emulator = 0;
  JsonObject *object =
    node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  if (object == NULL || !umz_json_get_number (object, "time_us", INT64_MAX, &time_us) ||
      !umz_json_get_number (object, "libvirt_version", INT32_MAX, &libvirt) ||
      !umz_json_get_number (object, "emulator_version", INT32_MAX, &emulator)) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "facts of the SU", NULL);
    return false;
  }
  *ret_facts = (UmzPairFacts){ .time_us = (int64_t) time_us,
                               .libvirt_version = (unsigned) libvirt,
                               .emulator_version = (unsigned) emulator };
  return true;
}
