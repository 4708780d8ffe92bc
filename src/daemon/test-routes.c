/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-routes.c: the routes are those that the documents tell, and no others. */
#include "daemon/routes.h"

#include <string.h>

#include "daemon/operators.h"
#include "describe/openapi.h"
#include "peer/client.h"

static const char *wire_format_path;

static JsonObject *
new_description (void)
{
  g_autofree char *text = umz_describe_openapi ();
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  return json_node_dup_object (node);
}

static int
compare_texts (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* "GET /1/console", sorted. */
static GPtrArray *
new_local_routes (void)
{
  size_t n;
  const UmzRoute *routes = umz_routes_get_all (&n);
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  for (size_t i = 0; i < n; i++)
    if (routes[i].serve != NULL)
      g_ptr_array_add (list, g_strdup_printf ("%s %s", routes[i].method, routes[i].path));
  g_ptr_array_sort (list, compare_texts);
  return list;
}

static void
add_methods (GPtrArray *list, const char *path, JsonObject *methods)
{
  JsonObjectIter iter;
  const char *method;
  json_object_iter_init (&iter, methods);
  while (json_object_iter_next (&iter, &method, NULL)) {
    g_autofree char *upper = g_ascii_strup (method, -1);
    g_ptr_array_add (list, g_strdup_printf ("%s %s", upper, path));
  }
}

static GPtrArray *
new_described_routes (void)
{
  JsonObjectIter iter;
  const char *path;
  JsonNode *methods;
  g_autoptr (JsonObject) description = new_description ();
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  json_object_iter_init (&iter, json_object_get_object_member (description, "paths"));
  while (json_object_iter_next (&iter, &path, &methods))
    add_methods (list, path, json_node_get_object (methods));
  g_ptr_array_sort (list, compare_texts);
  return list;
}

static void
assert_same (const GPtrArray *a, const GPtrArray *b)
{
  for (guint i = 0; i < MIN (a->len, b->len); i++)
    g_assert_cmpstr (a->pdata[i], ==, b->pdata[i]);
  g_assert_cmpuint (a->len, ==, b->len);
  g_assert_cmpuint (a->len, >, 0);
}

static void
test_local_routes (void)
{
  g_autoptr (GPtrArray) served = new_local_routes (), described = new_described_routes ();
  assert_same (served, described);
}

/* The paths in the table of the control port, as they follow one another there. */
static GPtrArray *
new_told_routes (void)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (wire_format_path, &text, NULL, &error);
  g_assert_no_error (error);
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  const char *begin = strstr (text, "| path | body | answer |");
  g_assert_nonnull (begin);
  g_auto (GStrv) lines = g_strsplit (begin, "\n", -1);
  for (char **line = lines + 2; g_str_has_prefix (*line, "| `"); line++)
    g_ptr_array_add (list, g_strndup (*line + 3, strcspn (*line + 3, "`")));
  return list;
}

static void
test_peer_routes (void)
{
  size_t n;
  const UmzRoute *routes = umz_routes_get_all (&n);
  g_autoptr (GPtrArray) served = g_ptr_array_new (), told = new_told_routes ();
  for (size_t i = 0; i < n; i++)
    if (routes[i].hear != NULL) {
      g_assert_cmpstr (routes[i].method, ==, "POST");
      g_ptr_array_add (served, (char *) routes[i].path);
    }
  assert_same (served, told);
}

static void
test_move_is_described (void)
{
  JsonObjectIter iter;
  const char *member;
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autoptr (JsonObject) description = new_description ();
  JsonObject *schemas = json_object_get_object_member (
    json_object_get_object_member (description, "components"), "schemas");
  JsonObject *properties = json_object_get_object_member (
    json_object_get_object_member (schemas, "move"), "properties");
  json_builder_begin_object (b);
  umz_operators_add_progress (b, &(UmzProgress){ 0 });
  json_builder_end_object (b);
  g_autoptr (JsonNode) told = json_builder_get_root (b);
  json_object_iter_init (&iter, json_node_get_object (told));
  while (json_object_iter_next (&iter, &member, NULL)) {
    g_test_message ("%s", member);
    g_assert_true (json_object_has_member (properties, member));
  }
  json_object_iter_init (&iter, properties);
  while (json_object_iter_next (&iter, &member, NULL)) {
    g_test_message ("%s", member);
    g_assert_true (json_object_has_member (json_node_get_object (told), member) ||
                   strcmp (member, "lines") == 0 || strcmp (member, "su") == 0);
  }
}

/* ---- requests ---- */

static UmzConfig config = { .su_name = (char *) "SU1" };
static UmzApp app = { .config = &config };

static void
assert_answer (const char *peer, const char *method, const char *path, unsigned status,
               const char *code)
{
  UmzRequest request = { .app = &app,
                         .method = method,
                         .path = g_strdup (path),
                         .peer = g_strdup (peer),
                         .body = g_bytes_new_static ("{}", 2),
                         .status = SOUP_STATUS_OK };
  umz_routes_serve (&request);
  g_assert_cmpuint (request.status, ==, status);
  if (code != NULL) {
    JsonObject *error =
      json_object_get_object_member (json_node_get_object (request.answer), "error");
    g_assert_cmpstr (json_object_get_string_member (error, "code"), ==, code);
  }
  umz_request_clear (&request);
}

static void
test_unknown_paths (void)
{
  static const char *const paths[] = { "/",
                                       "",
                                       "/1",
                                       "/1/commands/",
                                       "/2/commands",
                                       "/1/guests//console",
                                       "/1/guests/a/b/console",
                                       "/1/guests/{name}",
                                       "/1/moves/",
                                       "/1/moves/1/beat",
                                       "check",
                                       "/peer/3/check" };
  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++) {
    assert_answer (NULL, "GET", paths[i], SOUP_STATUS_NOT_FOUND, "UMZ0310");
    assert_answer (NULL, "POST", paths[i], SOUP_STATUS_NOT_FOUND, "UMZ0310");
  }
  assert_answer (NULL, "GET", "/1/commands", SOUP_STATUS_NOT_FOUND, "UMZ0310");
  assert_answer (NULL, "POST", "/1/console", SOUP_STATUS_NOT_FOUND, "UMZ0310");
  assert_answer (NULL, "GET", "/1/openapi.json", SOUP_STATUS_OK, NULL);
}

static void
test_unknown_paths_of_peers (void)
{
  static const char *const paths[] = {
    "/", "/peer/2/check", "/peer/4/check", "/peer/3/",
    "/1/commands", "/peer/3//1/commands", "/peer/3/moves//begin", "/peer/3/moves/a/steal",
    "check", "/peer/3/moves/a/b/go", "/peer/3/moves/a/begin/"
  };
  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    assert_answer ("SU2", "POST", paths[i], SOUP_STATUS_NOT_FOUND, "VMS2410");
  assert_answer ("SU2", "GET", "/peer/3/check", SOUP_STATUS_NOT_FOUND, "VMS2410");
}

static void
test_stranger (void)
{
  size_t n;
  const UmzRoute *routes = umz_routes_get_all (&n);
  for (size_t i = 0; i < n; i++) {
    g_autofree char *path = g_strdup_printf ("/peer/3/%s", routes[i].path);
    assert_answer ("", "POST", path, SOUP_STATUS_FORBIDDEN, "VMS2343");
    assert_answer ("", "POST", routes[i].path, SOUP_STATUS_FORBIDDEN, "VMS2343");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_format_path = argv[1];
  g_assert_cmpint (UMZ_PEER_VERSION, ==, 3);
  g_test_add_func ("/routes/local", test_local_routes);
  g_test_add_func ("/routes/peer", test_peer_routes);
  g_test_add_func ("/routes/move", test_move_is_described);
  g_test_add_func ("/routes/unknown", test_unknown_paths);
  g_test_add_func ("/routes/unknown-of-peers", test_unknown_paths_of_peers);
  g_test_add_func ("/routes/stranger", test_stranger);
  return g_test_run ();
}
