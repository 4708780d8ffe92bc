/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

static const UmzSuCheck su_checks[] = {
  umz_check_hook,
  umz_check_libvirt,
  umz_check_arbiter,
  umz_check_certificate,
};

/* In the order in which VM2000 lists its conflicts. */
static const UmzTargetCheck target_checks[] = {
  umz_check_cluster,
  umz_check_identity,
  umz_check_memory,
  umz_check_numa,
  umz_check_machine,
  umz_check_cpu,
  umz_check_files,
  umz_check_tpm_emulator,
  umz_check_graphics,
  umz_check_disks,
  umz_check_holders,
  umz_check_network,
  umz_check_auth,
  umz_check_ownership,
};

/* Those that speak of what others can take meanwhile. */
static const UmzTargetCheck room_checks[] = {
  umz_check_identity,
  umz_check_memory,
  umz_check_holders,
};

static const UmzSourceCheck source_checks[] = {
  umz_check_held,
  umz_check_busy,
  umz_check_snapshots,
  umz_check_saved_state,
  umz_check_io_errors,
  umz_check_devices,
  umz_check_cache,
  umz_check_tpm_state,
  umz_check_blockers,
  umz_check_link,
};

static void
check_su (const UmzSuFacts *su, const char *su_name, GPtrArray *findings)
{
  for (size_t i = 0; i < G_N_ELEMENTS (su_checks); i++)
    su_checks[i](su, su_name, findings);
}

void
umz_precheck_source (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  for (size_t i = 0; i < G_N_ELEMENTS (source_checks); i++)
    source_checks[i](vm, facts, findings);
  check_su (facts->su, facts->su_name, findings);
}

void
umz_precheck_target (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (size_t i = 0; i < G_N_ELEMENTS (target_checks); i++)
    target_checks[i](vm, facts, findings);
  check_su (facts->su, facts->su_name, findings);
}

void
umz_precheck_room (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (size_t i = 0; i < G_N_ELEMENTS (room_checks); i++)
    room_checks[i](vm, facts, findings);
}

void
umz_precheck_definition_here (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  umz_check_snapshots (vm, facts, findings);
  umz_check_saved_state (vm, facts, findings);
  umz_check_tpm_state (vm, facts, findings);
}

void
umz_precheck_definition (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  umz_check_identity (vm, facts, findings);
}

bool
umz_precheck_has_conflict (const GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    if (umz_message_severity (umz_notice_get_id (findings->pdata[i])) == UMZ_SEVERITY_ERROR)
      return true;
  return false;
}

char *
umz_version_dup_text (unsigned version)
{
  return g_strdup_printf ("%u.%u.%u", version / 1000000, version / 1000 % 1000, version % 1000);
}
