/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guest-view.c: what a guest writes, as it comes.  Its text has been made harmless by umzugd. */
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/console.h"
#include "model/json.h"

#define LOOK_MS        200
#define ANSWER_S       5
#define TEXT_BYTES_MAX (256 * 1024)

typedef struct {
  const UmzCliOptions *options; /* borrowed */
  const char *vm;               /* borrowed */
  GCancellable *cancellable;    /* borrowed */
  bool has_begun;               /* it was seen: `next` and `su` are known */
  bool is_away;                 /* umzugd is, and that was told */
  bool is_in_line;              /* the guest has begun a line and not ended it */
  uint64_t next;
  char *su; /* owned */

  JsonNode *answer; /* owned, of the last request; or its error */
  GError *error;
} View;

/* ---- one look ---- */

static void
ask (void *data)
{
  View *view = data;
  g_autofree char *name = g_uri_escape_string (view->vm, NULL, FALSE);
  g_autofree char *after =
    view->has_begun ? g_strdup_printf ("?after=%" G_GUINT64_FORMAT, view->next) : g_strdup ("");
  g_autofree char *path = g_strdup_printf ("/1/guests/%s/console%s", name, after);
  view->answer = umz_cli_ask (view->options,
                              &(UmzCliRequest){ .path = path,
                                                .timeout_s = ANSWER_S,
                                                .cancellable = view->cancellable },
                              &view->error);
}

/* What follows is not the guest's. */
static void
end_line (View *view)
{
  if (view->is_in_line)
    fputs ("\n", stdout);
  fflush (stdout);
  view->is_in_line = false;
}

/* Behind what the guest has written before, where it is seen. */
static void
print_beginning (View *view)
{
  end_line (view);
  switch (umz_cli_get_language (view->options)) {
  case UMZ_LANG_EN:
    printf ("Console of %s on SU %s, read only.  q or Ctrl-C leaves it.\n", view->vm, view->su);
    break;
  case UMZ_LANG_DE:
    printf ("Konsole von %s auf SU %s, nur lesend.  q oder Strg-C beendet sie.\n", view->vm,
            view->su);
    break;
  }
}

static void
show (View *view)
{
  const char *text = "";
  (void) umz_json_get_text (json_node_get_object (view->answer), "text", TEXT_BYTES_MAX,
                            &text); /* else "" */
  view->next = umz_cli_get_number (view->answer, "next");
  if (text[0] != '\0')
    view->is_in_line = !g_str_has_suffix (text, "\n");
  fputs (text, stdout);
  if (!view->has_begun) {
    view->su = g_strdup (umz_cli_get_text (view->answer, "su"));
    print_beginning (view);
  }
  view->has_begun = true;
  view->is_away = false;
  fflush (stdout);
}

/* The view ends with UMZ0025 if the VM was seen here, and goes on if umzugd was. */
static bool
can_go_on (View *view, UmzExit *ret_exit)
{
  g_autoptr (GError) gone = NULL;
  bool is_away = g_error_matches (view->error, UMZ_ERROR, UMZ_MSG_UMZ0001);
  bool has_left = g_error_matches (view->error, UMZ_ERROR, UMZ_MSG_VMS4000) && view->has_begun;
  if (has_left)
    umz_set_error (&gone, UMZ_MSG_UMZ0025, view->vm, view->su, NULL);
  end_line (view);
  if (!is_away || !view->is_away)
    umz_cli_print_error (view->options, has_left ? gone : view->error);
  view->is_away = is_away && view->has_begun;
  *ret_exit = has_left ? UMZ_EXIT_DONE : is_away ? UMZ_EXIT_NO_DAEMON
                                                 : UMZ_EXIT_FAILED;
  return view->is_away;
}

/* False: the view ends. */
static bool
look (View *view, UmzExit *ret_exit)
{
  bool goes_on = true;
  umz_work_run (ask, view);
  if (g_cancellable_is_cancelled (view->cancellable))
    goes_on = false;
  else if (view->answer != NULL)
    show (view);
  else
    goes_on = can_go_on (view, ret_exit);
  g_clear_pointer (&view->answer, json_node_unref);
  g_clear_error (&view->error);
  return goes_on;
}

/* ---- the keyboard ---- */

static gboolean
hear_key (int fd, GIOCondition condition, void *cancellable)
{
  char key = 'q'; /* as when the terminal is gone */
  if (read (fd, &key, 1) < 1 || key == 'q' || key == 'Q')
    g_cancellable_cancel (cancellable);
  return g_cancellable_is_cancelled (cancellable) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static gboolean
note_time (void *is_over)
{
  *(bool *) is_over = true;
  return G_SOURCE_REMOVE;
}

static void
rest (GCancellable *cancellable)
{
  bool is_over = false;
  guint timer = g_timeout_add (LOOK_MS, note_time, &is_over);
  while (!is_over && !g_cancellable_is_cancelled (cancellable))
    g_main_context_iteration (NULL, TRUE);
  if (!is_over)
    g_source_remove (timer);
}

static UmzExit
view_until_end (View *view)
{
  UmzExit exit_code = UMZ_EXIT_DONE;
  while (look (view, &exit_code))
    rest (view->cancellable);
  end_line (view);
  g_free (view->su);
  return exit_code;
}

/* Keys are taken one by one and not shown. */
static UmzExit
view_on_terminal (View *view)
{
  struct termios before, during;
  if (tcgetattr (STDIN_FILENO, &before) < 0)
    return view_until_end (view);
  during = before;
  during.c_lflag &= ~(tcflag_t) (ICANON | ECHO);
  (void) tcsetattr (STDIN_FILENO, TCSADRAIN, &during); /* else q needs the Enter key */
  guint keys = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, hear_key, view->cancellable);
  UmzExit exit_code = view_until_end (view);
  if (g_main_context_find_source_by_id (NULL, keys) != NULL)
    g_source_remove (keys);
  (void) tcsetattr (STDIN_FILENO, TCSADRAIN, &before); /* the terminal is gone */
  return exit_code;
}

UmzExit
umz_view_guest (const UmzCliOptions *options, const char *vm, GCancellable *cancellable)
{
  View view = { .options = options, .vm = vm, .cancellable = cancellable };
  return isatty (STDIN_FILENO) ? view_on_terminal (&view) : view_until_end (&view);
}
