/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* run.c: one SDF command, and the wait for the move that it begins. */
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "model/json.h"

#define LOOK_MS   200
#define RESTART_S 60 /* for umzugd to come back to a command that waits */

static volatile sig_atomic_t was_interrupted;

static void
interrupt (int number)
{
  was_interrupted = 1;
}

static void
print_json (JsonNode *answer)
{
  g_autofree char *text = json_to_string (answer, TRUE);
  printf ("%s\n", text);
}

/* ---- waiting ---- */

typedef struct {
  const UmzCliOptions *options;
  const char *move;
  uint64_t seen; /* number of the last console line printed */
  unsigned n_looks;
  bool has_progress; /* a progress line stands on the terminal */
} Wait;

static void
clear_progress (Wait *wait)
{
  if (wait->has_progress && isatty (STDOUT_FILENO))
    printf ("\r\033[K");
  wait->has_progress = false;
}

static void
print_lines (Wait *wait, JsonNode *answer)
{
  guint n_lines;
  UmzCliLine line;
  JsonArray *lines = umz_cli_get_lines (answer, &n_lines);
  for (guint i = 0; i < n_lines; i++) {
    if (!umz_cli_read_line (json_array_get_object_element (lines, i), &line))
      continue;
    g_autofree char *text = umz_cli_dup_line (&line, UMZ_CLI_FORM_NAMED);
    clear_progress (wait);
    fputs (text, stdout);
    wait->seen = line.number;
  }
}

static unsigned
get_columns (void)
{
  struct winsize size = { 0 };
  return ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : 79;
}

/* On a terminal it stays in its place; elsewhere a line each second. */
static void
print_progress (Wait *wait, JsonNode *answer)
{
  bool is_terminal = isatty (STDOUT_FILENO);
  UmzCliProgress progress = {
    .phase = umz_cli_get_text (answer, "phase"),
    .round = umz_cli_get_number (answer, "round"),
    .total_bytes = umz_cli_get_number (answer, "memory_total_bytes"),
    .remaining_bytes = umz_cli_get_number (answer, "memory_remaining_bytes"),
    .link_bytes = umz_cli_get_number (answer, "link_bytes"),
    .guest_bytes_per_s = umz_cli_get_number (answer, "guest_bytes_per_s"),
    .left_ms = umz_cli_get_number (answer, "left_ms"),
  };
  if (progress.total_bytes == 0 || (!is_terminal && wait->n_looks++ % (1000 / LOOK_MS) != 0))
    return; /* libvirt has not counted yet, or it is not yet time */
  g_autofree char *line = umz_cli_dup_progress (&progress, get_columns ());
  clear_progress (wait);
  printf ("%s%s", line, is_terminal ? "" : "\n");
  fflush (stdout);
  wait->has_progress = true;
}

static UmzExit
leave (Wait *wait, const char *command)
{
  clear_progress (wait);
  printf ("\nThe migration goes on. To see it:   umzug log --follow\n"
          "To cancel it:   umzug '/CANCEL-VM-MIGRATION VM-ID=...'   with the VM of: %s\n",
          command);
  return UMZ_EXIT_DONE;
}

static UmzExit
wait_for_end (const UmzCliOptions *options, const char *move, const char *command)
{
  Wait wait = { .options = options, .move = move };
  struct sigaction action = { .sa_handler = interrupt };
  g_autofree char *path = g_strdup_printf ("/1/moves/%s", move);
  sigaction (SIGINT, &action, NULL);
  for (;;) {
    UmzExit exit_code = UMZ_EXIT_DONE;
    g_autoptr (JsonNode) answer = umz_cli_ask_news (options, path, wait.seen, &exit_code);
    if (answer == NULL)
      return exit_code;
    if (!options->json)
      print_lines (&wait, answer);
    if (umz_cli_get_number (answer, "ended") != 0) {
      clear_progress (&wait);
      if (options->json)
        print_json (answer);
      return g_str_has_prefix (umz_cli_get_text (answer, "status"), "$T") ? UMZ_EXIT_DONE
                                                                          : UMZ_EXIT_FAILED;
    }
    if (umz_cli_get_number (answer, "in_doubt") != 0)
      return UMZ_EXIT_IN_DOUBT;
    if (!options->json)
      print_progress (&wait, answer);
    if (was_interrupted)
      return leave (&wait, command);
    g_usleep (LOOK_MS * 1000);
  }
}

/* ---- the command ---- */

static UmzExit
exit_of (const char *maincode)
{
  if (strcmp (maincode, "CMD0001") == 0)
    return UMZ_EXIT_DONE;
  return strcmp (maincode, "CMD0202") == 0 ? UMZ_EXIT_WRONG_USE : UMZ_EXIT_FAILED;
}

static JsonNode *
make_request (const UmzCliOptions *options, const char *command, const char *resume)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "text", command);
  umz_json_set_text (b, "resume", resume);
  if (options->language != NULL)
    umz_json_set_text (b, "language", options->language);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

/* Sleeps, but not much longer than until it is cancelled. */
static void
rest (uint64_t ms, GCancellable *cancellable)
{
  for (uint64_t slept = 0; slept < ms && !g_cancellable_is_cancelled (cancellable);
       slept += LOOK_MS)
    g_usleep (MIN (LOOK_MS, ms - slept) * 1000);
}

JsonNode *
umz_cli_command (const UmzCliOptions *options, const char *command, UmzCliHear hear, void *data,
                 GCancellable *cancellable, UmzExit *ret_exit)
{
  g_autofree char *resume = g_strdup ("");
  for (;;) {
    g_autoptr (JsonNode) request = make_request (options, command, resume);
    g_autoptr (JsonNode) answer =
      umz_cli_call (options,
                    &(UmzCliRequest){ .path = "/1/commands",
                                      .body = request,
                                      .patience_s = resume[0] != '\0' ? RESTART_S : 0,
                                      .cancellable = cancellable },
                    ret_exit);
    if (answer == NULL)
      return NULL;
    hear (answer, data);
    uint64_t again_ms = umz_cli_get_number (answer, "again_ms");
    if (again_ms == 0 || g_cancellable_is_cancelled (cancellable)) {
      *ret_exit = exit_of (umz_cli_get_text (answer, "maincode"));
      return g_steal_pointer (&answer);
    }
    g_free (resume);
    resume = g_strdup (umz_cli_get_text (answer, "resume"));
    rest (again_ms, cancellable);
  }
}

static void
print_text (JsonNode *answer, const UmzCliOptions *options)
{
  guint n_lines;
  bool is_done = exit_of (umz_cli_get_text (answer, "maincode")) == UMZ_EXIT_DONE;
  JsonArray *lines = umz_cli_get_lines (answer, &n_lines);
  for (guint i = 0; i < n_lines; i++)
    fprintf (is_done ? stdout : stderr, "%s\n", json_array_get_string_element (lines, i));
  if (options->return_code && umz_cli_get_number (answer, "again_ms") == 0)
    printf ("%% %s\n", umz_cli_get_text (answer, "completed"));
}

/* An answer that only says "not yet" is not worth a word. */
void
umz_cli_print_answer (JsonNode *answer, void *data)
{
  guint n_lines;
  const UmzCliOptions *options = data;
  (void) umz_cli_get_lines (answer, &n_lines); /* their number */
  if (options->json && (n_lines > 0 || umz_cli_get_number (answer, "again_ms") == 0))
    print_json (answer);
  else if (!options->json)
    print_text (answer, options);
  fflush (stdout);
}

UmzExit
umz_cli_run (const UmzCliOptions *options, const char *command)
{
  UmzExit exit_code = UMZ_EXIT_FAILED;
  g_autoptr (JsonNode) answer =
    umz_cli_command (options, command, umz_cli_print_answer, (void *) options, NULL, &exit_code);
  if (answer != NULL && options->wait && umz_cli_get_text (answer, "move")[0] != '\0')
    return wait_for_end (options, umz_cli_get_text (answer, "move"), command);
  return exit_code;
}
