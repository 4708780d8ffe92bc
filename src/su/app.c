/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/app.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/host.h"
#include "store/history.h"
#include "store/vms.h"
#include "su/backlog.h"
#include "su/herald.h"
#include "su/monitor.h"
#include "su/sampler.h"

#define LOCK_TRIES    20
#define LOCK_PAUSE_US 100000
#define TIDY_S        60

static bool
make_folder (const char *path, mode_t mode, GError **error)
{
  if (g_mkdir_with_parents (path, (int) mode) == 0)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0043, path, g_strerror (errno), NULL);
  return false;
}

/* It may be there from an umzugd that left it open to readers. */
static bool
close_folder (const char *path, GError **error)
{
  if (chmod (path, 0700) == 0)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0043, path, g_strerror (errno), NULL);
  return false;
}

/* Two of us would move each other's guests.  The kernel lets go of it when we end, or a moment
 * later when a relay was just being started.
 */
static bool
lock_state (UmzApp *app, GError **error)
{
  g_autofree char *path = g_build_filename (app->config->state_dir, "lock", NULL);
  app->lock_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  for (int i = 0; app->lock_fd >= 0 && i < LOCK_TRIES; i++) {
    if (flock (app->lock_fd, LOCK_EX | LOCK_NB) == 0)
      return true;
    g_usleep (LOCK_PAUSE_US);
  }
  umz_set_error (error, UMZ_MSG_UMZ0043, path,
                 errno == EWOULDBLOCK ? "another umzugd has it" : g_strerror (errno), NULL);
  return false;
}

/* A store without room must not keep us from taking up the moves that it holds. */
static void
count_session (UmzApp *app)
{
  g_autoptr (GError) error = NULL;
  app->session = 1;
  if (!umz_store_begin_session (app->store, &app->session, &error))
    g_warning ("%s", error->message);
}

static void
see_boot (UmzApp *app)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *boot_id = umz_host_dup_boot_id ();
  if (!umz_store_see_boot (app->store, boot_id, &error))
    g_warning ("%s", error->message);
}

/* The definition is on another SU now, or at least its epoch is another one. */
static void
hear_closed (const UmzMoveRecord *record, void *data)
{
  UmzApp *app = data;
  umz_herald_look (app->herald);
}

static const UmzEngineListener listener = {
  .line = umz_monitor_hear_line,
  .status = umz_monitor_hear_status,
  .closed = hear_closed,
};

UmzApp *
umz_app_new (const char *config_path, GError **error)
{
  UmzConfig *config =
    config_path != NULL ? umz_config_load (config_path, error) : umz_config_new_default (error);
  return config != NULL ? umz_app_new_from_config (config, UMZ_HYPERVISOR_PID_FOLDER, error) : NULL;
}

UmzApp *
umz_app_new_from_config (UmzConfig *config, const char *pid_folder, GError **error)
{
  g_autoptr (UmzApp) app = g_new0 (UmzApp, 1);
  g_mutex_init (&app->change_lock);
  g_mutex_init (&app->vms_lock);
  g_mutex_init (&app->admission_lock);
  g_mutex_init (&app->jv_lock);
  app->config = config;
  app->lock_fd = -1;
  if (!make_folder (config->state_dir, 0700, error) || !close_folder (config->state_dir, error) ||
      !make_folder (config->run_dir, 0755, error) || !lock_state (app, error))
    return NULL;
  app->store = umz_store_open (config->state_dir, error);
  if (app->store == NULL)
    return NULL;
  app->backlog = umz_backlog_new (app->store);
  count_session (app);
  see_boot (app);
  app->hypervisor = umz_hypervisor_new (config->libvirt_uri, pid_folder);
  app->herald = umz_herald_new (app);
  app->sampler = umz_sampler_new (app);
  if (!umz_arbiter_new (config, &app->arbiter, error))
    return NULL;
  app->mirrors = umz_mirrors_new (config);
  app->engine = umz_engine_new (&(UmzMeans){ .config = config,
                                             .store = app->store,
                                             .hypervisor = app->hypervisor,
                                             .arbiter = app->arbiter,
                                             .mirrors = app->mirrors,
                                             .listener = listener,
                                             .listener_data = app });
  return g_steal_pointer (&app);
}

static void
tidy (void *data)
{
  UmzApp *app = data;
  g_autoptr (GError) error = NULL;
  const UmzStoreLimits limits = {
    .n_moves = app->config->history_moves,
    .n_lines = app->config->history_lines,
    .age_us = (int64_t) app->config->history_days * G_TIME_SPAN_DAY,
  };
  if (!umz_store_tidy (app->store, &limits, &error))
    g_warning ("%s", error->message);
}

void
umz_app_start (UmzApp *app)
{
  umz_sampler_start (app->sampler);
  umz_herald_start (app->herald);
  app->tidier = umz_ticker_start ("tidier", TIDY_S, tidy, app);
}

void
umz_app_free (UmzApp *app)
{
  if (app == NULL)
    return;
  umz_ticker_stop (app->tidier);
  umz_herald_stop (app->herald);
  umz_sampler_free (app->sampler);
  umz_engine_stop (app->engine);
  umz_mirrors_free (app->mirrors);
  umz_arbiter_free (app->arbiter);
  umz_herald_free (app->herald); /* the engine's threads have called it */
  umz_hypervisor_free (app->hypervisor);
  umz_backlog_free (app->backlog);
  umz_store_close (app->store);
  if (app->lock_fd >= 0)
    close (app->lock_fd);
  umz_config_free (app->config);
  g_mutex_clear (&app->change_lock);
  g_mutex_clear (&app->vms_lock);
  g_mutex_clear (&app->admission_lock);
  g_mutex_clear (&app->jv_lock);
  g_free (app);
}
