/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "partners/exchange.h"

#include <string.h>

#include "messages/catalogue.h"
#include "model/json.h"

#define UUID_1          "11111111-2222-4333-8444-555555555555"
#define UUID_2          "22222222-2222-4333-8444-555555555555"
#define XML(uuid, name) "<domain><name>" name "</name><uuid>" uuid "</uuid></domain>"

static UmzDefinitionRecord *
make_record (const char *uuid, const char *name)
{
  UmzDefinitionRecord *record = umz_store_definition_record_new ();
  record->owner = g_strdup ("ABGSE501");
  record->uuid = g_strdup (uuid);
  record->name = g_strdup (name);
  record->xml =
    g_strdup_printf ("<domain><name>%s</name><uuid>%s</uuid></domain>", name, uuid);
  record->index = 12;
  record->is_index_fixed = true;
  record->epoch = 7;
  return record;
}

static GPtrArray *
make_two (void)
{
  GPtrArray *two =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_store_definition_record_free);
  g_ptr_array_add (two, make_record (UUID_1, "ONE"));
  g_ptr_array_add (two, make_record (UUID_2, "TWO"));
  return two;
}

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzDefinitionRecord) record = make_record (UUID_1, "VM12 PROD");
  g_autoptr (JsonNode) node = umz_exchange_definition_to_json (record);
  g_autoptr (UmzDefinitionRecord) back =
    umz_exchange_definition_from_json (node, "ABGSE701", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (back->owner, ==, "ABGSE701"); /* who speaks, not who is said to */
  g_autoptr (JsonNode) again = umz_exchange_definition_to_json (back);
  g_autofree char *a = json_to_string (node, FALSE), *b = json_to_string (again, FALSE);
  g_assert_cmpstr (a, ==, b);
}

static void
test_refused (void)
{
  static const struct {
    const char *member;
    const char *value; /* JSON; NULL: it is missing */
  } rows[] = {
    { "uuid", NULL },
    { "uuid", "7" },
    { "uuid", "\"../../etc/passwd\"" },
    { "uuid", "\"" UUID_2 "\"" },
    { "uuid", "\"11111111-2222-4333-8444-55555555555A\"" },
    { "name", NULL },
    { "name", "\"\"" },
    { "name", "\"OTHER\"" },
    { "name", "[]" },
    { "xml", NULL },
    { "xml", "\"\"" },
    { "xml", "\"<domain/>\"" },
    { "xml", "\"" XML (UUID_2, "ONE") "\"" },
    { "index", NULL },
    { "index", "100000" },
    { "index", "1" },
    { "index", "0" }, /* it is fixed */
    { "index", "-1" },
    { "fixed", "2" },
    { "fixed", "true" },
    { "active", NULL },
    { "active", "\"1\"" },
    { "epoch", NULL },
    { "epoch", "9007199254740993" },
  };
  g_autoptr (UmzDefinitionRecord) record = make_record (UUID_1, "ONE");
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) node = umz_exchange_definition_to_json (record);
    JsonObject *object = json_node_get_object (node);
    if (rows[i].value == NULL)
      json_object_remove_member (object, rows[i].member);
    else
      json_object_set_member (object, rows[i].member, json_from_string (rows[i].value, NULL));
    g_assert_null (umz_exchange_definition_from_json (node, "A", &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);
  }
  g_assert_null (umz_exchange_definition_from_json (NULL, "A", NULL));
}

/* Names that would do harm on a screen or in a path, although their definition says the same. */
static void
test_names (void)
{
  static const struct {
    const char *name;
    bool is_taken;
  } rows[] = {
    { "VM12PROD", true },
    { "Datenbank \303\244", true },
    { "../passwd", false },
    { "a/b", false },
    { "two\nlines", false },
    { "back\342\200\256wards", false },
    { "\302\2332J", false },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzDefinitionRecord) record = make_record (UUID_1, rows[i].name);
    g_autoptr (JsonNode) node = umz_exchange_definition_to_json (record);
    g_autoptr (UmzDefinitionRecord) back = umz_exchange_definition_from_json (node, "A", NULL);
    g_assert_true ((back != NULL) == rows[i].is_taken);
  }
}

static void
test_size (void)
{
  for (int over = 0; over <= 1; over++) {
    g_autoptr (UmzDefinitionRecord) record = make_record (UUID_1, "ONE");
    g_autofree char *blanks =
      g_strnfill (UMZ_DEFINITION_BYTES_MAX - strlen (record->xml) + (size_t) over, ' ');
    g_autofree char *xml = g_steal_pointer (&record->xml);
    record->xml = g_strconcat (xml, blanks, NULL);
    g_autoptr (JsonNode) node = umz_exchange_definition_to_json (record);
    g_autoptr (UmzDefinitionRecord) back = umz_exchange_definition_from_json (node, "A", NULL);
    g_assert_true ((back != NULL) == (over == 0));
  }
}

static void
test_truncated (void)
{
  g_autoptr (UmzDefinitionRecord) record = make_record (UUID_1, "ONE");
  g_autoptr (JsonNode) node = umz_exchange_definition_to_json (record);
  g_autofree char *text = json_to_string (node, FALSE);
  for (size_t n = 0; n < strlen (text); n++) {
    g_autofree char *copy = g_strndup (text, n);
    g_autoptr (JsonNode) cut = umz_json_parse (copy, n, NULL);
    g_assert_null (umz_exchange_definition_from_json (cut, "A", NULL));
  }
}

/* ---- the list ---- */

static char *
dup_wanted (const GPtrArray *own, const GPtrArray *known)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (JsonNode) said = umz_exchange_list_to_json (own);
  g_autoptr (GHashTable) list =
    umz_exchange_list_from_json (json_node_get_object (said), NULL);
  g_assert_nonnull (list);
  g_autoptr (JsonNode) answer = umz_exchange_answer_to_json (list, known, 0);
  for (guint i = 0; i < own->len; i++) {
    const UmzDefinitionRecord *record = own->pdata[i];
    g_assert_true (umz_exchange_is_nothing_taken (json_node_get_object (answer)));
    if (umz_exchange_is_wanted (json_node_get_object (answer), record->uuid))
      g_string_append_printf (text, "%s ", record->name);
  }
  return g_strdup (text->str);
}

static void
test_wanted (void)
{
  g_autoptr (GPtrArray) own = make_two (), known = make_two (), nothing = g_ptr_array_new ();
  UmzDefinitionRecord *two = known->pdata[1];
  g_autofree char *all = dup_wanted (own, nothing);
  g_assert_cmpstr (all, ==, "ONE TWO ");
  g_autofree char *none = dup_wanted (own, known);
  g_assert_cmpstr (none, ==, "");
  two->is_active = true;
  g_autofree char *changed = dup_wanted (own, known);
  g_assert_cmpstr (changed, ==, "TWO ");
  two->is_active = false;
  two->epoch++;
  g_autofree char *moved = dup_wanted (own, known);
  g_assert_cmpstr (moved, ==, "TWO ");
}

static void
test_bad_lists (void)
{
  static const char *const rows[] = {
    "{}",
    "{\"definitions\": {}}",
    "{\"definitions\": [1]}",
    "{\"definitions\": [{\"uuid\": \"" UUID_1 "\"}]}",
    "{\"definitions\": [{\"uuid\": \"x\", \"digest\": \"\"}]}",
    "{\"definitions\": [{\"uuid\": \"" UUID_1 "\", \"digest\": 1}]}",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) node = json_from_string (rows[i], NULL);
    g_assert_null (umz_exchange_list_from_json (json_node_get_object (node), &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);
  }
}

static void
test_long_list (void)
{
  for (guint n = UMZ_DEFINITIONS_MAX; n <= UMZ_DEFINITIONS_MAX + 1; n++) {
    g_autoptr (GPtrArray) own =
      g_ptr_array_new_with_free_func ((GDestroyNotify) umz_store_definition_record_free);
    while (own->len < n)
      g_ptr_array_add (own, make_record (UUID_1, "ONE"));
    g_autoptr (JsonNode) said = umz_exchange_list_to_json (own);
    g_autoptr (GHashTable) list =
      umz_exchange_list_from_json (json_node_get_object (said), NULL);
    g_assert_true ((list != NULL) == (n == UMZ_DEFINITIONS_MAX));
  }
}

static void
test_bad_answers (void)
{
  static const char *const rows[] = { "{}", "{\"wanted\": 1}", "{\"wanted\": [1, {}, null, []]}",
                                      "{\"taken\": 1}", "{\"taken\": \"0\"}" };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (JsonNode) node = json_from_string (rows[i], NULL);
    g_assert_false (umz_exchange_is_wanted (json_node_get_object (node), UUID_1));
    g_assert_false (umz_exchange_is_nothing_taken (json_node_get_object (node)));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exchange/a-definition-survives-the-way", test_round_trip);
  g_test_add_func ("/exchange/a-definition-that-is-not-in-our-form-is-refused", test_refused);
  g_test_add_func ("/exchange/a-name-that-would-do-harm-is-refused", test_names);
  g_test_add_func ("/exchange/a-definition-has-at-most-256-kib", test_size);
  g_test_add_func ("/exchange/a-definition-that-was-cut-off-is-refused", test_truncated);
  g_test_add_func ("/exchange/what-is-new-or-changed-is-wanted", test_wanted);
  g_test_add_func ("/exchange/a-list-that-is-not-in-our-form-is-refused", test_bad_lists);
  g_test_add_func ("/exchange/a-list-has-at-most-1000-definitions", test_long_list);
  g_test_add_func ("/exchange/an-answer-that-is-none-wants-nothing", test_bad_answers);
  return g_test_run ();
}
