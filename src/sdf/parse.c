/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parse.c: the grammar.
 *
 * THEORY OF OPERATION
 *
 *   input     = ['/'] name [blanks operands]
 *   operands  = operand {',' operand}
 *   operand   = [keyword '='] (list | value) | (nothing)
 *   list      = '(' value {',' value} ')'
 *   value     = simple [structure] | structure | condition
 *   structure = '(' operands ')'
 *   simple    = word | ['c' | 'x'] quoted
 *   condition = anything up to a comma or ')' outside of its own parentheses and quotes
 *
 * source.c has turned the records into one line without comments.  A cursor walks over that line
 * once, never backwards but for the look-ahead of a keyword, and token.c cuts it up.  Names are
 * resolved against the table of commands.c as they come, the command in resolve.c, operands in
 * keyword.c; the values are judged in value.c.  At the end
 * of a level, which is the command or a structure, its operands without a value take their
 * default.  Every failure names its column.
 *
 * How deep structures nest is decided by the table, not by the input.
 */
#include "sdf/parse.h"

#include "messages/catalogue.h"
#include "sdf/keyword.h"
#include "sdf/resolve.h"
#include "sdf/source.h"
#include "sdf/token.h"
#include "sdf/value.h"

/* A command or a structure: what the operands of one scope are. */
typedef struct Level {
  const UmzOperandSpec *specs;
  size_t n;
  char end;                   /* what it ends with */
  const char *command;        /* its name */
  const struct Level *parent; /* of a structure, and whose value it is */
  const UmzOperandSpec *owner;
  const UmzAlternative *value;
} Level;

/* "MIGRATE-VM", or "ADD-VM-DEVICES UNITS=*DEVICE-RANGE" of the structure of a value. */
static char *
dup_level_name (const Level *level)
{
  if (level->parent == NULL)
    return g_strdup (level->command);
  g_autofree char *outer = dup_level_name (level->parent);
  return g_strdup_printf ("%s %s=%s", outer, level->owner->name,
                          level->value->constant != NULL ? level->value->constant : "");
}

static char *
dup_operand_names (const Level *level)
{
  GString *names = g_string_new (NULL);
  for (size_t i = 0; i < level->n; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", level->specs[i].name);
  return g_string_free (names, FALSE);
}

static bool
find_operand (const UmzSource *source, const Level *level, const UmzToken *word,
              UmzKeywordPath *ret_path, GError **error)
{
  size_t n_found = umz_sdf_find_keyword (level->specs, level->n, word->text, ret_path);
  if (n_found == 1)
    return true;
  if (n_found > 1) {
    g_autofree char *candidates =
      umz_sdf_dup_keyword_candidates (level->specs, level->n, word->text);
    umz_source_set_ambiguous (source, word->offset, word->length_bytes, candidates, error);
    return false;
  }
  g_autofree char *names = dup_operand_names (level);
  g_autofree char *scope = dup_level_name (level);
  g_autofree char *column = umz_source_dup_column (source, word->offset);
  g_autofree char *read = umz_source_dup_excerpt (source, word->offset, word->length_bytes);
  umz_set_error (error, UMZ_MSG_UMZ0007, read, column, scope, names, NULL);
  return false;
}

/* ---- operands ---- */

static bool
take_value (const UmzSource *source, const UmzOperandSpec *spec, const UmzToken *value,
            UmzOperand *operand, GError **error)
{
  UmzFit fit = umz_value_fit (spec, value->text, value->quotes, operand);
  if (fit == UMZ_FIT_ONE) {
    operand->original = g_strdup (value->text);
    return true;
  }
  if (fit == UMZ_FIT_AMBIGUOUS) {
    g_autofree char *candidates = umz_value_dup_candidates (spec, value->text);
    umz_source_set_ambiguous (source, value->offset, value->length_bytes, candidates, error);
    return false;
  }
  g_autofree char *column = umz_source_dup_column (source, value->offset);
  g_autofree char *allowed = umz_operand_spec_dup_syntax (spec);
  g_autofree char *read =
    spec->is_secret ? g_strdup ("P")
                    : umz_source_dup_excerpt (source, value->offset, value->length_bytes);
  umz_set_error (error, UMZ_MSG_UMZ0003, spec->name, column, read, allowed, NULL);
  return false;
}

static bool
read_value (UmzCursor *cursor, const UmzOperandSpec *spec, UmzToken *ret_token, GError **error)
{
  return spec->alternatives[0].kind == UMZ_OPERAND_CONDITION
           ? umz_cursor_read_condition (cursor, ret_token, error)
           : umz_cursor_read_value (cursor, ret_token, error);
}

static bool read_structure (UmzCursor *cursor, const Level *parent, const UmzOperandSpec *spec,
                            UmzOperand *operand, GError **error);

static const UmzAlternative *
find_omissible (const UmzOperandSpec *spec)
{
  for (size_t i = 0; i < spec->n_alternatives; i++)
    if (spec->alternatives[i].may_be_omitted)
      return &spec->alternatives[i];
  return NULL;
}

static void
take_constant (const UmzAlternative *alternative, UmzOperand *operand)
{
  operand->alternative = alternative;
  operand->kind = UMZ_OPERAND_CONSTANT;
  operand->text = g_strdup (alternative->constant);
  operand->original = g_strdup (alternative->constant);
}

/* One value with its structure; nothing at all leaves the operand as it is, if that may be. */
static bool
read_one (UmzCursor *cursor, const Level *level, const UmzOperandSpec *spec, bool may_be_empty,
          UmzOperand *operand, GError **error)
{
  const UmzAlternative *omissible = find_omissible (spec);
  if (omissible != NULL && *umz_cursor_get_rest (cursor) == '(') {
    take_constant (omissible, operand);
    return read_structure (cursor, level, spec, operand, error);
  }
  g_auto (UmzToken) value = { 0 };
  if (!read_value (cursor, spec, &value, error))
    return false;
  if (value.length_bytes == 0 && may_be_empty)
    return true;
  return take_value (cursor->source, spec, &value, operand, error) &&
         read_structure (cursor, level, spec, operand, error);
}

static bool
set_too_many_values (const UmzCursor *cursor, const UmzOperandSpec *spec, GError **error)
{
  g_autofree char *column = umz_source_dup_column (cursor->source, cursor->offset);
  g_autofree char *most = g_strdup_printf ("%zu", spec->list_max);
  umz_set_error (error, UMZ_MSG_UMZ0018, spec->name, column, most, NULL);
  return false;
}

static bool
read_list (UmzCursor *cursor, const Level *level, const UmzOperandSpec *spec, UmzOperand *operand,
           GError **error)
{
  (void) umz_cursor_accept (cursor, '('); /* the caller has seen it */
  for (size_t n = 1;; n++) {
    if (n > spec->list_max)
      return set_too_many_values (cursor, spec, error);
    if (!read_one (cursor, level, spec, false, operand, error))
      return false;
    umz_cursor_skip_blanks (cursor);
    if (umz_cursor_accept (cursor, ')'))
      return true;
    if (!umz_cursor_accept (cursor, ',')) {
      umz_source_set_syntax_error (cursor->source, cursor->offset, ")", error);
      return false;
    }
    operand->next = g_new0 (UmzOperand, 1);
    operand = operand->next;
  }
}

static bool
read_values (UmzCursor *cursor, const Level *level, size_t index, bool may_be_empty,
             UmzOperand *operands, GError **error)
{
  const UmzOperandSpec *spec = &level->specs[index];
  bool is_list =
    spec->list_max > 0 && find_omissible (spec) == NULL && *umz_cursor_get_rest (cursor) == '(';
  return is_list ? read_list (cursor, level, spec, &operands[index], error)
                 : read_one (cursor, level, spec, may_be_empty, &operands[index], error);
}

static Level
make_structure_level (const Level *parent, const UmzOperandSpec *owner,
                      const UmzAlternative *value)
{
  return (Level){
    .specs = value->members,
    .n = value->n_members,
    .end = ')',
    .command = parent->command,
    .parent = parent,
    .owner = owner,
    .value = value,
  };
}

static bool
set_second_time (const UmzCursor *cursor, const char *name, size_t offset, GError **error)
{
  g_autofree char *column = umz_source_dup_column (cursor->source, offset);
  umz_set_error (error, UMZ_MSG_UMZ0008, name, column, NULL);
  return false;
}

/* Gives the operand the value whose structure a keyword introduces, unless it has it already. */
static bool
introduce (const UmzCursor *cursor, const UmzOperandSpec *spec, const UmzAlternative *alternative,
           size_t offset, UmzOperand *operand, GError **error)
{
  if (operand->is_implicit && operand->alternative == alternative)
    return true;
  if (operand->text != NULL)
    return set_second_time (cursor, spec->name, offset, error);
  take_constant (alternative, operand);
  operand->is_implicit = true;
  operand->members = g_new0 (UmzOperand, alternative->n_members);
  return true;
}

/* Reads the operand at the end of the path, from this step of it on. */
static bool
read_at (UmzCursor *cursor, const Level *level, const UmzKeywordPath *path, size_t step,
         size_t offset, UmzOperand *operands, GError **error)
{
  if (step == path->depth)
    return operands[path->operand].text != NULL
             ? set_second_time (cursor, path->spec->name, offset, error)
             : read_values (cursor, level, path->operand, false, operands, error);

  size_t index = path->steps[step].operand;
  const UmzOperandSpec *owner = &level->specs[index];
  const UmzAlternative *alternative = path->steps[step].alternative;
  Level structure = make_structure_level (level, owner, alternative);
  return introduce (cursor, owner, alternative, offset, &operands[index], error) &&
         read_at (cursor, &structure, path, step + 1, offset, operands[index].members, error);
}

static bool
read_keyword_operand (UmzCursor *cursor, const Level *level, UmzOperand *operands, GError **error)
{
  UmzKeywordPath path;
  g_auto (UmzToken) keyword = { 0 };
  umz_cursor_read_word (cursor, &keyword);
  if (!find_operand (cursor->source, level, &keyword, &path, error))
    return false;
  umz_cursor_skip_blanks (cursor);
  (void) umz_cursor_accept (cursor, '='); /* umz_cursor_is_at_keyword() has seen it */
  return read_at (cursor, level, &path, 0, keyword.offset, operands, error);
}

/* Refuses a value at a position where none may be. */
static bool
check_position (const UmzCursor *cursor, const Level *level, size_t position, bool after_keyword,
                GError **error)
{
  if (!after_keyword && position < level->n)
    return true;

  g_autofree char *column = umz_source_dup_column (cursor->source, cursor->offset);
  if (after_keyword) {
    UmzCursor ahead = *cursor;
    g_auto (UmzToken) word = { 0 };
    umz_cursor_read_word (&ahead, &word);
    g_autofree char *read =
      umz_source_dup_excerpt (cursor->source, word.offset, word.length_bytes);
    umz_set_error (error, UMZ_MSG_UMZ0009, column, read, NULL);
  }
  else {
    g_autofree char *n_operands = g_strdup_printf ("%zu", level->n);
    g_autofree char *scope = dup_level_name (level);
    umz_set_error (error, UMZ_MSG_UMZ0012, column, scope, n_operands, NULL);
  }
  return false;
}

static bool
read_operands (UmzCursor *cursor, const Level *level, UmzOperand *operands, GError **error)
{
  bool after_keyword = false;
  bool has_more = *umz_cursor_get_rest (cursor) != level->end;
  for (size_t position = 0; has_more; position++) {
    if (umz_cursor_is_at_keyword (cursor)) {
      after_keyword = true;
      if (!read_keyword_operand (cursor, level, operands, error))
        return false;
    }
    /* an empty position stands for the default */
    else if (!check_position (cursor, level, position, after_keyword, error) ||
             !read_values (cursor, level, position, true, operands, error))
      return false;

    umz_cursor_skip_blanks (cursor);
    has_more = umz_cursor_accept (cursor, ',');
    if (!has_more && *umz_cursor_get_rest (cursor) != level->end) {
      umz_source_set_syntax_error (cursor->source, cursor->offset,
                                   level->end == '\0' ? "," : ")", error);
      return false;
    }
  }
  return true;
}

static bool take_defaults (const Level *level, UmzOperand *operands, GError **error);

/* The structure of a value that has one, given or left out. */
static bool
read_structure (UmzCursor *cursor, const Level *parent, const UmzOperandSpec *spec,
                UmzOperand *operand, GError **error)
{
  if (operand->alternative->n_members == 0)
    return true;
  Level level = make_structure_level (parent, spec, operand->alternative);
  operand->members = g_new0 (UmzOperand, level.n);
  size_t before = cursor->offset;
  umz_cursor_skip_blanks (cursor);
  if (!umz_cursor_accept (cursor, '(')) {
    cursor->offset = before;
    return take_defaults (&level, operand->members, error);
  }
  if (!read_operands (cursor, &level, operand->members, error))
    return false;
  (void) umz_cursor_accept (cursor, ')'); /* read_operands() has seen it */
  return take_defaults (&level, operand->members, error);
}

static const UmzAlternative *
find_constant (const UmzOperandSpec *spec, const char *constant)
{
  for (size_t i = 0; i < spec->n_alternatives; i++)
    if (g_strcmp0 (spec->alternatives[i].constant, constant) == 0)
      return &spec->alternatives[i];
  g_error ("%s: its default %s is none of its values", spec->name, constant);
}

static bool
take_default (const Level *level, const UmzOperandSpec *spec, UmzOperand *operand, GError **error)
{
  if (spec->default_value == NULL) {
    g_autofree char *scope = dup_level_name (level);
    umz_set_error (error, UMZ_MSG_UMZ0005, spec->name, scope, NULL);
    return false;
  }
  take_constant (find_constant (spec, spec->default_value), operand);
  operand->is_default = true;
  if (operand->alternative->n_members == 0)
    return true;
  Level structure = make_structure_level (level, spec, operand->alternative);
  operand->members = g_new0 (UmzOperand, structure.n);
  return take_defaults (&structure, operand->members, error);
}

static bool
take_defaults (const Level *level, UmzOperand *operands, GError **error)
{
  for (size_t i = 0; i < level->n; i++) {
    if (operands[i].text == NULL && !take_default (level, &level->specs[i], &operands[i], error))
      return false;
    if (!operands[i].is_implicit)
      continue;
    Level structure = make_structure_level (level, &level->specs[i], operands[i].alternative);
    if (!take_defaults (&structure, operands[i].members, error))
      return false;
  }
  return true;
}

/* ---- the command ---- */

static const UmzCommandSpec *
read_name (UmzCursor *cursor, GError **error)
{
  g_auto (UmzToken) name = { 0 };
  umz_cursor_skip_blanks (cursor);
  umz_cursor_read_word (cursor, &name);
  if (name.length_bytes == 0) {
    umz_source_set_syntax_error (cursor->source, cursor->offset, "<command>", error);
    return NULL;
  }
  const UmzCommandSpec *spec = umz_sdf_resolve_command (cursor->source, &name, error);
  if (spec == NULL)
    return NULL;

  size_t end = cursor->offset;
  umz_cursor_skip_blanks (cursor);
  if (cursor->offset == end && *umz_cursor_get_rest (cursor) != '\0') {
    umz_source_set_syntax_error (cursor->source, end, "<blank>", error);
    return NULL;
  }
  return spec;
}

bool
umz_sdf_parse (const char *text, UmzCommand **ret_command, GError **error)
{
  g_autoptr (UmzSource) source = umz_source_new (text, error);
  if (source == NULL)
    return false;

  UmzCursor cursor = { .source = source };
  const UmzCommandSpec *spec = read_name (&cursor, error);
  if (spec == NULL)
    return false;

  g_autoptr (UmzCommand) command = umz_command_new (spec);
  UmzOperand *operands = umz_command_get_operands (command);
  const Level level = { .specs = spec->operands, .n = spec->n_operands, .command = spec->name };
  if (!read_operands (&cursor, &level, operands, error) ||
      !take_defaults (&level, operands, error))
    return false;

  *ret_command = g_steal_pointer (&command);
  return true;
}
