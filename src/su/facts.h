/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts.h: gathers what the checks judge, on this SU.  All of it blocks.
 *
 * Each function fills all of its type (precheck/precheck.h), and none fills a part of another's.
 */
#pragma once

#include "model/facts.h"
#include "precheck/forecast.h"
#include "precheck/precheck.h"
#include "su/app.h"

/* facts-su.c: of this SU itself, and the emulator that the VM has here. */
void umz_facts_get_su (UmzApp *app, const UmzVm *vm, UmzSuFacts *ret_facts);

/* What the other SU compares of them, as JSON and back; UMZ0310. */
JsonNode *umz_facts_pair_to_json (const UmzPairFacts *facts);
bool umz_facts_pair_from_json (JsonNode *node, UmzPairFacts *ret_facts, GError **error);

/* facts-source.c: of a VM that leaves.  What this SU alone can tell of it is written into it, to go
 * along.  target_su and su are borrowed.
 */
bool umz_facts_get_source (UmzApp *app, UmzVm *vm, const char *target_su, const UmzSuFacts *su,
                           UmzSourceFacts *ret_facts, GError **error);

/* facts-target.c: of a VM that comes, beside those of `vms`, which is taken over. */
bool umz_facts_get_names (UmzApp *app, const UmzVm *vm, GPtrArray *vms, UmzNameFacts *ret_facts,
                          GError **error);
bool umz_facts_get_room (UmzApp *app, const UmzVm *vm, GPtrArray *vms, UmzRoomFacts *ret_facts,
                         GError **error);

/* Memory that the VMs may still touch, and so no other VM gets; in bytes. */
uint64_t umz_facts_sum_promised (UmzApp *app, const GPtrArray *vms);

/* All of this SU, beside all that are here or arrive; su is borrowed. */
bool umz_facts_get_target (UmzApp *app, const UmzVm *vm, const UmzSuFacts *su,
                           UmzTargetFacts *ret_facts, GError **error);

/* The mean of the last move to that SU that was long enough; 0: there was none. */
uint64_t umz_facts_get_link_rate (UmzApp *app, const char *su);

/* How much of its memory the VM has changed in the last minutes; 0: not known. */
uint64_t umz_facts_get_dirty_rate (UmzApp *app, const UmzVm *vm);

/* forecast.c: what a move of the VM to that SU will take. */
UmzForecast umz_facts_forecast (UmzApp *app, const UmzVm *vm, const char *su,
                                const UmzMoveTerms *terms);

/* The conflict of a forecast that is hopeless: UMZ0174. */
UmzNotice *umz_facts_new_hopeless (UmzApp *app, const UmzVm *vm, const char *su,
                                   const UmzForecast *forecast);

/* UMZ0175 or UMZ0176, of a forecast that has a basis. */
UmzNotice *umz_facts_new_expectation (const UmzForecast *forecast);
