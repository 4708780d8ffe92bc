/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cli.h: the parts of umzug, the operator's command. */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "messages/catalogue.h"

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

/* A request to umzugd. */
typedef struct {
  const char *path;
  JsonNode *body;            /* NULL: GET */
  unsigned timeout_s;        /* how long umzugd may be silent; 0: for ever */
  unsigned patience_s;       /* how long it may be gone, because it is being restarted */
  GCancellable *cancellable; /* or NULL */
} UmzCliRequest;

/* Its answer, an object.  NULL with UMZ0001 if umzugd cannot be reached, with G_IO_ERROR_CANCELLED,
 * or with what umzugd says is wrong.  May be called in any thread.
 */
JsonNode *umz_cli_ask (const UmzCliOptions *options, const UmzCliRequest *request, GError **error);

/* The same for the edge: an error is printed, unless it is G_IO_ERROR_CANCELLED, and *ret_exit says
 * what went wrong.
 */
JsonNode *umz_cli_call (const UmzCliOptions *options, const UmzCliRequest *request,
                        UmzExit *ret_exit);

/* English unless they say something else. */
UmzLang umz_cli_get_language (const UmzCliOptions *options);

/* Prints it to stderr in the operator's language. */
void umz_cli_print_error (const UmzCliOptions *options, const GError *error);

/* The path that asks for the console lines of `path` with numbers > after, in the operator's
 * language.  The caller frees it.
 */
char *umz_cli_dup_news_path (const UmzCliOptions *options, const char *path, uint64_t after);

/* GETs them. */
JsonNode *umz_cli_ask_news (const UmzCliOptions *options, const char *path, uint64_t after,
                            UmzExit *ret_exit);

/* Members of an answer: 0 or "" if it has none. */
uint64_t umz_cli_get_number (JsonNode *answer, const char *name);
const char *umz_cli_get_text (JsonNode *answer, const char *name);

/* Its "lines", how many; 0 if it has none. */
JsonArray *umz_cli_get_lines (JsonNode *answer, guint *ret_n_lines);

/* ---- line.c ---- */

/* A line of the console log; texts are borrowed from the answer. */
typedef struct {
  uint64_t number;
  int64_t time_us;
  const char *su;
  bool is_echo; /* of a command */
  const char *text;
} UmzCliLine;

bool umz_cli_read_line (JsonObject *object, UmzCliLine *ret_line);

typedef enum {
  UMZ_CLI_FORM_SHORT, /* hhmmss % VMSnnnn ...; a command's echo has no % */
  UMZ_CLI_FORM_NAMED, /* with the SU in front */
  UMZ_CLI_FORM_LONG,  /* with date, milliseconds and SU */
} UmzCliForm;

/* With its newline; the operator's clock.  The caller frees it. */
char *umz_cli_dup_line (const UmzCliLine *line, UmzCliForm form);

/* ---- the subcommands ---- */

/* An SDF command, with `wait` to the end of the move that it begins. */
UmzExit umz_cli_run (const UmzCliOptions *options, const char *command);

/* Gives an SDF command to umzugd and waits until it is done; each answer is shown to `hear`.
 * Returns the last one, NULL as umz_cli_call() does.  `cancellable` (may be NULL) ends the wait.
 */
typedef void (*UmzCliHear) (JsonNode *answer, void *data);
JsonNode *umz_cli_command (const UmzCliOptions *options, const char *command, UmzCliHear hear,
                           void *data, GCancellable *cancellable, UmzExit *ret_exit);

/* A UmzCliHear that prints; its data are the options. */
void umz_cli_print_answer (JsonNode *answer, void *options);

/* umzug log [--follow] [--long] */
UmzExit umz_cli_log (const UmzCliOptions *options, int argc, char **argv);

/* umzug pki init | request NAME | sign NAME FILE | revoke FILE | issue NAME */
UmzExit umz_cli_pki (const UmzCliOptions *options, int argc, char **argv);

/* umzug console [--guest VM] */
UmzExit umz_cli_console (const UmzCliOptions *options, int argc, char **argv);

/* umzug completion bash | zsh */
UmzExit umz_cli_completion (const UmzCliOptions *options, int argc, char **argv);
