/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wait.c: WAIT-EVENT.
 *
 * No thread of ours waits: the answer says that the command is to be given again, and what is
 * remembered meanwhile goes with it to the client and back: when the time is over, and a check sum
 * of the job variables as they were.  So a wait survives a restart of umzugd, and one whose client
 * has gone leaves nothing behind.
 */
#include <string.h>

#include "commands/handlers.h"
#include "jobvar/condition.h"
#include "store/job-variables.h"

#define LOOK_MS 200

typedef struct {
  int64_t end_us;      /* real time; INT64_MAX: never */
  uint64_t values_sum; /* of the job variables when they were last looked at */
  bool is_first;
} Memory;

static Memory
read_memory (const char *resume, const UmzOperand *limit)
{
  Memory memory = { .is_first = true, .end_us = INT64_MAX };
  g_auto (GStrv) parts = g_strsplit (resume, ":", 2);
  if (g_strv_length (parts) == 2 &&
      g_ascii_string_to_signed (parts[0], 10, 0, INT64_MAX, &memory.end_us, NULL) &&
      g_ascii_string_to_unsigned (parts[1], 16, 0, UINT64_MAX, &memory.values_sum, NULL)) {
    memory.is_first = false;
    return memory;
  }
  if (limit->kind == UMZ_OPERAND_INTEGER)
    memory.end_us = g_get_real_time () + limit->integer * G_USEC_PER_SEC;
  return memory;
}

static const char *
look_up (const char *name, void *data)
{
  const UmzJobVariable *jv = g_hash_table_lookup (data, name);
  return (const char *) jv->value;
}

/* All job variables of the condition by name; NULL: one is missing. */
static GHashTable *
read_job_variables (UmzStore *store, const UmzCondition *condition, GError **error)
{
  g_autoptr (GHashTable) jvs = g_hash_table_new_full (
    g_str_hash, g_str_equal, NULL, (GDestroyNotify) umz_job_variable_free);
  for (const char *const *name = umz_condition_get_names (condition); *name != NULL; name++) {
    UmzJobVariable *jv = NULL;
    if (!umz_store_dup_jv (store, *name, &jv, error))
      return NULL;
    if (jv == NULL) {
      umz_set_error (error, UMZ_MSG_UMZ0030, *name, NULL);
      return NULL;
    }
    g_hash_table_insert (jvs, jv->name, jv);
  }
  return g_steal_pointer (&jvs);
}

static uint64_t
sum_values (const UmzCondition *condition, GHashTable *jvs)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  for (const char *const *name = umz_condition_get_names (condition); *name != NULL; name++)
    g_checksum_update (sum, (const uint8_t *) look_up (*name, jvs), UMZ_JV_BYTES);
  uint64_t digest[4];
  gsize length = sizeof digest;
  g_checksum_get_digest (sum, (uint8_t *) digest, &length);
  return digest[0];
}

static void
go_on (UmzReply *reply, const Memory *memory, const UmzOperand *limit)
{
  if (g_get_real_time () >= memory->end_us)
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_UMZ0039, limit->text, NULL));
  else
    umz_reply_again (reply, LOOK_MS,
                     g_strdup_printf ("%" G_GINT64_FORMAT ":%" G_GINT64_MODIFIER "x",
                                      memory->end_us, memory->values_sum));
}

void
umz_execute_wait_event (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  const UmzOperand *until = umz_command_get (command, "UNTIL");
  const UmzOperand *limit = umz_operand_get (until, "TIME-LIMIT");
  bool takes_current =
    strcmp (umz_operand_get (until, "CHECK-CURRENT-VALUE")->text, "*YES") == 0;
  g_autoptr (UmzCondition) condition =
    umz_condition_parse (umz_operand_get (until, "CONDITION")->text, &error);
  if (condition == NULL) {
    umz_reply_fail (reply, error);
    umz_reply_end (reply, 0, 1, "CMD0202");
    return;
  }
  g_autoptr (GHashTable) jvs = read_job_variables (reply->app->store, condition, &error);
  if (jvs == NULL) {
    umz_reply_fail (reply, error);
    return;
  }
  Memory memory = read_memory (reply->resume, limit);
  uint64_t sum = sum_values (condition, jvs);
  bool has_changed = !memory.is_first && sum != memory.values_sum;
  memory.values_sum = sum;
  if ((takes_current || has_changed) && umz_condition_is_true (condition, look_up, jvs))
    return;
  go_on (reply, &memory, limit);
}
