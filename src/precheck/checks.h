/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checks.h: the checks, for precheck.c; docs/checks.md says what each looks at. */
#pragma once

#include "precheck/precheck.h"

typedef void (*UmzTargetCheck) (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);
typedef void (*UmzSourceCheck) (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);
typedef void (*UmzSuCheck) (const UmzSuFacts *su, const char *su_name, GPtrArray *findings);

/* "9.0.0" of 9000000.  The caller frees it. */
char *umz_version_dup_text (unsigned version);

/* ---- of the source ---- */

/* held.c: UMZ0201 */
void umz_check_held (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* busy.c: UMZ0111, UMZ0155 */
void umz_check_busy (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* snapshots.c: UMZ0150 */
void umz_check_snapshots (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* saved-state.c: UMZ0172 */
void umz_check_saved_state (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* io-errors.c: UMZ0154 */
void umz_check_io_errors (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* devices.c: cannot travel UMZ0106, UMZ0109; will be detached VMS2471 */
void umz_check_devices (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* cache.c: UMZ0153 */
void umz_check_cache (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* tpm.c: UMZ0170, UMZ0173 */
void umz_check_tpm_state (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* blockers.c: UMZ0113 */
void umz_check_blockers (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* link.c: UMZ0171 */
void umz_check_link (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* ---- of the target ---- */

/* cluster.c: VMS2402, VMS2331 */
void umz_check_cluster (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* identity.c: name VMS4013, index VMS4012 and VMS2311, UUID UMZ0112 */
void umz_check_identity (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* holders.c: no disk is held by another VM VMS2437 */
void umz_check_holders (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* memory.c: VMS4011, huge pages UMZ0157 */
void umz_check_memory (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* numa.c: UMZ0156 */
void umz_check_numa (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* machine.c: UMZ0103, UMZ0107 */
void umz_check_machine (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* cpu.c: UMZ0104 */
void umz_check_cpu (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* files.c: UMZ0158 */
void umz_check_files (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* tpm.c: UMZ0159 */
void umz_check_tpm_emulator (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* graphics.c: UMZ0160 */
void umz_check_graphics (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* disks.c: there VMS4034, the same UMZ0105, opened UMZ0151, unknown UMZ0152 */
void umz_check_disks (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* network.c: UMZ0108 */
void umz_check_network (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* libvirt.c: UMZ0163 */
void umz_check_auth (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* ownership.c: UMZ0166 */
void umz_check_ownership (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* ---- of each SU ---- */

/* hook.c: UMZ0161 */
void umz_check_hook (const UmzSuFacts *su, const char *su_name, GPtrArray *findings);

/* libvirt.c: UMZ0164, UMZ0165, UMZ0169 */
void umz_check_libvirt (const UmzSuFacts *su, const char *su_name, GPtrArray *findings);
void umz_check_arbiter (const UmzSuFacts *su, const char *su_name, GPtrArray *findings);

/* certificate.c: UMZ0162 */
void umz_check_certificate (const UmzSuFacts *su, const char *su_name, GPtrArray *findings);
