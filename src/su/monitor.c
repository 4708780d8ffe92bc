/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/monitor.h"

#include <string.h>

#include "base/text.h"
#include "jobvar/layout.h"
#include "su/backlog.h"

void
umz_monitor_hear_line (const UmzLine *line, void *data)
{
  UmzApp *app = data;
  umz_backlog_add_line (app->backlog,
                        umz_console_line_new (line->su,
                                              umz_message_code (umz_notice_get_id (line->notice)),
                                              umz_notice_get_inserts (line->notice), line->move_id,
                                              line->time_us));
  if (!umz_text_is_same_name (line->su, app->config->su_name))
    return;
  g_autofree char *text = umz_notice_render (line->notice, app->config->language);
  g_message ("%s", text);
}

void
umz_monitor_say (UmzApp *app, UmzNotice *notice)
{
  g_autoptr (UmzNotice) owned = notice;
  UmzLine line = { .su = app->config->su_name,
                   .notice = owned,
                   .move_id = "",
                   .time_us = g_get_real_time () };
  umz_monitor_hear_line (&line, app);
}

void
umz_monitor_echo (UmzApp *app, const char *text)
{
  const char *inserts[] = { text, NULL };
  umz_backlog_add_line (app->backlog, umz_console_line_new (app->config->su_name, "", inserts, "",
                                                            g_get_real_time ()));
}

/* ---- job variables ---- */

bool
umz_monitor_can_use (UmzApp *app, const char *name, const char *password, GError **error)
{
  g_autoptr (UmzJobVariable) jv = NULL;
  if (!umz_backlog_dup_jv (app->backlog, name, &jv, error))
    return false;
  if (jv == NULL)
    return true; /* it will be made */
  if (jv->password != NULL && g_strcmp0 (jv->password, password) != 0) {
    umz_set_error (error, UMZ_MSG_UMZ0031, name, NULL);
    return false;
  }
  if (jv->monitor != NULL) {
    umz_set_error (error, UMZ_MSG_UMZ0032, name, NULL);
    return false;
  }
  return true;
}

typedef struct {
  const char *jv;
  const char *move; /* id, or NULL when none goes on */
  const char *vm_name;
  unsigned vm_index;
  const char *target_su;
  int64_t begun_us;
  UmzMonjvState status;
  const char *cause_code;
} Monitoring;

/* The lock of job variables is held. */
static void
write_jv (UmzApp *app, const Monitoring *m)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzJobVariable) jv = NULL;
  if (!umz_backlog_dup_jv (app->backlog, m->jv, &jv, &error)) {
    g_warning ("%s", error->message);
    return;
  }
  if (jv == NULL)
    jv = umz_job_variable_new (m->jv);
  UmzMonjv monjv = { .state = m->status,
                     .session_number = app->session,
                     .begin_utc_s = m->begun_us / G_USEC_PER_SEC,
                     .vm_index = m->vm_index };
  g_strlcpy (monjv.vm_name, m->vm_name, sizeof monjv.vm_name);
  g_strlcpy (monjv.source_su, app->config->su_name, sizeof monjv.source_su);
  g_strlcpy (monjv.target_su, m->target_su, sizeof monjv.target_su);
  g_strlcpy (monjv.cause_code, m->cause_code, sizeof monjv.cause_code);
  umz_monjv_write (&monjv, (char *) jv->value);
  g_free (jv->monitor);
  jv->monitor = umz_monjv_state_is_final (m->status) ? NULL : g_strdup (m->move);
  umz_backlog_put_jv (app->backlog, g_steal_pointer (&jv));
}

void
umz_monitor_hear_status (const UmzMoveRecord *record, UmzMonjvState status,
                         const char *cause_code, void *data)
{
  UmzApp *app = data;
  if (record->monjv == NULL)
    return;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&app->jv_lock);
  write_jv (app, &(Monitoring){ .jv = record->monjv,
                                .move = record->id,
                                .vm_name = record->name,
                                .vm_index = record->index,
                                .target_su = record->peer,
                                .begun_us = record->begun_us,
                                .status = status,
                                .cause_code = cause_code });
}

void
umz_monitor_reject (UmzApp *app, const char *name, unsigned vm_index, const char *vm_name,
                    const char *target_su, const char *cause_code)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&app->jv_lock);
  g_autoptr (UmzJobVariable) jv = NULL;
  /* What cannot be read is not written. */
  (void) umz_backlog_dup_jv (app->backlog, name, &jv, NULL);
  if (jv != NULL && jv->monitor != NULL)
    return;
  write_jv (app, &(Monitoring){ .jv = name,
                                .vm_name = vm_name,
                                .vm_index = vm_index,
                                .target_su = target_su,
                                .begun_us = g_get_real_time (),
                                .status = UMZ_MONJV_REJECTED,
                                .cause_code = cause_code });
}
