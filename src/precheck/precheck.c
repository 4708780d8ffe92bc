/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

/* In the order in which VM2000 lists its conflicts. */
static const UmzTargetCheck target_checks[] = {
  umz_check_identity,
  umz_check_memory,
  umz_check_disks,
  umz_check_holders,
};

/* Those that speak of what others can take meanwhile. */
static const UmzTargetCheck room_checks[] = {
  umz_check_identity,
  umz_check_memory,
  umz_check_holders,
};

static const UmzSourceCheck source_checks[] = {
  umz_check_held,
  umz_check_devices,
};

void
umz_precheck_source (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  for (size_t i = 0; i < G_N_ELEMENTS (source_checks); i++)
    source_checks[i](vm, facts, findings);
}

void
umz_precheck_target (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (size_t i = 0; i < G_N_ELEMENTS (target_checks); i++)
    target_checks[i](vm, facts, findings);
}

void
umz_precheck_room (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (size_t i = 0; i < G_N_ELEMENTS (room_checks); i++)
    room_checks[i](vm, facts, findings);
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
