/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-arbiter.c: what everybody may rely on, whatever kind of arbiter there is. */
#include "arbiter/arbiter.h"

#include <string.h>

#include "arbiter/test-server.h"

#define ROUNDS    50
#define N_THREADS 8

/* Two SUs with an arbiter in common, and a VM that it has not heard of. */
typedef struct {
  UmzArbiter *here, *there;
  char *uuid;
} Fixture;

static UmzConfig config;

static void
set_up (Fixture *fixture, const void *data)
{
  g_assert_true (umz_arbiter_new (&config, &fixture->here, NULL));
  g_assert_true (umz_arbiter_new (&config, &fixture->there, NULL));
  fixture->uuid = g_uuid_string_random ();
}

static void
tear_down (Fixture *fixture, const void *data)
{
  umz_arbiter_free (fixture->here);
  umz_arbiter_free (fixture->there);
  g_free (fixture->uuid);
}

static UmzVerdict
decide (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, UmzVerdict wanted)
{
  g_autoptr (GError) error = NULL;
  UmzVerdict decided = UMZ_VERDICT_NONE;
  bool is_decided = umz_arbiter_decide (arbiter, uuid, epoch, wanted, &decided, &error);
  g_assert_no_error (error);
  g_assert_true (is_decided);
  return decided;
}

static UmzVerdict
get (UmzArbiter *arbiter, const char *uuid, uint64_t epoch)
{
  g_autoptr (GError) error = NULL;
  UmzVerdict decided = UMZ_VERDICT_NONE;
  bool is_read = umz_arbiter_get (arbiter, uuid, epoch, &decided, &error);
  g_assert_no_error (error);
  g_assert_true (is_read);
  return decided;
}

static void
without_one_in_the_configuration_there_is_none (void)
{
  UmzConfig none = { .arbiter.kind = UMZ_ARBITER_NONE };
  UmzArbiter *arbiter = (UmzArbiter *) &none;
  g_assert_true (umz_arbiter_new (&none, &arbiter, NULL));
  g_assert_null (arbiter);
  umz_arbiter_free (arbiter);
}

static void
nothing_stands_there_before_a_decision (Fixture *fixture, const void *data)
{
  g_assert_cmpint (get (fixture->here, fixture->uuid, 1), ==, UMZ_VERDICT_NONE);
}

static void
the_first_decision_stands (Fixture *fixture, const void *data)
{
  static const struct {
    uint64_t epoch;
    UmzVerdict first, second;
  } table[] = {
    { 1, UMZ_VERDICT_COMMITTED, UMZ_VERDICT_ABORTED },
    { 2, UMZ_VERDICT_ABORTED, UMZ_VERDICT_COMMITTED },
    { 3, UMZ_VERDICT_COMMITTED, UMZ_VERDICT_COMMITTED },
    { 4, UMZ_VERDICT_ABORTED, UMZ_VERDICT_ABORTED },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    UmzVerdict first = table[i].first, second = table[i].second;
    uint64_t epoch = table[i].epoch;
    g_assert_cmpint (decide (fixture->here, fixture->uuid, epoch, first), ==, first);
    g_assert_cmpint (decide (fixture->there, fixture->uuid, epoch, second), ==, first);
    g_assert_cmpint (decide (fixture->here, fixture->uuid, epoch, second), ==, first);
    g_assert_cmpint (get (fixture->there, fixture->uuid, epoch), ==, first);
  }
}

static void
vms_and_epochs_know_nothing_of_each_other (Fixture *fixture, const void *data)
{
  g_autofree char *other = g_uuid_string_random ();
  decide (fixture->here, fixture->uuid, 1, UMZ_VERDICT_COMMITTED);
  g_assert_cmpint (get (fixture->here, fixture->uuid, 11), ==, UMZ_VERDICT_NONE);
  g_assert_cmpint (get (fixture->here, fixture->uuid, UINT64_MAX), ==, UMZ_VERDICT_NONE);
  g_assert_cmpint (get (fixture->here, other, 1), ==, UMZ_VERDICT_NONE);

  decide (fixture->here, fixture->uuid, UINT64_MAX, UMZ_VERDICT_ABORTED);
  decide (fixture->here, other, 1, UMZ_VERDICT_ABORTED);
  g_assert_cmpint (get (fixture->there, fixture->uuid, 1), ==, UMZ_VERDICT_COMMITTED);
  g_assert_cmpint (get (fixture->there, fixture->uuid, UINT64_MAX), ==, UMZ_VERDICT_ABORTED);
  g_assert_cmpint (get (fixture->there, other, 1), ==, UMZ_VERDICT_ABORTED);
}

static void
only_what_is_forgotten_is_gone (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  decide (fixture->here, fixture->uuid, 1, UMZ_VERDICT_COMMITTED);
  decide (fixture->here, fixture->uuid, 11, UMZ_VERDICT_ABORTED);
  for (unsigned i = 0; i < 2; i++) { /* the second time it is gone already */
    g_assert_true (umz_arbiter_forget (fixture->there, fixture->uuid, 1, &error));
    g_assert_no_error (error);
    g_assert_cmpint (get (fixture->here, fixture->uuid, 1), ==, UMZ_VERDICT_NONE);
  }
  g_assert_cmpint (get (fixture->here, fixture->uuid, 11), ==, UMZ_VERDICT_ABORTED);
}

typedef struct {
  Fixture *fixture;
  unsigned number;
  uint64_t epoch;
  UmzVerdict decided;
} Contender;

static gpointer
contend (gpointer data)
{
  Contender *contender = data;
  Fixture *fixture = contender->fixture;
  bool is_odd = contender->number % 2 == 1;
  contender->decided = decide (is_odd ? fixture->here : fixture->there, fixture->uuid,
                               contender->epoch,
                               is_odd ? UMZ_VERDICT_COMMITTED : UMZ_VERDICT_ABORTED);
  return NULL;
}

static void
contend_for (Fixture *fixture, uint64_t epoch)
{
  Contender contenders[N_THREADS];
  GThread *threads[N_THREADS];
  for (unsigned i = 0; i < N_THREADS; i++) {
    contenders[i] = (Contender){ .fixture = fixture, .number = i, .epoch = epoch };
    threads[i] = g_thread_new ("contender", contend, &contenders[i]);
  }
  for (unsigned i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  UmzVerdict decided = get (fixture->here, fixture->uuid, epoch);
  g_assert_cmpint (decided, !=, UMZ_VERDICT_NONE);
  for (unsigned i = 0; i < N_THREADS; i++)
    g_assert_cmpint (contenders[i].decided, ==, decided);
}

static void
who_contends_gets_the_same_answer (Fixture *fixture, const void *data)
{
  for (uint64_t epoch = 1; epoch <= ROUNDS; epoch++)
    contend_for (fixture, epoch);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arbiter/without-one-in-the-configuration-there-is-none",
                   without_one_in_the_configuration_there_is_none);
  ADD ("/arbiter/nothing-stands-there-before-a-decision", nothing_stands_there_before_a_decision);
  ADD ("/arbiter/the-first-decision-stands", the_first_decision_stands);
  ADD ("/arbiter/vms-and-epochs-know-nothing-of-each-other",
       vms_and_epochs_know_nothing_of_each_other);
  ADD ("/arbiter/only-what-is-forgotten-is-gone", only_what_is_forgotten_is_gone);
  ADD ("/arbiter/who-contends-gets-the-same-answer", who_contends_gets_the_same_answer);

  UmzTestServer server;
  if (!umz_test_find_program (UMZ_TEST_ETCD) || !umz_test_server_start (&server, NULL))
    return 0;
  char *endpoints[] = { server.endpoint, NULL };
  config.arbiter = (UmzConfigArbiter){ .kind = UMZ_ARBITER_ETCD,
                                       .endpoints = endpoints,
                                       .prefix = "/umzug" };
  int result = g_test_run ();
  umz_test_server_stop (&server);
  return result;
}
