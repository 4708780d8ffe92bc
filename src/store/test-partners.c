/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/partners.h"

#include "store/journal.h"
#include "store/test-fixture.h"

static void
put (UmzStoreFixture *f, const char *owner, const char *uuid, const char *name)
{
  g_autoptr (UmzDefinitionRecord) record = umz_store_definition_record_new ();
  record->owner = g_strdup (owner);
  record->uuid = g_strdup (uuid);
  record->name = g_strdup (name);
  record->xml = g_strdup_printf ("<domain>%s</domain>", name);
  record->index = 12;
  record->is_index_fixed = true;
  record->is_active = true;
  record->epoch = 7;
  g_assert_true (umz_store_put_definition (f->store, record, NULL));
}

/* "A:ONE B:TWO": owners and names, of one owner or of all. */
static void
assert_known (UmzStoreFixture *f, const char *owner, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) records = umz_store_list_definitions (f->store, owner, NULL);
  g_assert_nonnull (records);
  for (guint i = 0; i < records->len; i++) {
    const UmzDefinitionRecord *record = records->pdata[i];
    g_string_append_printf (text, "%s%s:%s", i > 0 ? " " : "", record->owner, record->name);
  }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_kept (UmzStoreFixture *f, const void *unused)
{
  put (f, "A", "u-1", "ONE");
  umz_store_fixture_open_again (f);
  g_autoptr (GPtrArray) records = umz_store_list_definitions (f->store, "A", NULL);
  g_assert_cmpuint (records->len, ==, 1);
  const UmzDefinitionRecord *record = records->pdata[0];
  g_assert_cmpstr (record->owner, ==, "A");
  g_assert_cmpstr (record->uuid, ==, "u-1");
  g_assert_cmpstr (record->name, ==, "ONE");
  g_assert_cmpstr (record->xml, ==, "<domain>ONE</domain>");
  g_assert_cmpuint (record->index, ==, 12);
  g_assert_true (record->is_index_fixed);
  g_assert_true (record->is_active);
  g_assert_cmpuint (record->epoch, ==, 7);
}

static unsigned
count_others (UmzStoreFixture *f, const char *owner, const char *uuid)
{
  unsigned n = 77;
  g_assert_true (umz_store_count_other_definitions (f->store, owner, uuid, &n, NULL));
  return n;
}

static void
test_owners (UmzStoreFixture *f, const void *unused)
{
  int64_t heard_us = 1;
  g_autoptr (GHashTable) said = g_hash_table_new (g_str_hash, g_str_equal);
  put (f, "A", "u-1", "ONE");
  put (f, "A", "u-2", "TWO");
  put (f, "B", "u-1", "ONE");
  put (f, "B", "u-3", "OLD");
  put (f, "B", "u-3", "NEW");
  assert_known (f, NULL, "A:ONE A:TWO B:NEW B:ONE");
  g_assert_cmpuint (count_others (f, "A", "u-1"), ==, 1);
  g_assert_cmpuint (count_others (f, "A", "u-9"), ==, 2);
  g_assert_true (umz_store_get_heard (f->store, "A", &heard_us, NULL));
  g_assert_cmpint (heard_us, ==, 0);
  g_hash_table_add (said, (char *) "u-2");
  g_assert_true (umz_store_hear_owner (f->store, "A", said, 99, NULL));
  assert_known (f, "A", "A:TWO");
  assert_known (f, "B", "B:NEW B:ONE");
  g_assert_true (umz_store_get_heard (f->store, "A", &heard_us, NULL));
  g_assert_cmpint (heard_us, ==, 99);
  g_assert_true (umz_store_delete_definition (f->store, "B", "u-3", NULL));
  assert_known (f, "B", "B:ONE");
}

static void
test_takeover (UmzStoreFixture *f, const void *unused)
{
  g_autoptr (UmzTakeover) begun =
    umz_takeover_new ("t-1", "A", "u-1", "ONE", UMZ_TAKEOVER_BEGUN);
  g_autoptr (UmzTakeover) taken = NULL;
  g_assert_true (umz_store_dup_takeover (f->store, "t-1", &taken, NULL));
  g_assert_null (taken);
  g_assert_true (umz_store_put_takeover (f->store, begun, NULL));
  begun->state = UMZ_TAKEOVER_TAKEN;
  g_assert_true (umz_store_put_takeover (f->store, begun, NULL));
  umz_store_fixture_open_again (f);
  g_assert_true (umz_store_dup_takeover (f->store, "t-1", &taken, NULL));
  g_assert_cmpint (taken->state, ==, UMZ_TAKEOVER_TAKEN);
  g_assert_cmpstr (taken->su, ==, "A");
  g_assert_cmpstr (taken->uuid, ==, "u-1");
  g_assert_cmpstr (taken->name, ==, "ONE");
  g_assert_cmpint (taken->begun_us, >, 0);
  for (int state = UMZ_TAKEOVER_BEGUN; state <= UMZ_TAKEOVER_OVER; state++) {
    g_autoptr (GPtrArray) list =
      umz_store_list_takeovers (f->store, (UmzTakeoverState) state, NULL);
    g_assert_cmpuint (list->len, ==, state == UMZ_TAKEOVER_TAKEN);
  }
}

static void
move (UmzStoreFixture *f, UmzSide side, UmzState state, const char *peer, int64_t begun_us)
{
  g_autoptr (UmzMoveRecord) record = umz_store_move_record_new ();
  record->id = g_uuid_string_random ();
  record->side = side;
  record->state = state;
  record->uuid = g_strdup ("u-1");
  record->name = g_strdup ("ONE");
  record->peer = g_strdup (peer);
  record->boot_id = g_strdup ("");
  record->begun_us = begun_us;
  g_assert_true (umz_store_journal (f->store, record, "E", NULL));
}

static void
assert_destination (UmzStoreFixture *f, int64_t since_us, const char *expected)
{
  g_autofree char *su = NULL;
  g_assert_true (umz_store_dup_destination (f->store, "u-1", since_us, &su, NULL));
  g_assert_cmpstr (su, ==, expected);
}

static void
test_destination (UmzStoreFixture *f, const void *unused)
{
  move (f, UMZ_SIDE_SOURCE, UMZ_STATE_ABORTED, "B", 40);
  move (f, UMZ_SIDE_TARGET, UMZ_STATE_RUNS, "B", 41);
  assert_destination (f, 0, NULL);
  move (f, UMZ_SIDE_SOURCE, UMZ_STATE_GONE, "C", 50);
  move (f, UMZ_SIDE_SOURCE, UMZ_STATE_GONE, "D", 60);
  assert_destination (f, 0, "D");
  assert_destination (f, 60, "D");
  assert_destination (f, 61, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function)                                                   \
  g_test_add (name, UmzStoreFixture, NULL, umz_store_fixture_set_up, function, \
              umz_store_fixture_tear_down)
  TEST ("/partners/a-definition-is-there-after-reopening", test_kept);
  TEST ("/partners/what-an-owner-does-not-name-goes-and-nobody-else-s", test_owners);
  TEST ("/partners/a-takeover-is-in-one-state-and-there-after-reopening", test_takeover);
  TEST ("/partners/a-vm-is-where-its-last-decided-move-went", test_destination);
  return g_test_run ();
}
