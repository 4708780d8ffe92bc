/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/self.h"

#include "host/host.h"
#include "model/json.h"
#include "su/vms.h"

JsonNode *
umz_self_describe (UmzApp *app)
{
  uint64_t available_bytes = 0;
  g_autoptr (GPtrArray) vms = umz_vms_list (app, NULL);
  unsigned n = 0;
  for (guint i = 0; vms != NULL && i < vms->len; i++)
    n += umz_vms_is_initialized (vms->pdata[i]);
  (void) umz_host_get_available_bytes (&available_bytes, NULL); /* else 0 */
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "su", app->config->su_name);
  umz_json_set_text (b, "type", umz_su_type_text (app->config->su_type));
  umz_json_set_text (b, "configuration", app->config->configuration);
  umz_json_set_text (b, "version", UMZ_VERSION);
  umz_json_set_number (b, "active", app->config->is_active);
  umz_json_set_number (b, "vms", n);
  umz_json_set_number (b, "available_mib", available_bytes >> 20);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}
