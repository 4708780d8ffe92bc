/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/json.h"

#include <string.h>

static JsonNode *
parse (const char *text)
{
  return umz_json_parse (text, strlen (text), NULL);
}

static void
test_depth (void)
{
  g_autofree char *deep = g_malloc0 (200001);
  memset (deep, '[', 200000);
  g_autoptr (GError) error = NULL;
  g_assert_null (umz_json_parse (deep, 200000, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);

  g_autofree char *brackets = g_strnfill (40, '[');
  g_autofree char *text = g_strdup_printf ("{\"a\":\"%s\\\"%s\"}", brackets, brackets);
  g_autoptr (JsonNode) brackets_in_text = parse (text);
  g_assert_nonnull (brackets_in_text);
}

static void
test_no_object (void)
{
  /* Two values and an assignment are what json-glib takes and JSON does not have. */
  static const char *const bad[] = { "", " ", "[]", "1", "\"x\"", "{", "{\"a\":}", "{}}",
                                     "3{}", "{}3", "{}{}", "{},{}", "}{", "\"{\"{}", "[]{}",
                                     "var a = {}", "{/* */}", "{} // x" };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_test_message ("%s", bad[i]);
    g_assert_null (parse (bad[i]));
  }
}

static void
test_limits (void)
{
  const char *text = "unset";
  uint64_t number = 7;
  g_autoptr (JsonNode) node = parse ("{\"t\":\"abc\",\"n\":12,\"m\":-1,\"a\":[1,2]}");
  JsonObject *object = json_node_get_object (node);
  g_assert_false (umz_json_get_text (object, "t", 2, &text));
  g_assert_false (umz_json_get_text (object, "n", 10, &text));
  g_assert_false (umz_json_get_text (object, "x", 10, &text));
  g_assert_cmpstr (text, ==, "unset");
  g_assert_true (umz_json_get_text (object, "t", 3, &text));
  g_assert_cmpstr (text, ==, "abc");
  g_assert_false (umz_json_get_number (object, "n", 11, &number));
  g_assert_false (umz_json_get_number (object, "m", 11, &number));
  g_assert_false (umz_json_get_number (object, "a", 11, &number));
  g_assert_cmpuint (number, ==, 7);
  g_assert_true (umz_json_get_number (object, "n", 12, &number));
  g_assert_cmpuint (number, ==, 12);
  g_assert_null (umz_json_get_array (object, "a", 1));
  g_assert_nonnull (umz_json_get_array (object, "a", 2));
}

static void
test_notice (void)
{
  g_autoptr (UmzNotice) notice = umz_notice_new (UMZ_MSG_VMS2437, "4683", NULL);
  g_autoptr (JsonNode) node = umz_json_from_notice (notice);
  g_autoptr (UmzNotice) back = umz_json_to_notice (node, NULL);
  g_autofree char *reason = umz_notice_reason (back);
  g_assert_cmpstr (reason, ==, "VMS2437,4683");
}

static void
test_bad_notice (void)
{
  static const struct {
    const char *text;
    UmzMessageId id;
  } bad[] = {
    { "{}", UMZ_MSG_UMZ0310 },
    { "{\"code\":\"VMS2437\"}", UMZ_MSG_UMZ0310 },
    { "{\"code\":\"VMS2437\",\"inserts\":[]}", UMZ_MSG_UMZ0091 },
    { "{\"code\":\"VMS2437\",\"inserts\":[1]}", UMZ_MSG_UMZ0310 },
    { "{\"code\":\"VMS2437\",\"inserts\":[\"a\",\"b\"]}", UMZ_MSG_UMZ0091 },
    { "{\"code\":\"VMS9999\",\"inserts\":[]}", UMZ_MSG_UMZ0091 },
    { "{\"code\":1,\"inserts\":[]}", UMZ_MSG_UMZ0310 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (JsonNode) node = parse (bad[i].text);
    g_autoptr (GError) error = NULL;
    g_test_message ("%s", bad[i].text);
    g_assert_null (umz_json_to_notice (node, &error));
    g_assert_error (error, UMZ_ERROR, (int) bad[i].id);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/what-is-nested-too-deep-is-not-parsed", test_depth);
  g_test_add_func ("/json/what-is-no-object-is-refused", test_no_object);
  g_test_add_func ("/json/members-over-their-limit-are-not-taken", test_limits);
  g_test_add_func ("/json/a-notice-survives-the-way", test_notice);
  g_test_add_func ("/json/what-is-no-notice-is-refused", test_bad_notice);
  return g_test_run ();
}
