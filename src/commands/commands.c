/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands/commands.h"

#include <string.h>

#include "commands/handlers.h"
#include "sdf/echo.h"
#include "sdf/words.h"
#include "su/herald.h"
#include "su/monitor.h"

typedef enum {
  LOOKS,      /* anybody may give it */
  CHANGES,    /* administrators may */
  LOGGED,     /* the same, and its echo stands in the console log */
  ONE_BY_ONE, /* the same, and no other such command changes VMs meanwhile */
} HandlerKind;

typedef struct {
  const char *name;
  HandlerKind kind;
  void (*execute) (UmzReply *reply, const UmzCommand *command);
} Handler;

/* clang-format off */
static const Handler handlers[] = {
  { "ACTIVATE-VM-DEFINITION", ONE_BY_ONE, umz_execute_activate_vm_definition },
  { "ADD-VM-DEVICES",         ONE_BY_ONE, umz_execute_add_vm_devices         },
  { "CANCEL-VM-MIGRATION",    LOGGED,     umz_execute_cancel_vm_migration    },
  { "CHECK-VM-MIGRATION",     LOGGED,     umz_execute_check_vm_migration     },
  { "CONFIRM-VM-OWNERSHIP",   ONE_BY_ONE, umz_execute_confirm_vm_ownership   },
  { "CREATE-JV",              CHANGES,    umz_execute_create_jv              },
  { "DELETE-JV",              CHANGES,    umz_execute_delete_jv              },
  { "DELETE-VM",              ONE_BY_ONE, umz_execute_delete_vm              },
  { "DELETE-VM-DEFINITION",   ONE_BY_ONE, umz_execute_delete_vm_definition   },
  { "DELETE-VM-MIRROR",       LOGGED,     umz_execute_delete_vm_mirror       },
  { "HELP-MSG-INFORMATION",   LOOKS,      umz_execute_help_msg_information   },
  { "HOLD-VM",                ONE_BY_ONE, umz_execute_hold_vm                },
  { "MIGRATE-VM",             ONE_BY_ONE, umz_execute_migrate_vm             },
  { "MIGRATE-VM-DEFINITION",  ONE_BY_ONE, umz_execute_migrate_vm_definition  },
  { "MODIFY-JV",              CHANGES,    umz_execute_modify_jv              },
  { "MODIFY-VM-DEFINITION",   ONE_BY_ONE, umz_execute_modify_vm_definition   },
  { "RECOVER-VM-DEFINITION",  ONE_BY_ONE, umz_execute_recover_vm_definition  },
  { "REMOVE-VM-DEVICES",      ONE_BY_ONE, umz_execute_remove_vm_devices      },
  { "RESOLVE-VM-MIGRATION",   LOGGED,     umz_execute_resolve_vm_migration   },
  { "RESUME-VM",              ONE_BY_ONE, umz_execute_resume_vm              },
  { "SHOW-JV",                LOOKS,      umz_execute_show_jv                },
  { "SHOW-JV-ATTRIBUTES",     LOOKS,      umz_execute_show_jv_attributes     },
  { "SHOW-SU-CLUSTER",        LOOKS,      umz_execute_show_su_cluster        },
  { "SHOW-VM-ATTRIBUTES",     LOOKS,      umz_execute_show_vm_attributes     },
  { "SHOW-VM-DEFINITION",     LOOKS,      umz_execute_show_vm_definition     },
  { "SHOW-VM-DEVICE-STATUS",  LOOKS,      umz_execute_show_vm_device_status  },
  { "SHOW-VM-MIGRATION",      LOOKS,      umz_execute_show_vm_migration      },
  { "SHOW-VM-MIRROR",         LOOKS,      umz_execute_show_vm_mirror         },
  { "SHOW-VM-RESOURCES",      LOOKS,      umz_execute_show_vm_resources      },
  { "SHOW-VM-STATUS",         LOOKS,      umz_execute_show_vm_status         },
  { "SHUTDOWN-VM",            ONE_BY_ONE, umz_execute_shutdown_vm            },
  { "START-VM",               ONE_BY_ONE, umz_execute_start_vm               },
  { "SWITCH-VM-DEVICES",      ONE_BY_ONE, umz_execute_switch_vm_devices      },
  { "WAIT-EVENT",             LOOKS,      umz_execute_wait_event             },
};
/* clang-format on */

static const Handler *
find_handler (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (handlers); i++)
    if (strcmp (handlers[i].name, name) == 0)
      return &handlers[i];
  g_assert_not_reached (); /* the command table has no others */
}

/* As it was typed, without the slash; if it holds a secret, in full names with the secret hidden.
 */
static char *
dup_echo (const UmzCommand *command, const char *text)
{
  const UmzCommandSpec *spec = umz_command_get_spec (command);
  for (size_t i = 0; i < spec->n_operands; i++)
    if (spec->operands[i].is_secret &&
        !umz_command_get (command, spec->operands[i].name)->is_default)
      return umz_command_dup_echo (command);
  text += strspn (text, " ");
  char *echo = g_strchomp (g_strdup (text + (text[0] == '/')));
  for (char *p = echo; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' '; /* one line, whatever was typed */
  return echo;
}

/* The command's full name, if the text begins with one; else "". */
static const char *
find_name (const char *text)
{
  text += strspn (text, " /");
  g_autofree char *word = g_strndup (text, strcspn (text, " ,=(\n"));
  const UmzCommandSpec *spec = word[0] != '\0' ? umz_sdf_find_command (word) : NULL;
  return spec != NULL ? spec->name : "";
}

void
umz_commands_execute (UmzReply *reply, const char *text)
{
  g_autoptr (UmzCommand) command = NULL;
  g_autoptr (GError) error = NULL;
  reply->command = find_name (text);
  if (!umz_sdf_parse (text, &command, &error)) {
    umz_reply_fail (reply, error);
    umz_reply_end (reply, 0, 1, "CMD0202");
    return;
  }
  reply->command = umz_command_get_name (command);
  const Handler *handler = find_handler (reply->command);
  if (handler->kind != LOOKS && !reply->is_administrator) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_CMD0216, NULL));
    return;
  }
  if (handler->kind == LOGGED || handler->kind == ONE_BY_ONE) {
    g_autofree char *echo = dup_echo (command, text);
    umz_monitor_echo (reply->app, echo);
  }
  g_autoptr (GMutexLocker) locker =
    handler->kind == ONE_BY_ONE ? g_mutex_locker_new (&reply->app->change_lock) : NULL;
  handler->execute (reply, command);
  if (handler->kind == ONE_BY_ONE)
    umz_herald_look (reply->app->herald);
}
