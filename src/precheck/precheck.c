/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/precheck.h"

void
umz_precheck_source_facts_clear (UmzSourceFacts *facts)
{
  umz_model_domain_facts_clear (&facts->domain);
}

void
umz_precheck_name_facts_clear (UmzNameFacts *facts)
{
  g_clear_pointer (&facts->vms, g_ptr_array_unref);
  g_free (facts->index_owner);
}

void
umz_precheck_room_facts_clear (UmzRoomFacts *facts)
{
  umz_precheck_name_facts_clear (&facts->names);
}

void
umz_precheck_target_facts_clear (UmzTargetFacts *facts)
{
  for (guint i = 0; i < facts->n_devices; i++) {
    g_free (facts->devices[i].identity);
    umz_notice_free (facts->devices[i].cannot_open);
  }
  umz_precheck_room_facts_clear (&facts->room);
  g_free (facts->numa_nodes);
  g_free (facts->cpus);
  g_strfreev (facts->cpu_models);
  g_strfreev (facts->cpu_features);
  g_strfreev (facts->missing_files);
  g_strfreev (facts->taken_ports);
  g_free (facts->devices);
}

bool
umz_precheck_has_conflict (const GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    if (umz_message_severity (umz_notice_get_id (findings->pdata[i])) == UMZ_SEVERITY_ERROR)
      return true;
  return false;
}
