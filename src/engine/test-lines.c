/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-lines.c: each line comes to the other SU once and in its order, whatever is lost. */
#include "engine/lines.h"

#include <string.h>

#include "model/json.h"

typedef struct {
  UmzConfig config;
  UmzMoveRecord record;
  UmzMeans means;
  UmzLines *lines;
  GString *shown; /* "ABGSE701 UMZ0140," for each line on the console */
} Su;

static void
show_line (const UmzLine *line, void *data)
{
  Su *su = data;
  g_assert_cmpstr (line->move_id, ==, su->record.id);
  g_string_append_printf (su->shown, "%s %s %s,", line->su,
                          umz_message_code (umz_notice_get_id (line->notice)),
                          umz_notice_get_inserts (line->notice)[0]);
}

static void
set_up (Su *su, const char *name, const char *peer, UmzVmState state)
{
  *su = (Su){ .config.su_name = (char *) name,
              .record = { .id = (char *) "ID", .peer = (char *) peer, .vm_state = state },
              .shown = g_string_new (NULL) };
  su->means = (UmzMeans){ .config = &su->config,
                          .listener.line = show_line,
                          .listener_data = su };
  su->lines = umz_lines_new (&su->means, &su->record, "VM12");
}

static void
tear_down (Su *su)
{
  umz_lines_free (su->lines);
  g_string_free (su->shown, TRUE);
}

static void
say (Su *su, unsigned number)
{
  g_autofree char *insert = g_strdup_printf ("%u", number);
  umz_lines_say (su->lines, umz_notice_new (UMZ_MSG_UMZ0310, insert, NULL));
}

static JsonNode *
send_lines (Su *su)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_number (b, "seen", umz_lines_count_taken (su->lines));
  umz_lines_add (su->lines, b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

static void
hear (Su *su, JsonNode *sent)
{
  umz_lines_take (su->lines, json_node_get_object (sent), NULL, NULL);
  umz_lines_hear_seen (su->lines, json_node_get_object (sent));
}

static guint
count_sent (JsonNode *sent)
{
  return json_array_get_length (
    json_object_get_array_member (json_node_get_object (sent), "lines"));
}

/* What is sent is lost, comes twice, or comes late, at random. */
static void
test_each_once (void)
{
  Su here, there;
  g_autoptr (GString) expected = g_string_new (NULL);
  set_up (&here, "ABGSE601", "ABGSE701", UMZ_VM_STATE_RUNNING);
  set_up (&there, "ABGSE701", "ABGSE601", UMZ_VM_STATE_RUNNING);
  g_autoptr (JsonNode) late = send_lines (&here);
  for (unsigned i = 0; i < 500; i++) {
    if (g_test_rand_bit ()) {
      say (&here, i);
      g_string_append_printf (expected, "ABGSE601 UMZ0310 %u,", i);
    }
    g_autoptr (JsonNode) sent = send_lines (&here), answer = send_lines (&there);
    if (g_test_rand_bit ())
      hear (&there, sent);
    if (g_test_rand_bit ())
      hear (&here, answer);
    hear (&there, g_test_rand_bit () ? late : sent);
    if (g_test_rand_int_range (0, 5) == 0) {
      json_node_unref (late);
      late = json_node_ref (sent);
    }
  }
  g_autoptr (JsonNode) last = send_lines (&here);
  hear (&there, last);
  g_assert_cmpstr (there.shown->str, ==, expected->str);
  g_assert_cmpstr (here.shown->str, ==, expected->str);
  g_autoptr (JsonNode) answer = send_lines (&there);
  hear (&here, answer);
  g_autoptr (JsonNode) nothing = send_lines (&here);
  g_assert_cmpuint (count_sent (nothing), ==, 0);
  tear_down (&here);
  tear_down (&there);
}

/* A request holds a limited number of lines, and none is left behind. */
static void
test_many (void)
{
  Su here, there;
  set_up (&here, "ABGSE601", "ABGSE701", UMZ_VM_STATE_RUNNING);
  set_up (&there, "ABGSE701", "ABGSE601", UMZ_VM_STATE_RUNNING);
  for (unsigned i = 0; i < 2500; i++)
    say (&here, i);
  for (unsigned i = 0; i < 3; i++) {
    g_autoptr (JsonNode) sent = send_lines (&here);
    hear (&there, sent);
    g_autoptr (JsonNode) answer = send_lines (&there);
    hear (&here, answer);
  }
  g_assert_cmpuint (umz_lines_count_taken (there.lines), ==, 2500);
  g_assert_cmpstr (there.shown->str, ==, here.shown->str);
  tear_down (&here);
  tear_down (&there);
}

static void
test_hostile (void)
{
  static const char *const sent[] = {
    "{}",
    "{\"first\":0}",
    "{\"lines\":[]}",
    "{\"lines\":{},\"first\":0}",
    "{\"lines\":[{\"code\":\"UMZ0310\",\"inserts\":[\"x\"]}],\"first\":-1}",
    "{\"lines\":[{\"code\":\"UMZ0310\",\"inserts\":[\"x\"]}],\"first\":1e300}",
    "{\"lines\":[7,null,[],\"UMZ0310\"],\"first\":0}",
    "{\"lines\":[{\"code\":\"UMZ9999\",\"inserts\":[],\"time_us\":1}],\"first\":0}",
    "{\"lines\":[{\"code\":\"UMZ0310\",\"inserts\":[\"x\"],\"time_us\":-1}],\"first\":0}",
    "{\"seen\":-1}",
    "{\"seen\":\"1\"}",
    "{\"seen\":4000000000}",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (sent); i++) {
    Su su;
    set_up (&su, "ABGSE601", "ABGSE701", UMZ_VM_STATE_RUNNING);
    say (&su, 1);
    g_autoptr (JsonNode) node = json_from_string (sent[i], NULL);
    hear (&su, node);
    g_assert_cmpstr (su.shown->str, ==, "ABGSE601 UMZ0310 1,");
    g_autoptr (JsonNode) again = send_lines (&su);
    g_assert_cmpuint (count_sent (again), ==, 1);
    tear_down (&su);
  }
}

/* More seen than was said: all of it, and what is said later still goes. */
static void
test_too_much_seen (void)
{
  Su su;
  set_up (&su, "ABGSE601", "ABGSE701", UMZ_VM_STATE_RUNNING);
  say (&su, 1);
  g_autoptr (JsonNode) node = json_from_string ("{\"seen\":1000}", NULL);
  hear (&su, node);
  say (&su, 2);
  g_autoptr (JsonNode) sent = send_lines (&su);
  g_assert_cmpuint (count_sent (sent), ==, 1);
  tear_down (&su);
}

static void
test_definition (void)
{
  Su su;
  set_up (&su, "ABGSE601", "ABGSE701", UMZ_VM_STATE_DEFINED_ONLY);
  umz_lines_say_once (su.lines, UMZ_MSG_VMS2331);
  umz_lines_say_once (su.lines, UMZ_MSG_UMZ0140);
  umz_lines_say_once (su.lines, UMZ_MSG_UMZ0140);
  umz_lines_say (su.lines, umz_notice_new (UMZ_MSG_VMS2322, "VM12", "ABGSE701", NULL));
  say (&su, 1);
  g_assert_true (umz_lines_has_said (su.lines, UMZ_MSG_VMS2322));
  g_assert_false (umz_lines_has_said (su.lines, UMZ_MSG_VMS2331));
  g_assert_cmpstr (su.shown->str, ==, "ABGSE601 UMZ0140 VM12,ABGSE601 VMS2322 VM12,"
                                      "ABGSE601 UMZ0310 1,");
  tear_down (&su);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lines/each-once", test_each_once);
  g_test_add_func ("/lines/many", test_many);
  g_test_add_func ("/lines/hostile", test_hostile);
  g_test_add_func ("/lines/too-much-seen", test_too_much_seen);
  g_test_add_func ("/lines/definition", test_definition);
  return g_test_run ();
}
