/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-openapi.c: the document has all of the table and nothing else, and hangs together. */
#include "describe/openapi.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "describe/test-table.h"

static JsonNode *
new_document (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = umz_describe_openapi ();
  JsonNode *document = json_from_string (text, &error);
  g_assert_no_error (error);
  return document;
}

/* The object at "components/schemas/..."; NULL if there is none. */
static JsonObject *
find_object (JsonNode *document, const char *path)
{
  JsonObject *object = json_node_get_object (document);
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  for (char **part = parts; *part != NULL && object != NULL; part++)
    object = json_object_has_member (object, *part)
               ? json_object_get_object_member (object, *part)
               : NULL;
  return object;
}

/* ---- both ways between the table and the document ---- */

static void assert_is_operand (JsonObject *schema, const UmzOperandSpec *spec);

static void
assert_are_properties (JsonObject *schema, const UmzOperandSpec *specs, size_t n_specs)
{
  JsonObject *properties = json_object_get_object_member (schema, "properties");
  g_assert_cmpuint (json_object_get_size (properties), ==, n_specs);
  for (size_t i = 0; i < n_specs; i++) {
    g_test_message ("%s", specs[i].name);
    g_assert_true (json_object_has_member (properties, specs[i].name));
    assert_is_operand (json_object_get_object_member (properties, specs[i].name), &specs[i]);
  }
}

/* Counts the names in `required`, each of which must be an operand without a default. */
static void
assert_are_required (JsonObject *schema, const UmzOperandSpec *specs, size_t n_specs)
{
  size_t n_mandatory = 0;
  JsonArray *required = json_object_has_member (schema, "required")
                          ? json_object_get_array_member (schema, "required")
                          : NULL;
  for (size_t i = 0; i < n_specs; i++) {
    if (specs[i].default_value != NULL)
      continue;
    g_assert_nonnull (required);
    g_assert_cmpstr (json_array_get_string_element (required, (guint) n_mandatory++), ==,
                     specs[i].name);
  }
  g_assert_cmpuint (required != NULL ? json_array_get_length (required) : 0, ==, n_mandatory);
}

/* The constants, in one enum, in their order; *ret_n_schemas: how many schemas stand for them. */
static void
assert_are_constants (JsonArray *any_of, const UmzOperandSpec *spec, guint *ret_n_schemas)
{
  guint n_constants = 0;
  JsonObject *first = json_array_get_object_element (any_of, 0);
  JsonArray *constants = json_object_has_member (first, "enum")
                           ? json_object_get_array_member (first, "enum")
                           : NULL;
  for (size_t a = 0; a < spec->n_alternatives; a++) {
    if (spec->alternatives[a].kind != UMZ_OPERAND_CONSTANT)
      continue;
    g_assert_nonnull (constants);
    g_assert_cmpstr (json_array_get_string_element (constants, n_constants++), ==,
                     spec->alternatives[a].constant);
  }
  g_assert_cmpuint (constants != NULL ? json_array_get_length (constants) : 0, ==, n_constants);
  *ret_n_schemas = constants != NULL;
}

static void
assert_is_alternative (JsonObject *schema, const UmzAlternative *alternative)
{
  const char *type = json_object_get_string_member (schema, "type");
  if (alternative->n_members > 0) {
    JsonObject *properties = json_object_get_object_member (schema, "properties");
    JsonObject *structure = json_object_get_object_member (properties, alternative->constant);
    g_assert_nonnull (structure);
    assert_are_properties (structure, alternative->members, alternative->n_members);
    assert_are_required (structure, alternative->members, alternative->n_members);
  }
  else if (alternative->kind == UMZ_OPERAND_INTEGER) {
    g_assert_cmpstr (type, ==, "integer");
    g_assert_cmpint (json_object_get_int_member (schema, "minimum"), ==, alternative->from);
    g_assert_cmpint (json_object_get_int_member (schema, "maximum"), ==, alternative->to);
  }
  else {
    g_assert_cmpstr (type, ==, "string");
    g_assert_cmpint (json_object_get_int_member (schema, "minLength"), ==, alternative->from);
    g_assert_cmpint (json_object_get_int_member (schema, "maxLength"), >=, alternative->to);
  }
}

static void
assert_is_any_of (JsonObject *schema, const UmzOperandSpec *spec)
{
  guint n;
  JsonArray *any_of = json_object_get_array_member (schema, "anyOf");
  assert_are_constants (any_of, spec, &n);
  for (size_t a = 0; a < spec->n_alternatives; a++)
    if (spec->alternatives[a].kind != UMZ_OPERAND_CONSTANT || spec->alternatives[a].n_members > 0)
      assert_is_alternative (json_array_get_object_element (any_of, n++), &spec->alternatives[a]);
  g_assert_cmpuint (json_array_get_length (any_of), ==, n);
}

static void
assert_is_operand (JsonObject *schema, const UmzOperandSpec *spec)
{
  g_assert_cmpstr (json_object_get_string_member (schema, "description"), ==, spec->summary);
  g_assert_cmpstr (json_object_get_string_member_with_default (schema, "default", NULL), ==,
                   spec->default_value);
  g_assert_true (json_object_has_member (schema, "format") == spec->is_secret);
  if (spec->list_max == 0) {
    assert_is_any_of (schema, spec);
    return;
  }
  JsonArray *either = json_object_get_array_member (schema, "anyOf");
  JsonObject *list = json_array_get_object_element (either, 1);
  g_assert_cmpint (json_object_get_int_member (list, "maxItems"), ==, (gint64) spec->list_max);
  assert_is_any_of (json_array_get_object_element (either, 0), spec);
  assert_is_any_of (json_object_get_object_member (list, "items"), spec);
}

static void
every_command_has_a_schema_of_its_operands (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  g_autoptr (JsonNode) document = new_document ();
  for (size_t i = 0; i < n_commands; i++) {
    g_autofree char *path = g_strconcat ("components/schemas/", commands[i].name, NULL);
    JsonObject *schema = find_object (document, path);
    g_test_message ("%s", path);
    g_assert_nonnull (schema);
    assert_are_properties (schema, commands[i].operands, commands[i].n_operands);
    assert_are_required (schema, commands[i].operands, commands[i].n_operands);
  }
}

static void
every_schema_in_upper_case_is_a_command (void)
{
  size_t n_commands, n_found = 0;
  (void) umz_sdf_get_commands (&n_commands); /* their number */
  g_autoptr (JsonNode) document = new_document ();
  JsonObject *schemas = find_object (document, "components/schemas");
  g_autoptr (GList) names = json_object_get_members (schemas);
  for (GList *name = names; name != NULL; name = name->next)
    n_found += g_ascii_isupper (*(const char *) name->data);
  g_assert_cmpuint (n_found, ==, n_commands);
}

/* ---- the document ---- */

static void
every_reference_leads_somewhere (void)
{
  g_autofree char *text = umz_describe_openapi ();
  g_autoptr (JsonNode) document = new_document ();
  g_auto (GStrv) paths = umz_test_dup_matches (text, "\"\\$ref\" : \"#/([^\"]+)\"");
  g_assert_cmpuint (g_strv_length (paths), >, 0);
  for (char **path = paths; *path != NULL; path++) {
    g_test_message ("%s", *path);
    g_assert_nonnull (find_object (document, *path));
  }
}

/* What is required is also described. */
static void
answers_have_the_members_that_they_must (void)
{
  static const char *const schemas[] = { "request", "answer", "message", "error",
                                         "line", "console", "guestConsole", "move" };
  g_autoptr (JsonNode) document = new_document ();
  for (size_t i = 0; i < G_N_ELEMENTS (schemas); i++) {
    g_autofree char *path = g_strconcat ("components/schemas/", schemas[i], NULL);
    JsonObject *schema = find_object (document, path);
    JsonArray *required = json_object_get_array_member (schema, "required");
    JsonObject *properties = json_object_get_object_member (schema, "properties");
    for (guint k = 0; k < json_array_get_length (required); k++) {
      g_test_message ("%s: %s", schemas[i], json_array_get_string_element (required, k));
      g_assert_true (
        json_object_has_member (properties, json_array_get_string_element (required, k)));
    }
  }
}

static const char *
find_pattern (JsonNode *document, const char *path, guint index)
{
  JsonObject *operand = find_object (document, path);
  JsonArray *any_of = json_object_get_array_member (operand, "anyOf");
  return json_object_get_string_member (json_array_get_object_element (any_of, index), "pattern");
}

static void
patterns_take_what_sdf_takes (void)
{
  static const struct {
    const char *operand;
    guint index; /* of the schema among its alternatives */
    const char *good, *bad;
  } cases[] = {
    { "MIGRATE-VM/properties/VM-IDENTIFICATION", 1, "Vm12$#@", "12VM" },
    { "MIGRATE-VM/properties/SERVER-UNIT-NAME", 1, "A-1.B", "A..B" },
    { "MIGRATE-VM/properties/SERVER-UNIT-NAME", 1, "ABGSE701", "-A" },
    { "MIGRATE-VM/properties/MONJV", 1, ":2OSC:$TSOS.MONJV.LM", "A/B" },
    { "MIGRATE-VM/properties/JV-PASSWORD", 2, "00fF", "0G" },
  };
  g_autoptr (JsonNode) document = new_document ();
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("components/schemas/", cases[i].operand, NULL);
    const char *pattern = find_pattern (document, path, cases[i].index);
    g_test_message ("%s: %s", cases[i].operand, pattern);
    g_assert_true (g_regex_match_simple (pattern, cases[i].good, 0, 0));
    g_assert_false (g_regex_match_simple (pattern, cases[i].bad, 0, 0));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openapi/every-command-has-a-schema-of-its-operands",
                   every_command_has_a_schema_of_its_operands);
  g_test_add_func ("/openapi/every-schema-in-upper-case-is-a-command",
                   every_schema_in_upper_case_is_a_command);
  g_test_add_func ("/openapi/every-reference-leads-somewhere", every_reference_leads_somewhere);
  g_test_add_func ("/openapi/answers-have-the-members-that-they-must",
                   answers_have_the_members_that_they_must);
  g_test_add_func ("/openapi/patterns-take-what-sdf-takes", patterns_take_what_sdf_takes);
  return g_test_run ();
}
