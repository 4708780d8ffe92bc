/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* openapi.c: openapi.json with the schemas of the commands. */
#include "describe/openapi.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "describe/template.h"
#include "sdf/spec.h"

/* SDF takes names in any case. */
#define LETTERS    "A-Za-z$#@"
#define CHARACTERS "A-Za-z0-9$#@"
#define PARTS      "[" CHARACTERS "]+([.-][" CHARACTERS "]+)*"

static void
add_text (JsonBuilder *b, const char *name, const char *text)
{
  json_builder_set_member_name (b, name);
  json_builder_add_string_value (b, text);
}

static void
add_number (JsonBuilder *b, const char *name, int64_t number)
{
  json_builder_set_member_name (b, name);
  json_builder_add_int_value (b, number);
}

/* ---- one of the values of an operand ---- */

/* What a value looks like, inside its quotes; NULL: anything. */
static const char *
get_pattern (UmzOperandKind kind)
{
  switch (kind) {
  case UMZ_OPERAND_CONSTANT: return NULL;
  case UMZ_OPERAND_INTEGER: return NULL;
  case UMZ_OPERAND_NAME: return "^[" LETTERS "][" CHARACTERS "]*$";
  case UMZ_OPERAND_ALPHANUM_NAME: return "^[" CHARACTERS "]+$";
  case UMZ_OPERAND_COMPOSED_NAME: return "^" PARTS "$";
  case UMZ_OPERAND_FILENAME: return "^(:[A-Za-z0-9]{1,4}:)?" PARTS "$";
  case UMZ_OPERAND_C_STRING: return NULL;
  case UMZ_OPERAND_X_STRING: return "^[0-9A-Fa-f]*$";
  case UMZ_OPERAND_X_TEXT: return "^[0-9A-Fa-f]+$";
  case UMZ_OPERAND_CAT_ID: return "^(?![Pp][Uu][Bb])[A-Za-z0-9]+$";
  case UMZ_OPERAND_CONDITION: return NULL;
  }
  g_assert_not_reached ();
}

static void
add_integer (JsonBuilder *b, const UmzAlternative *alternative)
{
  add_text (b, "type", "integer");
  add_text (b, "format", "int64");
  add_number (b, "minimum", alternative->from);
  add_number (b, "maximum", alternative->to);
}

/* A pattern of SDF is longer than the names that it stands for, and of other characters. */
static void
add_string (JsonBuilder *b, const UmzAlternative *alternative)
{
  const char *pattern = get_pattern (alternative->kind);
  add_text (b, "type", "string");
  add_number (b, "minLength", alternative->from);
  add_number (b, "maxLength", MAX (alternative->to, alternative->wild_to));
  if (pattern != NULL && alternative->wild_to == 0)
    add_text (b, "pattern", pattern);
}

static void add_properties (JsonBuilder *b, const UmzOperandSpec *specs, size_t n_specs);

/* {"*DEVICE-RANGE": {"FROM": ..., "TO": ...}} */
static void
add_structure (JsonBuilder *b, const UmzAlternative *alternative)
{
  add_text (b, "type", "object");
  json_builder_set_member_name (b, "properties");
  json_builder_begin_object (b);
  json_builder_set_member_name (b, alternative->constant);
  json_builder_begin_object (b);
  add_properties (b, alternative->members, alternative->n_members);
  json_builder_end_object (b);
  json_builder_end_object (b);
  json_builder_set_member_name (b, "required");
  json_builder_begin_array (b);
  json_builder_add_string_value (b, alternative->constant);
  json_builder_end_array (b);
}

static void
add_alternative (JsonBuilder *b, const UmzAlternative *alternative)
{
  json_builder_begin_object (b);
  if (alternative->kind == UMZ_OPERAND_CONSTANT)
    add_structure (b, alternative);
  else if (alternative->kind == UMZ_OPERAND_INTEGER)
    add_integer (b, alternative);
  else
    add_string (b, alternative);
  json_builder_end_object (b);
}

static void
add_constants (JsonBuilder *b, const UmzOperandSpec *spec)
{
  json_builder_begin_object (b);
  add_text (b, "type", "string");
  json_builder_set_member_name (b, "enum");
  json_builder_begin_array (b);
  for (size_t i = 0; i < spec->n_alternatives; i++)
    if (spec->alternatives[i].kind == UMZ_OPERAND_CONSTANT)
      json_builder_add_string_value (b, spec->alternatives[i].constant);
  json_builder_end_array (b);
  json_builder_end_object (b);
}

/* ---- operands ---- */

static bool
has_constants (const UmzOperandSpec *spec)
{
  for (size_t i = 0; i < spec->n_alternatives; i++)
    if (spec->alternatives[i].kind == UMZ_OPERAND_CONSTANT)
      return true;
  return false;
}

/* All constants are one schema, each structure and each data type is another. */
static void
add_any_of (JsonBuilder *b, const UmzOperandSpec *spec)
{
  json_builder_set_member_name (b, "anyOf");
  json_builder_begin_array (b);
  if (has_constants (spec))
    add_constants (b, spec);
  for (size_t i = 0; i < spec->n_alternatives; i++) {
    const UmzAlternative *alternative = &spec->alternatives[i];
    if (alternative->kind != UMZ_OPERAND_CONSTANT || alternative->n_members > 0)
      add_alternative (b, alternative);
  }
  json_builder_end_array (b);
}

/* One value, or a list of them. */
static void
add_list (JsonBuilder *b, const UmzOperandSpec *spec)
{
  json_builder_set_member_name (b, "anyOf");
  json_builder_begin_array (b);
  json_builder_begin_object (b);
  add_any_of (b, spec);
  json_builder_end_object (b);
  json_builder_begin_object (b);
  add_text (b, "type", "array");
  add_number (b, "maxItems", (int64_t) spec->list_max);
  json_builder_set_member_name (b, "items");
  json_builder_begin_object (b);
  add_any_of (b, spec);
  json_builder_end_object (b);
  json_builder_end_object (b);
  json_builder_end_array (b);
}

static void
add_operand (JsonBuilder *b, const UmzOperandSpec *spec)
{
  g_autofree char *syntax = umz_operand_spec_dup_syntax (spec);
  json_builder_set_member_name (b, spec->name);
  json_builder_begin_object (b);
  add_text (b, "description", spec->summary);
  add_text (b, "x-sdf", syntax);
  if (spec->default_value != NULL)
    add_text (b, "default", spec->default_value);
  if (spec->is_secret)
    add_text (b, "format", "password");
  if (spec->list_max > 0)
    add_list (b, spec);
  else
    add_any_of (b, spec);
  json_builder_end_object (b);
}

static bool
has_mandatory (const UmzOperandSpec *specs, size_t n_specs)
{
  for (size_t i = 0; i < n_specs; i++)
    if (specs[i].default_value == NULL)
      return true;
  return false;
}

/* What is the same for a command and a structure: an object of operands. */
static void
add_properties (JsonBuilder *b, const UmzOperandSpec *specs, size_t n_specs)
{
  add_text (b, "type", "object");
  json_builder_set_member_name (b, "properties");
  json_builder_begin_object (b);
  for (size_t i = 0; i < n_specs; i++)
    add_operand (b, &specs[i]);
  json_builder_end_object (b);
  if (!has_mandatory (specs, n_specs))
    return; /* an empty list is not allowed */
  json_builder_set_member_name (b, "required");
  json_builder_begin_array (b);
  for (size_t i = 0; i < n_specs; i++)
    if (specs[i].default_value == NULL)
      json_builder_add_string_value (b, specs[i].name);
  json_builder_end_array (b);
}

/* ---- the document ---- */

static JsonNode *
new_command_schema (const UmzCommandSpec *command)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  add_text (b, "description", command->summary);
  add_properties (b, command->operands, command->n_operands);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

char *
umz_describe_openapi (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  g_autofree char *frame = umz_template_fill ("openapi.json", "version", UMZ_VERSION, NULL);
  g_autoptr (JsonNode) document = json_from_string (frame, NULL);
  g_assert (document != NULL); /* it is in the program */
  JsonObject *components =
    json_object_get_object_member (json_node_get_object (document), "components");
  JsonObject *schemas = json_object_get_object_member (components, "schemas");
  for (size_t i = 0; i < n_commands; i++)
    json_object_set_member (schemas, commands[i].name, new_command_schema (&commands[i]));
  return json_to_string (document, TRUE);
}
