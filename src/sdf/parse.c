/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parse.c: the grammar.
 *
 * THEORY OF OPERATION
 *
 *   input   = ['/'] name [blanks operand {',' operand}]
 *   operand = [keyword '='] value | (nothing)
 *   value   = word | ['c' | 'x'] quoted
 *
 * source.c has turned the records into one line without comments.  A cursor walks over that line
 * once, never backwards but for the look-ahead of a keyword.  Names are resolved against the table
 * of commands.c as they come; the values are judged in value.c.  When the line is at its end,
 * operands without a value take their default.  Every failure names its column.
 */
#include "sdf/parse.h"

#include "messages/catalogue.h"
#include "sdf/source.h"
#include "sdf/value.h"

#include <string.h>

/* What ends a word. */
#define DELIMITERS " \t\r,=()'\""

struct UmzCommand {
  const UmzCommandSpec *spec;
  UmzOperand *operands; /* owned, spec->n_operands of them */
};

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

static void
read_word (Cursor *cursor, Token *ret_token)
{
  size_t length_bytes = strcspn (get_rest (cursor), DELIMITERS);
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

static bool
read_value (Cursor *cursor, Token *ret_token, GError **error)
{
  const char *rest = get_rest (cursor);
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

  g_autofree char *names =
    dup_names (n_found == 0 ? NULL : word->text, get_command_name, commands, n_commands);
  if (n_found == 0) {
    g_autofree char *read = umz_source_dup_excerpt (source, word->offset, word->length_bytes);
    umz_set_error (error, UMZ_MSG_UMZ0002, read, names, NULL);
  }
  else {
    set_ambiguous (source, word, names, error);
  }
  return NULL;
}

static bool
find_operand (const UmzSource *source, const UmzCommandSpec *spec, const Token *word,
              size_t *ret_index, GError **error)
{
  size_t n_found;
  size_t i = find_name (word->text, get_operand_name, spec->operands, spec->n_operands, &n_found);
  if (n_found == 1) {
    *ret_index = i;
    return true;
  }

  g_autofree char *names = dup_names (n_found == 0 ? NULL : word->text, get_operand_name,
                                      spec->operands, spec->n_operands);
  if (n_found == 0) {
    g_autofree char *column = umz_source_dup_column (source, word->offset);
    g_autofree char *read = umz_source_dup_excerpt (source, word->offset, word->length_bytes);
    umz_set_error (error, UMZ_MSG_UMZ0007, read, column, spec->name, names, NULL);
  }
  else {
    set_ambiguous (source, word, names, error);
  }
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

static bool
read_keyword_operand (Cursor *cursor, UmzCommand *command, GError **error)
{
  size_t index;
  g_auto (Token) keyword = { 0 };
  read_word (cursor, &keyword);
  if (!find_operand (cursor->source, command->spec, &keyword, &index, error))
    return false;

  if (command->operands[index].text != NULL) {
    g_autofree char *column = umz_source_dup_column (cursor->source, keyword.offset);
    umz_set_error (error, UMZ_MSG_UMZ0008, command->spec->operands[index].name, column, NULL);
    return false;
  }
  skip_blanks (cursor);
  (void) accept (cursor, '='); /* is_keyword_next() has seen it */

  g_auto (Token) value = { 0 };
  return read_value (cursor, &value, error) &&
         take_value (cursor->source, &command->spec->operands[index], &value,
                     &command->operands[index], error);
}

/* Refuses a value at a position where none may be. */
static bool
check_position (const UmzSource *source, const UmzCommandSpec *spec, const Token *value,
                size_t position, bool after_keyword, GError **error)
{
  if (!after_keyword && position < spec->n_operands)
    return true;

  g_autofree char *column = umz_source_dup_column (source, value->offset);
  if (after_keyword) {
    g_autofree char *read = umz_source_dup_excerpt (source, value->offset, value->length_bytes);
    umz_set_error (error, UMZ_MSG_UMZ0009, column, read, NULL);
  }
  else {
    g_autofree char *n_operands = g_strdup_printf ("%zu", spec->n_operands);
    umz_set_error (error, UMZ_MSG_UMZ0012, column, spec->name, n_operands, NULL);
  }
  return false;
}

static bool
read_positional_operand (Cursor *cursor, UmzCommand *command, size_t position,
                         bool after_keyword, GError **error)
{
  g_auto (Token) value = { 0 };
  if (!read_value (cursor, &value, error) ||
      !check_position (cursor->source, command->spec, &value, position, after_keyword, error))
    return false;
  if (value.length_bytes == 0)
    return true; /* an empty position stands for the default */
  return take_value (cursor->source, &command->spec->operands[position], &value,
                     &command->operands[position], error);
}

static bool
read_operands (Cursor *cursor, UmzCommand *command, GError **error)
{
  bool after_keyword = false;
  bool has_more = *get_rest (cursor) != '\0';
  for (size_t position = 0; has_more; position++) {
    bool is_keyword = is_keyword_next (cursor);
    if (is_keyword ? !read_keyword_operand (cursor, command, error)
                   : !read_positional_operand (cursor, command, position, after_keyword, error))
      return false;
    after_keyword = after_keyword || is_keyword;

    skip_blanks (cursor);
    has_more = accept (cursor, ',');
    if (!has_more && *get_rest (cursor) != '\0') {
      umz_source_set_syntax_error (cursor->source, cursor->offset, ",", error);
      return false;
    }
  }
  return true;
}

static bool
take_defaults (UmzCommand *command, GError **error)
{
  for (size_t i = 0; i < command->spec->n_operands; i++) {
    const UmzOperandSpec *spec = &command->spec->operands[i];
    UmzOperand *operand = &command->operands[i];
    if (operand->text != NULL)
      continue;
    if (spec->default_value == NULL) {
      umz_set_error (error, UMZ_MSG_UMZ0005, spec->name, command->spec->name, NULL);
      return false;
    }
    *operand = (UmzOperand){
      .kind = UMZ_OPERAND_CONSTANT,
      .text = g_strdup (spec->default_value),
      .original = g_strdup (spec->default_value),
      .is_default = true,
    };
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
  if (!read_operands (&cursor, command, error) || !take_defaults (command, error))
    return false;

  *ret_command = g_steal_pointer (&command);
  return true;
}

void
umz_command_free (UmzCommand *command)
{
  if (command == NULL)
    return;
  for (size_t i = 0; i < command->spec->n_operands; i++) {
    g_free (command->operands[i].text);
    g_free (command->operands[i].original);
  }
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

const UmzOperand *
umz_command_get (const UmzCommand *command, const char *operand_name)
{
  for (size_t i = 0; i < command->spec->n_operands; i++)
    if (strcmp (command->spec->operands[i].name, operand_name) == 0)
      return &command->operands[i];
  g_error ("%s has no operand %s", command->spec->name, operand_name);
}

/* Appends text in quotes, with the quotes inside doubled. */
static void
append_quoted (GString *echo, const char *text)
{
  g_string_append_c (echo, '\'');
  for (const char *p = text; *p != '\0'; p++)
    g_string_append_printf (echo, *p == '\'' ? "%c'" : "%c", *p);
  g_string_append_c (echo, '\'');
}

static void
append_value (GString *echo, const UmzOperandSpec *spec, const UmzOperand *operand)
{
  if (spec->is_secret && operand->kind != UMZ_OPERAND_CONSTANT) {
    g_string_append_c (echo, 'P');
    return;
  }
  if (operand->kind == UMZ_OPERAND_X_STRING)
    g_string_append_c (echo, 'X');
  if (operand->kind == UMZ_OPERAND_C_STRING || operand->kind == UMZ_OPERAND_X_STRING)
    append_quoted (echo, operand->text);
  else
    g_string_append (echo, operand->text);
}

char *
umz_command_dup_echo (const UmzCommand *command)
{
  GString *echo = g_string_new (command->spec->name);
  char separator = ' ';
  for (size_t i = 0; i < command->spec->n_operands; i++) {
    if (command->operands[i].is_default)
      continue;
    g_string_append_printf (echo, "%c%s=", separator, command->spec->operands[i].name);
    append_value (echo, &command->spec->operands[i], &command->operands[i]);
    separator = ',';
  }
  return g_string_free (echo, FALSE);
}
