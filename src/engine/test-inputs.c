/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-inputs.c: the queue of a move, and those who wait for its answers. */
#include "engine/inputs.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void
test_order (void)
{
  UmzInputs *inputs = umz_inputs_new ("ID");
  umz_inputs_push (inputs, UMZ_INPUT_CANCEL, umz_notice_new (UMZ_MSG_UMZ0310, "x", NULL));
  umz_inputs_push_raised (inputs, 70000, NULL);
  umz_inputs_push_decision (inputs, UMZ_DECISION_THAW, NULL);
  umz_inputs_push_relay (inputs, UMZ_RELAY_KIND_MEMORY, NULL);
  g_autoptr (UmzInput) cancel = umz_inputs_pop (inputs, 0), raised = umz_inputs_pop (inputs, 0),
                       decision = umz_inputs_pop (inputs, 0), gone = umz_inputs_pop (inputs, 0),
                       nothing = umz_inputs_pop (inputs, 0);
  g_assert_cmpint (cancel->kind, ==, UMZ_INPUT_CANCEL);
  g_assert_cmpint (umz_notice_get_id (cancel->notice), ==, UMZ_MSG_UMZ0310);
  g_assert_cmpint (raised->kind, ==, UMZ_INPUT_RAISED);
  g_assert_cmpuint (raised->suspension_us, ==, 70000);
  g_assert_cmpint (decision->kind, ==, UMZ_INPUT_DECIDE);
  g_assert_cmpint (decision->decision, ==, UMZ_DECISION_THAW);
  g_assert_cmpint (gone->kind, ==, UMZ_INPUT_RELAY_GONE);
  g_assert_cmpint (gone->stream, ==, UMZ_RELAY_KIND_MEMORY);
  g_assert_cmpint (nothing->kind, ==, UMZ_INPUT_NOTHING);
  umz_inputs_free (inputs);
}

/* Also one that nobody has taken from the queue. */
static void
test_descriptors_are_closed (void)
{
  UmzInputs *inputs = umz_inputs_new ("ID");
  int taken = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  int left = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  umz_inputs_push_stream (inputs, UMZ_RELAY_KIND_RPC, taken);
  umz_inputs_push_stream (inputs, UMZ_RELAY_KIND_MEMORY, left);
  UmzInput *input = umz_inputs_pop (inputs, 0);
  g_assert_cmpint (input->fd, ==, taken);
  umz_input_free (input);
  g_assert_cmpint (fcntl (taken, F_GETFD), ==, -1);
  umz_inputs_free (inputs);
  g_assert_cmpint (fcntl (left, F_GETFD), ==, -1);
}

static void
test_quit_stays (void)
{
  UmzInputs *inputs = umz_inputs_new ("ID");
  g_assert_false (umz_inputs_must_quit (inputs));
  umz_inputs_push (inputs, UMZ_INPUT_QUIT, NULL);
  umz_inputs_push (inputs, UMZ_INPUT_CANCEL, NULL);
  g_autoptr (UmzInput) quit = umz_inputs_pop (inputs, 0), cancel = umz_inputs_pop (inputs, 0),
                       again = umz_inputs_pop (inputs, 0);
  g_assert_cmpint (quit->kind, ==, UMZ_INPUT_QUIT);
  g_assert_cmpint (cancel->kind, ==, UMZ_INPUT_CANCEL);
  g_assert_cmpint (again->kind, ==, UMZ_INPUT_QUIT);
  g_assert_true (umz_inputs_must_quit (inputs));
  umz_inputs_free (inputs);
}

/* ---- requests ---- */

static gpointer
answer_one (gpointer data)
{
  g_autoptr (UmzInput) input = umz_inputs_pop (data, 60000);
  if (input->kind == UMZ_INPUT_GO) {
    umz_input_answer (input, json_from_string ("{\"answer\":\"ABORTED\"}", NULL));
    umz_input_answer (input, json_from_string ("{\"answer\":\"COMMITTED\"}", NULL)); /* holds */
  }
  return NULL;
}

static void
test_answer (void)
{
  UmzInputs *inputs = umz_inputs_new ("ID");
  GThread *thread = g_thread_new ("move", answer_one, inputs);
  g_autoptr (JsonNode) answer = umz_inputs_ask (inputs, UMZ_INPUT_GO, NULL, 60);
  g_assert_nonnull (answer);
  g_thread_join (thread);
  umz_inputs_free (inputs);
}

/* Whoever asks a move that drops the question is told at once, not after the whole wait. */
static void
test_dropped (void)
{
  UmzInputs *inputs = umz_inputs_new ("ID");
  GThread *thread = g_thread_new ("move", answer_one, inputs);
  g_assert_null (umz_inputs_ask (inputs, UMZ_INPUT_ABORT, NULL, 3600));
  g_thread_join (thread);
  umz_inputs_free (inputs);
}

/* The move answers someone who has given up, and a request that nobody waits for. */
static void
test_late (void)
{
  UmzInputs *inputs = umz_inputs_new ("ID");
  g_assert_null (umz_inputs_ask (inputs, UMZ_INPUT_GO, NULL, 0));
  g_autoptr (UmzInput) late = umz_inputs_pop (inputs, 0);
  umz_input_answer (late, json_from_string ("{}", NULL));
  umz_inputs_push (inputs, UMZ_INPUT_GONE, NULL);
  g_autoptr (UmzInput) gone = umz_inputs_pop (inputs, 0);
  umz_input_answer (gone, json_from_string ("{}", NULL));
  umz_inputs_free (inputs);
}

/* ---- what must succeed ---- */

typedef struct {
  unsigned n_attempts, n_good;
  UmzInputs *inputs;
} Task;

static bool
attempt (void *data, GError **error)
{
  Task *task = data;
  if (++task->n_attempts >= task->n_good)
    return true;
  umz_inputs_push (task->inputs, UMZ_INPUT_CANCEL, NULL); /* is dropped */
  umz_set_error (error, UMZ_MSG_UMZ0310, "x", NULL);
  return false;
}

static void
test_insist (void)
{
  Task task = { .n_good = 5, .inputs = umz_inputs_new ("ID") };
  g_assert_true (umz_inputs_insist (task.inputs, attempt, &task));
  g_assert_cmpuint (task.n_attempts, ==, 5);
  umz_inputs_free (task.inputs);
}

static void
test_insist_until_quit (void)
{
  Task task = { .n_good = 1000, .inputs = umz_inputs_new ("ID") };
  umz_inputs_push (task.inputs, UMZ_INPUT_CANCEL, NULL);
  umz_inputs_push (task.inputs, UMZ_INPUT_QUIT, NULL);
  g_assert_false (umz_inputs_insist (task.inputs, attempt, &task));
  g_assert_cmpuint (task.n_attempts, ==, 2);
  umz_inputs_free (task.inputs);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inputs/order", test_order);
  g_test_add_func ("/inputs/descriptors-are-closed", test_descriptors_are_closed);
  g_test_add_func ("/inputs/quit-stays", test_quit_stays);
  g_test_add_func ("/inputs/answer", test_answer);
  g_test_add_func ("/inputs/dropped", test_dropped);
  g_test_add_func ("/inputs/late", test_late);
  g_test_add_func ("/inputs/insist", test_insist);
  g_test_add_func ("/inputs/insist-until-quit", test_insist_until_quit);
  return g_test_run ();
}
