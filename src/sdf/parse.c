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
 * once, never backwards but for the look-ahead of a keyword.  Names are resolved against the table
 * of commands.c as they come, operands in keyword.c; the values are judged in value.c.  At the end
 * of a level, which is the command or a structure, its operands without a value take their
 * default.  Every failure names its column.
 *
 * How deep structures nest is decided by the table, not by the input.
 */
#include "sdf/parse.h"

#include "base/text.h"
#include "messages/catalogue.h"
#include "sdf/keyword.h"
#include "sdf/pattern.h"
#include "sdf/source.h"
#include "sdf/value.h"

#include <string.h>

/* What ends a word. */
#define DELIMITERS " \t\r,=()'\""

struct UmzCommand {
  const UmzCommandSpec *spec;
  UmzOperand *operands; /* owned, spec->n_operands of them */
};

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

/* Where we are in the input. */
typedef struct {
  const UmzSource *source;
  size_t offset;
} Cursor;

/* A piece of the input. */
typedef struct {
  char *text; /* owned; without quotes */
  UmzQuotes quotes;
  size_t offset;
  size_t length_bytes; /* as it was written */
} Token;

static void
clear_token (Token *token)
{
  g_free (token->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Token, clear_token)

static const char *
get_rest (const Cursor *cursor)
{
  return cursor->source->text + cursor->offset;
}

static void
skip_blanks (Cursor *cursor)
{
  cursor->offset += strspn (get_rest (cursor), " \t\r");
}

/* Steps over c and the blanks after it, if it comes next. */
static bool
accept (Cursor *cursor, char c)
{
  if (*get_rest (cursor) != c)
    return false;
  cursor->offset++;
  skip_blanks (cursor);
  return true;
}

/* A comma between the angle brackets of a pattern does not end the word. */
static size_t
measure_word (const char *rest)
{
  size_t length = 0;
  for (;;) {
    length += strcspn (rest + length, DELIMITERS "<");
    if (rest[length] != '<')
      return length;
    size_t to_end = strcspn (rest + length, ">"
                                            " \t\r=()'\"");
    length += rest[length + to_end] == '>' ? to_end + 1 : 1;
  }
}

static void
read_word (Cursor *cursor, Token *ret_token)
{
  size_t length_bytes = measure_word (get_rest (cursor));
  *ret_token = (Token){
    .text = g_strndup (get_rest (cursor), length_bytes),
    .quotes = UMZ_QUOTES_NONE,
    .offset = cursor->offset,
    .length_bytes = length_bytes,
  };
  cursor->offset += length_bytes;
}

/* Reads from a quote to the one that ends the string; a doubled one stands for itself. */
static bool
read_quoted (Cursor *cursor, UmzQuotes quotes, Token *ret_token, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  size_t begin = cursor->offset;
  cursor->offset += quotes == UMZ_QUOTES_X || *get_rest (cursor) != '\'' ? 2 : 1;

  while (*get_rest (cursor) != '\'' || get_rest (cursor)[1] == '\'') {
    if (*get_rest (cursor) == '\0') {
      umz_source_set_syntax_error (cursor->source, cursor->offset, "'", error);
      return false;
    }
    g_string_append_c (text, *get_rest (cursor));
    cursor->offset += *get_rest (cursor) == '\'' ? 2 : 1;
  }
  cursor->offset++;
  *ret_token = (Token){
    .text = g_string_free (g_steal_pointer (&text), FALSE),
    .quotes = quotes,
    .offset = begin,
    .length_bytes = cursor->offset - begin,
  };
  return true;
}

/* A condition has commas, blanks and quotes of its own; it ends where the level does. */
static bool
read_condition (Cursor *cursor, Token *ret_token, GError **error)
{
  const char *rest = get_rest (cursor);
  size_t length_bytes = 0, n_open = 0;
  bool in_quotes = false;
  for (; rest[length_bytes] != '\0'; length_bytes++) {
    char c = rest[length_bytes];
    if (!in_quotes && n_open == 0 && (c == ',' || c == ')'))
      break;
    in_quotes ^= c == '\'';
    if (!in_quotes)
      n_open += c == '(' ? 1 : c == ')' ? -1
                                        : 0;
  }
  if (in_quotes || n_open > 0) {
    umz_source_set_syntax_error (cursor->source, cursor->offset + length_bytes,
                                 in_quotes ? "'" : ")", error);
    return false;
  }
  *ret_token = (Token){
    .text = g_strchomp (g_strndup (rest, length_bytes)),
    .quotes = UMZ_QUOTES_NONE,
    .offset = cursor->offset,
    .length_bytes = length_bytes,
  };
  cursor->offset += length_bytes;
  return true;
}

static bool
takes_condition (const UmzOperandSpec *spec)
{
  return spec->alternatives[0].kind == UMZ_OPERAND_CONDITION;
}

static bool
read_value (Cursor *cursor, const UmzOperandSpec *spec, Token *ret_token, GError **error)
{
  const char *rest = get_rest (cursor);
  if (takes_condition (spec))
    return read_condition (cursor, ret_token, error);
  if (rest[0] == '\'' || (g_ascii_tolower (rest[0]) == 'c' && rest[1] == '\''))
    return read_quoted (cursor, UMZ_QUOTES_C, ret_token, error);
  if (g_ascii_tolower (rest[0]) == 'x' && rest[1] == '\'')
    return read_quoted (cursor, UMZ_QUOTES_X, ret_token, error);
  read_word (cursor, ret_token);
  return true;
}

/* ---- names ---- */

/* The exact match or the only abbreviation among n names; *ret_n_found tells how many fit. */
static size_t
find_name (const char *word, const char *(*get_name) (const void *, size_t), const void *table,
           size_t n, size_t *ret_n_found)
{
  size_t found = 0;
  *ret_n_found = 0;
  for (size_t i = 0; i < n; i++) {
    UmzMatch match = umz_sdf_match_name (word, get_name (table, i));
    if (match == UMZ_MATCH_NONE)
      continue;
    found = i;
    (*ret_n_found)++;
    if (match == UMZ_MATCH_EXACT) {
      *ret_n_found = 1;
      break;
    }
  }
  return found;
}

/* All names, or with word only those that it abbreviates: "A, B". */
static char *
dup_names (const char *word, const char *(*get_name) (const void *, size_t), const void *table,
           size_t n)
{
  GString *names = g_string_new (NULL);
  for (size_t i = 0; i < n; i++)
    if (word == NULL || umz_sdf_match_name (word, get_name (table, i)) != UMZ_MATCH_NONE)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", get_name (table, i));
  return g_string_free (names, FALSE);
}

static const char *
get_command_name (const void *table, size_t i)
{
  return ((const UmzCommandSpec *) table)[i].name;
}

static const char *
get_operand_name (const void *table, size_t i)
{
  return ((const UmzOperandSpec *) table)[i].name;
}

/* The commands that begin with the same letter as an unknown word; all if there are none. */
static char *
dup_similar_names (const char *word, const UmzCommandSpec *commands, size_t n_commands)
{
  const char letter[] = { word[0], '\0' };
  g_autofree char *names = dup_names (letter, get_command_name, commands, n_commands);
  return names[0] != '\0' ? g_steal_pointer (&names)
                          : dup_names (NULL, get_command_name, commands, n_commands);
}

static void
set_ambiguous (const UmzSource *source, const Token *token, const char *candidates,
               GError **error)
{
  g_autofree char *column = umz_source_dup_column (source, token->offset);
  g_autofree char *read = umz_source_dup_excerpt (source, token->offset, token->length_bytes);
  umz_set_error (error, UMZ_MSG_UMZ0004, read, column, candidates, NULL);
}

static const UmzCommandSpec *
find_command (const UmzSource *source, const Token *word, GError **error)
{
  size_t n_commands;
  size_t n_found;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  size_t i = find_name (word->text, get_command_name, commands, n_commands, &n_found);
  if (n_found == 1)
    return &commands[i];

  g_autofree char *names = n_found == 0
                             ? dup_similar_names (word->text, commands, n_commands)
                             : dup_names (word->text, get_command_name, commands, n_commands);
  if (n_found == 0) {
    g_autofree char *read = umz_source_dup_excerpt (source, word->offset, word->length_bytes);
    umz_set_error (error, UMZ_MSG_UMZ0002, read, names, NULL);
  }
  else {
    set_ambiguous (source, word, names, error);
  }
  return NULL;
}

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

static bool
find_operand (const UmzSource *source, const Level *level, const Token *word,
              UmzKeywordPath *ret_path, GError **error)
{
  size_t n_found = umz_sdf_find_keyword (level->specs, level->n, word->text, ret_path);
  if (n_found == 1)
    return true;
  if (n_found > 1) {
    g_autofree char *candidates =
      umz_sdf_dup_keyword_candidates (level->specs, level->n, word->text);
    set_ambiguous (source, word, candidates, error);
    return false;
  }
  g_autofree char *names = dup_names (NULL, get_operand_name, level->specs, level->n);
  g_autofree char *scope = dup_level_name (level);
  g_autofree char *column = umz_source_dup_column (source, word->offset);
  g_autofree char *read = umz_source_dup_excerpt (source, word->offset, word->length_bytes);
  umz_set_error (error, UMZ_MSG_UMZ0007, read, column, scope, names, NULL);
  return false;
}

/* ---- operands ---- */

static bool
take_value (const UmzSource *source, const UmzOperandSpec *spec, const Token *value,
            UmzOperand *operand, GError **error)
{
  UmzFit fit = umz_value_fit (spec, value->text, value->quotes, operand);
  if (fit == UMZ_FIT_ONE) {
    operand->original = g_strdup (value->text);
    return true;
  }
  if (fit == UMZ_FIT_AMBIGUOUS) {
    g_autofree char *candidates = umz_value_dup_candidates (spec, value->text);
    set_ambiguous (source, value, candidates, error);
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

/* Whether a word and '=' come next. */
static bool
is_keyword_next (const Cursor *cursor)
{
  const char *rest = get_rest (cursor);
  size_t length_bytes = strcspn (rest, DELIMITERS);
  return length_bytes > 0 && rest[length_bytes + strspn (rest + length_bytes, " \t\r")] == '=';
}

static bool read_structure (Cursor *cursor, const Level *parent, const UmzOperandSpec *spec,
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
read_one (Cursor *cursor, const Level *level, const UmzOperandSpec *spec, bool may_be_empty,
          UmzOperand *operand, GError **error)
{
  const UmzAlternative *omissible = find_omissible (spec);
  if (omissible != NULL && *get_rest (cursor) == '(') {
    take_constant (omissible, operand);
    return read_structure (cursor, level, spec, operand, error);
  }
  g_auto (Token) value = { 0 };
  if (!read_value (cursor, spec, &value, error))
    return false;
  if (value.length_bytes == 0 && may_be_empty)
    return true;
  return take_value (cursor->source, spec, &value, operand, error) &&
         read_structure (cursor, level, spec, operand, error);
}

static bool
set_too_many_values (const Cursor *cursor, const UmzOperandSpec *spec, GError **error)
{
  g_autofree char *column = umz_source_dup_column (cursor->source, cursor->offset);
  g_autofree char *most = g_strdup_printf ("%zu", spec->list_max);
  umz_set_error (error, UMZ_MSG_UMZ0018, spec->name, column, most, NULL);
  return false;
}

static bool
read_list (Cursor *cursor, const Level *level, const UmzOperandSpec *spec, UmzOperand *operand,
           GError **error)
{
  (void) accept (cursor, '('); /* the caller has seen it */
  for (size_t n = 1;; n++) {
    if (n > spec->list_max)
      return set_too_many_values (cursor, spec, error);
    if (!read_one (cursor, level, spec, false, operand, error))
      return false;
    skip_blanks (cursor);
    if (accept (cursor, ')'))
      return true;
    if (!accept (cursor, ',')) {
      umz_source_set_syntax_error (cursor->source, cursor->offset, ")", error);
      return false;
    }
    operand->next = g_new0 (UmzOperand, 1);
    operand = operand->next;
  }
}

static bool
read_values (Cursor *cursor, const Level *level, size_t index, bool may_be_empty,
             UmzOperand *operands, GError **error)
{
  const UmzOperandSpec *spec = &level->specs[index];
  bool is_list = spec->list_max > 0 && *get_rest (cursor) == '(' && find_omissible (spec) == NULL;
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
set_second_time (const Cursor *cursor, const char *name, size_t offset, GError **error)
{
  g_autofree char *column = umz_source_dup_column (cursor->source, offset);
  umz_set_error (error, UMZ_MSG_UMZ0008, name, column, NULL);
  return false;
}

/* Gives the operand the value whose structure a keyword introduces, unless it has it already. */
static bool
introduce (const Cursor *cursor, const UmzOperandSpec *spec, const UmzAlternative *alternative,
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
read_at (Cursor *cursor, const Level *level, const UmzKeywordPath *path, size_t step,
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
read_keyword_operand (Cursor *cursor, const Level *level, UmzOperand *operands, GError **error)
{
  UmzKeywordPath path;
  g_auto (Token) keyword = { 0 };
  read_word (cursor, &keyword);
  if (!find_operand (cursor->source, level, &keyword, &path, error))
    return false;
  skip_blanks (cursor);
  (void) accept (cursor, '='); /* is_keyword_next() has seen it */
  return read_at (cursor, level, &path, 0, keyword.offset, operands, error);
}

/* Refuses a value at a position where none may be. */
static bool
check_position (const Cursor *cursor, const Level *level, size_t position, bool after_keyword,
                GError **error)
{
  if (!after_keyword && position < level->n)
    return true;

  g_autofree char *column = umz_source_dup_column (cursor->source, cursor->offset);
  if (after_keyword) {
    size_t length_bytes = measure_word (get_rest (cursor));
    g_autofree char *read = umz_source_dup_excerpt (cursor->source, cursor->offset, length_bytes);
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
read_operands (Cursor *cursor, const Level *level, UmzOperand *operands, GError **error)
{
  bool after_keyword = false;
  bool has_more = *get_rest (cursor) != level->end;
  for (size_t position = 0; has_more; position++) {
    if (is_keyword_next (cursor)) {
      after_keyword = true;
      if (!read_keyword_operand (cursor, level, operands, error))
        return false;
    }
    /* an empty position stands for the default */
    else if (!check_position (cursor, level, position, after_keyword, error) ||
             !read_values (cursor, level, position, true, operands, error))
      return false;

    skip_blanks (cursor);
    has_more = accept (cursor, ',');
    if (!has_more && *get_rest (cursor) != level->end) {
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
read_structure (Cursor *cursor, const Level *parent, const UmzOperandSpec *spec,
                UmzOperand *operand, GError **error)
{
  if (operand->alternative->n_members == 0)
    return true;
  Level level = make_structure_level (parent, spec, operand->alternative);
  operand->members = g_new0 (UmzOperand, level.n);
  size_t before = cursor->offset;
  skip_blanks (cursor);
  if (!accept (cursor, '(')) {
    cursor->offset = before;
    return take_defaults (&level, operand->members, error);
  }
  if (!read_operands (cursor, &level, operand->members, error))
    return false;
  (void) accept (cursor, ')'); /* read_operands() has seen it */
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
read_name (Cursor *cursor, GError **error)
{
  g_auto (Token) name = { 0 };
  skip_blanks (cursor);
  read_word (cursor, &name);
  if (name.length_bytes == 0) {
    umz_source_set_syntax_error (cursor->source, cursor->offset, "<command>", error);
    return NULL;
  }
  const UmzCommandSpec *spec = find_command (cursor->source, &name, error);
  if (spec == NULL)
    return NULL;

  size_t end = cursor->offset;
  skip_blanks (cursor);
  if (cursor->offset == end && *get_rest (cursor) != '\0') {
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

  Cursor cursor = { .source = source };
  const UmzCommandSpec *spec = read_name (&cursor, error);
  if (spec == NULL)
    return false;

  g_autoptr (UmzCommand) command = g_new (UmzCommand, 1);
  *command = (UmzCommand){ .spec = spec, .operands = g_new0 (UmzOperand, spec->n_operands) };
  const Level level = { .specs = spec->operands, .n = spec->n_operands, .command = spec->name };
  if (!read_operands (&cursor, &level, command->operands, error) ||
      !take_defaults (&level, command->operands, error))
    return false;

  *ret_command = g_steal_pointer (&command);
  return true;
}

static void
clear_operand (UmzOperand *operand)
{
  size_t n_members = operand->members != NULL ? operand->alternative->n_members : 0;
  for (size_t i = 0; i < n_members; i++)
    clear_operand (&operand->members[i]);
  g_free (operand->members);
  g_free (operand->text);
  g_free (operand->original);
  if (operand->next != NULL) /* as many as the table allows */
    clear_operand (operand->next);
  g_free (operand->next);
}

void
umz_command_free (UmzCommand *command)
{
  if (command == NULL)
    return;
  for (size_t i = 0; i < command->spec->n_operands; i++)
    clear_operand (&command->operands[i]);
  g_free (command->operands);
  g_free (command);
}

const UmzCommandSpec *
umz_command_get_spec (const UmzCommand *command)
{
  return command->spec;
}

const char *
umz_command_get_name (const UmzCommand *command)
{
  return command->spec->name;
}

static const UmzOperand *
get_by_name (const UmzOperandSpec *specs, size_t n, const UmzOperand *operands, const char *name)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp (specs[i].name, name) == 0)
      return &operands[i];
  g_error ("there is no operand %s", name);
}

const UmzOperand *
umz_command_get (const UmzCommand *command, const char *operand_name)
{
  return get_by_name (command->spec->operands, command->spec->n_operands, command->operands,
                      operand_name);
}

const UmzOperand *
umz_operand_get (const UmzOperand *operand, const char *member_name)
{
  return get_by_name (operand->alternative->members, operand->alternative->n_members,
                      operand->members, member_name);
}

bool
umz_operand_selects (const UmzOperand *operand, const char *name)
{
  if (operand->kind == UMZ_OPERAND_CONSTANT)
    return true;
  return operand->is_pattern ? umz_pattern_selects (operand->text, name)
                             : umz_text_is_same_name (operand->text, name);
}

void
umz_sdf_append_quoted (GString *text, const char *value)
{
  g_string_append_c (text, '\'');
  for (const char *p = value; *p != '\0'; p++)
    g_string_append_printf (text, *p == '\'' ? "%c'" : "%c", *p);
  g_string_append_c (text, '\'');
}

static void
append_simple (GString *echo, const UmzOperandSpec *spec, const UmzOperand *operand)
{
  if (spec->is_secret && operand->kind != UMZ_OPERAND_CONSTANT) {
    g_string_append_c (echo, 'P');
    return;
  }
  if (operand->kind == UMZ_OPERAND_X_STRING)
    g_string_append_c (echo, 'X');
  if (operand->kind == UMZ_OPERAND_C_STRING || operand->kind == UMZ_OPERAND_X_STRING)
    umz_sdf_append_quoted (echo, operand->text);
  else
    g_string_append (echo, operand->text);
}

static void append_operands (GString *echo, const UmzOperandSpec *specs, size_t n,
                             const UmzOperand *operands);

static bool
has_given_members (const UmzOperand *operand)
{
  for (size_t i = 0; operand->members != NULL && i < operand->alternative->n_members; i++)
    if (!operand->members[i].is_default)
      return true;
  return false;
}

static void
append_value (GString *echo, const UmzOperandSpec *spec, const UmzOperand *operand)
{
  append_simple (echo, spec, operand);
  if (!has_given_members (operand))
    return;
  g_string_append_c (echo, '(');
  append_operands (echo, operand->alternative->members, operand->alternative->n_members,
                   operand->members);
  g_string_append_c (echo, ')');
}

static void
append_list (GString *echo, const UmzOperandSpec *spec, const UmzOperand *operand)
{
  if (operand->next == NULL) {
    append_value (echo, spec, operand);
    return;
  }
  for (char before = '('; operand != NULL; before = ',', operand = operand->next) {
    g_string_append_c (echo, before);
    append_value (echo, spec, operand);
  }
  g_string_append_c (echo, ')');
}

/* Those that were given, with commas between. */
static void
append_operands (GString *echo, const UmzOperandSpec *specs, size_t n, const UmzOperand *operands)
{
  bool is_first = true;
  for (size_t i = 0; i < n; i++) {
    if (operands[i].is_default)
      continue;
    g_string_append_printf (echo, "%s%s=", is_first ? "" : ",", specs[i].name);
    append_list (echo, &specs[i], &operands[i]);
    is_first = false;
  }
}

char *
umz_command_dup_echo (const UmzCommand *command)
{
  g_autoptr (GString) operands = g_string_new (NULL);
  append_operands (operands, command->spec->operands, command->spec->n_operands,
                   command->operands);
  return operands->len > 0 ? g_strdup_printf ("%s %s", command->spec->name, operands->str)
                           : g_strdup (command->spec->name);
}
