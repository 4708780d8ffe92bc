/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cli.h: the parts of umzug, the operator's command. */
#pragma once

#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
  UMZ_EXIT_DONE = 0,
  UMZ_EXIT_FAILED = 1,
  UMZ_EXIT_WRONG_USE = 2,
  UMZ_EXIT_NO_DAEMON = 3,
  UMZ_EXIT_IN_DOUBT = 4,
} UmzExit;

typedef struct {
  char *socket;   /* of umzugd */
  char *language; /* NULL: as the SU is configured */
  gboolean wait;
  gboolean json;        /* print the API's answer instead of text */
  gboolean return_code; /* print NBR0740 as well */
} UmzCliOptions;

/* ---- daemon.c ---- */

/* Asks umzugd; body NULL: GET.  Returns its answer, an object.  *ret_exit says what went wrong when
 * NULL is returned, and the error was printed.
 */
JsonNode *umz_cli_call (const UmzCliOptions *options, const char *path, JsonNode *body,
                        UmzExit *ret_exit);

/* The same, but waits so long for a umzugd that is being restarted. */
JsonNode *umz_cli_call_patiently (const UmzCliOptions *options, const char *path, JsonNode *body,
                                  unsigned patience_s, UmzExit *ret_exit);

/* Prints it to stderr in the operator's language. */
void umz_cli_print_error (const UmzCliOptions *options, const GError *error);

/* GETs the console lines of `path` with numbers > after, in the operator's language. */
JsonNode *umz_cli_ask_news (const UmzCliOptions *options, const char *path, uint64_t after,
                            UmzExit *ret_exit);

/* ---- log.c ---- */

/* The time of a console line as the operator's clock showed it; the caller frees it. */
char *umz_cli_dup_local_time (int64_t time_us, const char *format);

/* ---- the subcommands ---- */

/* An SDF command, with `wait` to the end of the move that it begins. */
UmzExit umz_cli_run (const UmzCliOptions *options, const char *command);

/* Gives an SDF command to umzugd and waits until it is done; each answer is shown to `hear`.
 * Returns the last one, NULL as umz_cli_call() does.  *stop (may be NULL) turning nonzero ends the
 * wait.
 */
typedef void (*UmzCliHear) (JsonNode *answer, void *data);
JsonNode *umz_cli_command (const UmzCliOptions *options, const char *command, UmzCliHear hear,
                           void *data, volatile sig_atomic_t *stop, UmzExit *ret_exit);

/* umzug log [--follow] [--long] */
UmzExit umz_cli_log (const UmzCliOptions *options, int argc, char **argv);

/* umzug pki init | issue NAME */
UmzExit umz_cli_pki (const UmzCliOptions *options, int argc, char **argv);

/* umzug completion bash | zsh */
UmzExit umz_cli_completion (const UmzCliOptions *options, int argc, char **argv);
