/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* show.h: what the SHOW commands for VMs have in common: one command shows the same VMs in several
 * layouts, which INFORMATION chooses, and as data.
 */
#pragma once

#include <glib.h>

#include "commands/find.h"
#include "commands/reply.h"
#include "model/vm.h"

typedef struct {
  const char *information;   /* "*STD" */
  const char *const *header; /* ends with NULL */
  void (*show) (UmzReply *reply, const UmzVm *vm);
} UmzLayout;

/* Prints the VMs in each of the layouts that the operand means; *ALL means all of them. */
void umz_show_layouts (UmzReply *reply, const UmzOperand *information, const GPtrArray *vms,
                       const UmzLayout *layouts, size_t n_layouts);

/* In the main layout of SHOW-VM-ATTRIBUTES. */
void umz_show_attributes_of (UmzReply *reply, const GPtrArray *vms);

/* The VMs that an operand of a SHOW command selects, those on their way here too; NULL: said and
 * ended.
 */
GPtrArray *umz_show_list_wanted (UmzReply *reply, const UmzOperand *wanted, UmzVmKind kind);

/* Layouts that several commands have: CPU, memory, devices, job variables. */
extern const UmzLayout umz_layout_cpu, umz_layout_memory, umz_layout_units, umz_layout_monjv;

/* Adds the VM with all that is known of it to the reply's data. */
void umz_show_add_data (UmzReply *reply, const UmzVm *vm);

/* "12", "-" without an index.  The caller frees it. */
char *umz_show_dup_index (const UmzVm *vm);

/* "YES" or "NO". */
const char *umz_show_yes_or_no (bool is_so);

uint64_t umz_show_mib (uint64_t bytes);
