/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts.h: what libvirt and the host tell the checks.  All calls block as those of hypervisor.h do.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "hypervisor/hypervisor.h"
#include "model/facts.h"

/* ---- domain-facts.c ---- */

/* QEMU is asked what blocks a move only if the VM has parts that may (UmzVm.may_block): libvirt
 * marks a domain for good whose monitor somebody else has used.
 */
bool umz_hypervisor_get_domain_facts (UmzHypervisor *hypervisor, const UmzVm *vm,
                                      UmzDomainFacts *ret_facts, GError **error);

/* The reasons in QEMU's answer to query-migrate; the caller frees them. */
char **umz_hypervisor_parse_blockers (const char *answer);

/* ---- cpu-facts.c ---- */

/* All features of the VM's CPU as it runs; empty if libvirt cannot tell (not on s390x without KVM).
 * The caller frees them.
 */
char **umz_hypervisor_list_vm_features (UmzHypervisor *hypervisor, const UmzVm *vm);

/* What this host can run. */
typedef struct {
  bool has_emulator;
  bool has_machine;
  char **models;   /* owned; CPU models that are usable here */
  char **features; /* owned; of the best CPU that a VM can have here; empty if unknown */
} UmzGuestFacts;

/* For a VM of that machine, architecture and emulator. */
bool umz_hypervisor_get_guest_facts (UmzHypervisor *hypervisor, const UmzVm *vm,
                                     UmzGuestFacts *ret_facts, GError **error);
void umz_hypervisor_guest_facts_clear (UmzGuestFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzGuestFacts, umz_hypervisor_guest_facts_clear)

/* ---- su-facts.c ---- */

/* 9000000 for 9.0.0; 0: not known. */
unsigned umz_hypervisor_get_libvirt_version (UmzHypervisor *hypervisor);

/* The same of the VM's emulator here, without the last part; and from its capabilities: the machine
 * type that a VM gets which names none is the newest, and called after QEMU's version.
 */
unsigned umz_hypervisor_get_emulator_version (UmzHypervisor *hypervisor, const UmzVm *vm);
unsigned umz_hypervisor_parse_machine_version (const char *caps);

/* Whether a LAN device can be connected here: UmzDevice.network. */
bool umz_hypervisor_has_network (UmzHypervisor *hypervisor, const char *network);
