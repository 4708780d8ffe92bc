/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts.h: gathers what the checks judge, on this SU.  All of it blocks. */
#pragma once

#include "daemon/app.h"
#include "model/facts.h"

/* facts-su.c: of this SU itself, and the emulator that the VM has here. */
void umz_facts_get_su (UmzApp *app, const UmzVm *vm, UmzSuFacts *ret_facts);

/* What the other SU compares of them, as JSON and back; UMZ0310. */
JsonNode *umz_facts_su_to_json (const UmzSuFacts *facts);
bool umz_facts_su_from_json (JsonNode *node, UmzSuFacts *ret_facts, GError **error);

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
