/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts.h: gathers what the checks judge, on this SU.  All of it blocks. */
#pragma once

#include "model/facts.h"
#include "precheck/forecast.h"
#include "su/app.h"

/* facts-su.c: of this SU itself, and the emulator that the VM has here. */
void umz_facts_get_su (UmzApp *app, const UmzVm *vm, UmzSuFacts *ret_facts);

/* What the other SU compares of them, as JSON and back; UMZ0310. */
JsonNode *umz_facts_su_to_json (const UmzSuFacts *facts);
bool umz_facts_su_from_json (JsonNode *node, UmzSuFacts *ret_facts, GError **error);

/* facts-target.c: memory that the VMs may still touch, and so no other VM gets; in bytes. */
uint64_t umz_facts_sum_promised (UmzApp *app, const GPtrArray *vms);

/* How many VMs more can have an index here. */
unsigned umz_facts_count_free_indexes (UmzApp *app);

/* Of huge pages of the VM's size, in bytes. */
uint64_t umz_facts_get_free_huge_bytes (UmzApp *app, const UmzVm *vm);

/* facts-source.c, facts-target.c: gather, and judge by it; the findings are appended.  Of a VM that
 * leaves, what this SU alone can tell of it is written into it, to go along.
 */
bool umz_facts_judge_source (UmzApp *app, UmzVm *vm, const char *target_su, const UmzSuFacts *su,
                             GPtrArray *findings, GError **error);
bool umz_facts_judge_definition (UmzApp *app, const UmzVm *vm, GPtrArray *findings,
                                 GError **error);
bool umz_facts_judge_target (UmzApp *app, const UmzVm *vm, const UmzSuFacts *su,
                             GPtrArray *findings, GError **error);

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
