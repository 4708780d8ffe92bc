/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* commands.h: carries out an operator's command. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "daemon/app.h"
#include "daemon/reply.h"
#include "daemon/vms.h"
#include "sdf/parse.h"

/* Parses and executes.  Blocks: libvirt and the other SU are asked. */
void umz_commands_execute (UmzReply *reply, const char *text);

/* ---- for the files of this room ---- */

/* check.c: prints every conflict and warning.  The VM's facts are completed with what this SU
 * reaches of its disks.
 */
typedef enum {
  UMZ_CHECK_POSSIBLE,
  UMZ_CHECK_NOT_POSSIBLE, /* conflicts were printed */
  UMZ_CHECK_FAILED,       /* could not be made; said and ended */
} UmzCheckResult;

/* *ret_su: name of the target SU, owned by the caller, set unless FAILED. */
UmzCheckResult umz_check_migration (UmzReply *reply, UmzVm *vm, const UmzOperand *su,
                                    UmzMoveOrder *order, char **ret_su);

/* Whether the definition of a VM that is not initialised may move: the name of the target SU, which
 * the caller frees.  NULL: said and ended.
 */
char *umz_check_definition (UmzReply *reply, UmzVm *vm, const UmzOperand *su);

/* What the other SU asks: POST /check.  NULL: could not be made. */
JsonNode *umz_check_handle (UmzApp *app, JsonObject *request, GError **error);

/* facts-target.c: memory that the VMs may still touch, and so no other VM gets; in bytes. */
uint64_t umz_check_sum_promised (UmzApp *app, const GPtrArray *vms);

/* room.c: the reasons why this SU has no room for the VM; false: that could not be found out. */
bool umz_room_look (UmzApp *app, const UmzVm *vm, GPtrArray *findings, GError **error);

/* What the other SU asks: POST /moves/ID/begin.  NULL: refused. */
JsonNode *umz_room_handle_begin (UmzApp *app, const char *su, const char *id, JsonObject *request,
                                 GError **error);

/* migrations.c: what is known of how a guest's memory travels, as members of the open object. */
void umz_migrations_add_transfer (JsonBuilder *b, const UmzTransferFigures *transfer);

/* mirrors.c */
void umz_show_vm_mirror (UmzReply *reply, const UmzCommand *command);
void umz_delete_vm_mirror (UmzReply *reply, const UmzCommand *command);

/* cluster.c: what the other SU asks: POST /su. */
JsonNode *umz_cluster_handle (UmzApp *app);
void umz_show_su_cluster (UmzReply *reply, const UmzCommand *command);

/* definitions.c */
void umz_activate_vm_definition (UmzReply *reply, const UmzCommand *command);
void umz_delete_vm (UmzReply *reply, const UmzCommand *command);
void umz_delete_vm_definition (UmzReply *reply, const UmzCommand *command);
void umz_migrate_vm_definition (UmzReply *reply, const UmzCommand *command);

/* Says and ends with why the definition did not get to the SU. */
void umz_definition_failed (UmzReply *reply, const UmzVm *vm, const char *su,
                            const UmzNotice *cause);

/* Says and ends with a store or libvirt that cannot be reached: the cause, and VMS2332. */
void umz_definition_storage_failed (UmzReply *reply, const GError *error);
void umz_modify_vm_definition (UmzReply *reply, const UmzCommand *command);

/* recovery.c */
void umz_recover_vm_definition (UmzReply *reply, const UmzCommand *command);
void umz_show_remote_definitions (UmzReply *reply, const UmzCommand *command);

/* devices.c, device-changes.c */
void umz_add_vm_devices (UmzReply *reply, const UmzCommand *command);
void umz_remove_vm_devices (UmzReply *reply, const UmzCommand *command);
void umz_show_vm_device_status (UmzReply *reply, const UmzCommand *command);
void umz_switch_vm_devices (UmzReply *reply, const UmzCommand *command);

/* help.c */
void umz_help_message (UmzReply *reply, const UmzCommand *command);

/* jv.c, wait.c */
void umz_create_jv (UmzReply *reply, const UmzCommand *command);
void umz_delete_jv (UmzReply *reply, const UmzCommand *command);
void umz_modify_jv (UmzReply *reply, const UmzCommand *command);
void umz_show_jv (UmzReply *reply, const UmzCommand *command);
void umz_show_jv_attributes (UmzReply *reply, const UmzCommand *command);
void umz_wait_event (UmzReply *reply, const UmzCommand *command);

/* life.c */
void umz_hold_vm (UmzReply *reply, const UmzCommand *command);
void umz_resume_vm (UmzReply *reply, const UmzCommand *command);
void umz_shutdown_vm (UmzReply *reply, const UmzCommand *command);
void umz_start_vm (UmzReply *reply, const UmzCommand *command);

/* ownership.c */
void umz_confirm_vm_ownership (UmzReply *reply, const UmzCommand *command);

/* migrations.c, show.c, status.c */
void umz_show_vm_attributes (UmzReply *reply, const UmzCommand *command);
void umz_show_vm_definition (UmzReply *reply, const UmzCommand *command);
void umz_show_vm_migration (UmzReply *reply, const UmzCommand *command);
void umz_show_vm_resources (UmzReply *reply, const UmzCommand *command);
void umz_show_vm_status (UmzReply *reply, const UmzCommand *command);
