/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* handlers.h: one function for each row of the command table (sdf/commands.c), where its operands
 * are.  It says what it has done or found, and how the command ended, to the reply.
 */
#pragma once

#include "commands/reply.h"

/* cluster.c */
void umz_execute_show_su_cluster (UmzReply *reply, const UmzCommand *command);

/* confirm.c */
void umz_execute_confirm_vm_ownership (UmzReply *reply, const UmzCommand *command);

/* definitions.c */
void umz_execute_activate_vm_definition (UmzReply *reply, const UmzCommand *command);
void umz_execute_modify_vm_definition (UmzReply *reply, const UmzCommand *command);
void umz_execute_delete_vm_definition (UmzReply *reply, const UmzCommand *command);
void umz_execute_migrate_vm_definition (UmzReply *reply, const UmzCommand *command);
void umz_execute_delete_vm (UmzReply *reply, const UmzCommand *command);

/* device-changes.c */
void umz_execute_add_vm_devices (UmzReply *reply, const UmzCommand *command);
void umz_execute_remove_vm_devices (UmzReply *reply, const UmzCommand *command);
void umz_execute_switch_vm_devices (UmzReply *reply, const UmzCommand *command);

/* devices.c */
void umz_execute_show_vm_device_status (UmzReply *reply, const UmzCommand *command);

/* help.c */
void umz_execute_help_msg_information (UmzReply *reply, const UmzCommand *command);

/* jv.c */
void umz_execute_create_jv (UmzReply *reply, const UmzCommand *command);
void umz_execute_delete_jv (UmzReply *reply, const UmzCommand *command);
void umz_execute_modify_jv (UmzReply *reply, const UmzCommand *command);
void umz_execute_show_jv (UmzReply *reply, const UmzCommand *command);
void umz_execute_show_jv_attributes (UmzReply *reply, const UmzCommand *command);

/* life.c */
void umz_execute_hold_vm (UmzReply *reply, const UmzCommand *command);
void umz_execute_resume_vm (UmzReply *reply, const UmzCommand *command);
void umz_execute_shutdown_vm (UmzReply *reply, const UmzCommand *command);
void umz_execute_start_vm (UmzReply *reply, const UmzCommand *command);

/* migrate.c */
void umz_execute_check_vm_migration (UmzReply *reply, const UmzCommand *command);
void umz_execute_migrate_vm (UmzReply *reply, const UmzCommand *command);
void umz_execute_cancel_vm_migration (UmzReply *reply, const UmzCommand *command);
void umz_execute_resolve_vm_migration (UmzReply *reply, const UmzCommand *command);

/* migrations.c */
void umz_execute_show_vm_migration (UmzReply *reply, const UmzCommand *command);

/* mirrors.c */
void umz_execute_show_vm_mirror (UmzReply *reply, const UmzCommand *command);
void umz_execute_delete_vm_mirror (UmzReply *reply, const UmzCommand *command);

/* recovery.c */
void umz_execute_recover_vm_definition (UmzReply *reply, const UmzCommand *command);

/* show.c */
void umz_execute_show_vm_attributes (UmzReply *reply, const UmzCommand *command);
void umz_execute_show_vm_definition (UmzReply *reply, const UmzCommand *command);

/* status.c */
void umz_execute_show_vm_status (UmzReply *reply, const UmzCommand *command);
void umz_execute_show_vm_resources (UmzReply *reply, const UmzCommand *command);

/* wait.c */
void umz_execute_wait_event (UmzReply *reply, const UmzCommand *command);
