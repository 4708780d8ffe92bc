/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* main.c: umzugd, the monitor system of an SU. */
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include "daemon/server.h"
#include "engine/fault.h"
#include "su/app.h"
#include "su/herald.h"
#include "su/ownership.h"
#include "su/sampler.h"

#define DEFAULT_CONFIG "/etc/umzug/umzugd.conf"

typedef struct {
  char *config;
  gboolean allow_faults, list_fault_points;
  gboolean show_version;
} Options;

static bool
parse_options (int *argc, char ***argv, Options *options, GError **error)
{
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config,
      "Key file (default: " DEFAULT_CONFIG ", if it is there)", "FILE" },
    { "allow-faults", 0, 0, G_OPTION_ARG_NONE, &options->allow_faults,
      "For tests: let a file in the run folder inject faults", NULL },
    { "list-fault-points", 0, 0, G_OPTION_ARG_NONE, &options->list_fault_points,
      "For tests: print where", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->show_version, "Print the version", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- monitor system of a server unit");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return false;
  if (*argc > 1) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, "what is '%s'?", (*argv)[1]);
    return false;
  }
  if (options->config == NULL && g_file_test (DEFAULT_CONFIG, G_FILE_TEST_EXISTS))
    options->config = g_strdup (DEFAULT_CONFIG);
  return true;
}

/* As many descriptors as the host lets us have: each move takes some fourteen. */
static void
raise_limits (void)
{
  struct rlimit files;
  if (getrlimit (RLIMIT_NOFILE, &files) != 0)
    return;
  files.rlim_cur = files.rlim_max;
  (void) setrlimit (RLIMIT_NOFILE, &files); /* the doors let in no more than fit in any case */
}

static gboolean
reload (gpointer server)
{
  umz_server_reload (server);
  return G_SOURCE_CONTINUE;
}

/* The loop that accepts connections is the one that must not stand still. */
static gboolean
tell_watchdog (gpointer unused)
{
  sd_notify (0, "WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

static void
start_watchdog (void)
{
  uint64_t limit_us;
  if (sd_watchdog_enabled (0, &limit_us) > 0)
    g_timeout_add ((guint) (limit_us / 1000 / 3), tell_watchdog, NULL);
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static bool
serve (const Options *options, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (UmzApp) app = umz_app_new (options->config, error);
  if (app == NULL)
    return false;
  if (options->allow_faults)
    umz_fault_allow (app->config->run_dir);
  umz_ownership_begin (app);
  if (!umz_engine_start (app->engine, error))
    return false;
  umz_app_start (app);
  UmzServer *server = umz_server_start (app, error);
  if (server == NULL)
    return false;
  g_unix_signal_add (SIGTERM, quit, loop);
  g_unix_signal_add (SIGINT, quit, loop);
  g_unix_signal_add (SIGHUP, reload, server);
  start_watchdog ();
  g_message ("SU %s, type %s, is ready", app->config->su_name,
             umz_su_type_text (app->config->su_type));
  sd_notify (0, "READY=1");
  g_main_loop_run (loop);
  sd_notify (0, "STOPPING=1");
  umz_server_stop (server);
  return true;
}

int
main (int argc, char **argv)
{
  Options options = { 0 };
  g_autoptr (GError) error = NULL;
  if (!parse_options (&argc, &argv, &options, &error)) {
    fprintf (stderr, "umzugd: %s\n", error->message);
    return 2;
  }
  if (options.show_version) {
    printf ("umzugd %s\n", UMZ_VERSION);
    return 0;
  }
  if (options.list_fault_points) {
    umz_fault_print_points ();
    return 0;
  }
  (void) signal (SIGPIPE, SIG_IGN);
  (void) signal (SIGXFSZ, SIG_IGN); /* a store that may not grow is one that cannot be written */
  raise_limits ();
  bool ok = serve (&options, &error);
  if (!ok)
    fprintf (stderr, "umzugd: %s\n", error->message);
  g_free (options.config);
  return ok ? 0 : 1;
}
