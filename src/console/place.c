/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* place.c: a walk over the text of a command that is not complete.
 *
 * THEORY OF OPERATION
 *
 * The grammar is that of sdf/parse.c.  A walk goes over the text once and keeps a level for the
 * command and for each structure that is open: whose operands they are, at which position we are,
 * and whose value the word is that is being read.  Nothing is judged; what cannot be understood
 * ends the walk with NOWHERE.  The table limits how deep levels nest.
 */
#include "console/place.h"

#include <glib.h>
#include <string.h>

#include "sdf/keyword.h"
#include "sdf/words.h"

#define BLANKS " \t\r"

typedef struct {
  const UmzOperandSpec *specs; /* of the command or structure */
  size_t n_specs;
  uint64_t given;
  size_t position;
  const UmzOperandSpec *operand; /* whose value comes */
  bool is_named;                 /* by a keyword */
  bool after_keyword;            /* positions count no more */
  bool in_list;
} Level;

typedef struct {
  const char *rest; /* not read yet */
  const char *word; /* begin of the word that is read */
  bool is_ended;    /* blanks stand behind it */
  bool has_value;   /* a list or structure that is closed stands there */
  Level levels[UMZ_SDF_DEPTH_MAX + 1];
  size_t depth; /* index of the innermost level */
  UmzCursorPlace *place;
} Walk;

static Level *
get_level (Walk *walk)
{
  return &walk->levels[walk->depth];
}

static size_t
get_word_length (const Walk *walk)
{
  size_t length = (size_t) (walk->rest - walk->word);
  while (length > 0 && strchr (BLANKS, walk->word[length - 1]) != NULL)
    length--;
  return length;
}

static void
begin_word (Walk *walk)
{
  walk->rest += strspn (walk->rest, BLANKS);
  walk->word = walk->rest;
  walk->is_ended = false;
  walk->has_value = false;
}

static void
begin_operand (Walk *walk)
{
  Level *level = get_level (walk);
  bool has_position = !level->after_keyword && level->position < level->n_specs;
  level->operand = has_position ? &level->specs[level->position] : NULL;
  level->is_named = false;
  begin_word (walk);
}

static bool
takes_condition (const UmzOperandSpec *spec)
{
  return spec != NULL && spec->alternatives[0].kind == UMZ_OPERAND_CONDITION;
}

/* ---- secrets ---- */

static bool
has_secret_operand (const UmzOperandSpec *specs, size_t n_specs)
{
  for (size_t i = 0; i < n_specs; i++) {
    if (specs[i].is_secret)
      return true;
    for (size_t k = 0; k < specs[i].n_alternatives; k++)
      if (has_secret_operand (specs[i].alternatives[k].members,
                              specs[i].alternatives[k].n_members))
        return true;
  }
  return false;
}

static void
note_unknown (Walk *walk)
{
  const UmzCommandSpec *command = walk->place->command;
  walk->place->may_have_secret |= has_secret_operand (command->operands, command->n_operands);
}

/* A constant is none. */
static void
note_value (Walk *walk)
{
  const Level *level = get_level (walk);
  bool is_variable = get_word_length (walk) > 0 && *walk->word != '*';
  if (is_variable && level->operand != NULL)
    walk->place->has_secret |= level->operand->is_secret;
  else if (is_variable)
    note_unknown (walk);
}

/* ---- one character ---- */

static void
end_operand (Walk *walk)
{
  Level *level = get_level (walk);
  bool is_filled = get_word_length (walk) > 0 || walk->has_value;
  note_value (walk);
  if (!level->is_named && is_filled && level->position < level->n_specs)
    level->given |= UINT64_C (1) << level->position;
  level->position++;
}

static void
read_keyword (Walk *walk)
{
  UmzKeywordPath path;
  Level *level = get_level (walk);
  g_autofree char *name = g_strndup (walk->word, get_word_length (walk));
  bool is_known = umz_sdf_find_keyword (level->specs, level->n_specs, name, &path) == 1;
  level->operand = is_known ? path.spec : NULL;
  level->is_named = true;
  level->after_keyword = true;
  if (is_known)
    level->given |= UINT64_C (1)
                    << (path.depth > 0 ? path.steps[0].operand : path.operand);
}

/* The structure that an opening parenthesis begins; NULL: it is none. */
static const UmzAlternative *
find_structure (Walk *walk)
{
  const UmzOperandSpec *spec = get_level (walk)->operand;
  g_autofree char *word = g_strndup (walk->word, get_word_length (walk));
  const char *name = word + (word[0] == '*');
  for (size_t i = 0; spec != NULL && i < spec->n_alternatives; i++) {
    const UmzAlternative *alternative = &spec->alternatives[i];
    bool is_meant = word[0] == '\0' ? alternative->may_be_omitted
                                    : alternative->n_members > 0 &&
                                        umz_sdf_match_name (name, alternative->constant + 1) !=
                                          UMZ_MATCH_NONE;
    if (is_meant)
      return alternative;
  }
  return NULL;
}

static bool
open_parenthesis (Walk *walk)
{
  Level *level = get_level (walk);
  const UmzAlternative *structure = find_structure (walk);
  bool is_list = structure == NULL && get_word_length (walk) == 0 && level->operand != NULL &&
                 level->operand->list_max > 0 && !level->in_list;
  walk->rest++;
  if (is_list) {
    level->in_list = true;
    begin_word (walk);
    return true;
  }
  if (structure == NULL || walk->depth == UMZ_SDF_DEPTH_MAX)
    return false;
  walk->depth++;
  *get_level (walk) = (Level){ .specs = structure->members, .n_specs = structure->n_members };
  begin_operand (walk);
  return true;
}

static bool
close_parenthesis (Walk *walk)
{
  if (!get_level (walk)->in_list && walk->depth == 0)
    return false;
  note_value (walk);
  if (get_level (walk)->in_list)
    get_level (walk)->in_list = false;
  else
    walk->depth--;
  walk->rest++;
  begin_word (walk);
  walk->has_value = true;
  return true;
}

/* Steps over the quotes; false: they are still open. */
static bool
skip_quotes (Walk *walk)
{
  const char *text = walk->rest + 1, *p = text;
  for (; *p != '\0' && (*p != '\'' || p[1] == '\''); p++)
    p += *p == '\'';
  walk->rest = p + (*p == '\'');
  if (*p == '\'')
    return true;
  note_value (walk);
  walk->word = text;
  walk->place->is_quoted = true;
  return false;
}

static bool
skip_to (Walk *walk, char end)
{
  const char *found = strchr (walk->rest + 1, end);
  walk->rest = found != NULL ? found + 1 : walk->rest + strlen (walk->rest);
  return found != NULL;
}

/* Stands for blanks. */
static bool
skip_comment (Walk *walk)
{
  bool has_value = walk->has_value, is_in_front = get_word_length (walk) == 0;
  if (!skip_to (walk, '"'))
    return false;
  if (is_in_front)
    begin_word (walk);
  walk->has_value = has_value;
  walk->is_ended = !is_in_front;
  return true;
}

/* A condition goes to a comma or ')' outside of its own parentheses and quotes. */
static bool
skip_condition (Walk *walk)
{
  size_t n_open = 0;
  bool in_quotes = false;
  for (; *walk->rest != '\0'; walk->rest++) {
    char c = *walk->rest;
    if (!in_quotes && n_open == 0 && (c == ',' || c == ')'))
      return true;
    in_quotes ^= c == '\'';
    if (!in_quotes)
      n_open += c == '(' ? 1 : c == ')' ? -1
                                        : 0;
  }
  return false;
}

typedef enum {
  GO_ON,
  IN_WORD, /* the text ends within the word */
  IN_TEXT,
  LOST,
} Step;

/* A value that is complete: only what ends it may follow. */
static bool
is_complete (const Walk *walk)
{
  return (walk->is_ended && get_word_length (walk) > 0) || walk->has_value;
}

static Step
read_delimiter (Walk *walk)
{
  switch (*walk->rest) {
  case '=':
    read_keyword (walk);
    walk->rest++;
    begin_word (walk);
    return GO_ON;
  case ',':
    if (get_level (walk)->in_list) {
      note_value (walk);
      walk->rest++;
      begin_word (walk);
      return GO_ON;
    }
    end_operand (walk);
    walk->rest++;
    begin_operand (walk);
    return GO_ON;
  case '(': return open_parenthesis (walk) ? GO_ON : LOST;
  case ')': return close_parenthesis (walk) ? GO_ON : LOST;
  case '\'':
    if (is_complete (walk))
      return LOST;
    return skip_quotes (walk) ? GO_ON : IN_WORD;
  case '"': return skip_comment (walk) ? GO_ON : IN_TEXT;
  case '<': return skip_to (walk, '>') ? GO_ON : IN_WORD;
  default:
    walk->rest += strspn (walk->rest, BLANKS);
    walk->is_ended = true;
    return GO_ON;
  }
}

static bool
is_condition_next (Walk *walk)
{
  const Level *level = get_level (walk);
  return takes_condition (level->operand) && walk->rest == walk->word && *walk->rest != '\0' &&
         (level->is_named || *walk->rest == '(');
}

static Step
read_some (Walk *walk)
{
  if (is_condition_next (walk) && !skip_condition (walk))
    return IN_TEXT;
  if (*walk->rest == '\0')
    return IN_WORD;
  size_t length = strcspn (walk->rest, BLANKS ",=()'\"<");
  if (length == 0)
    return read_delimiter (walk);
  if (is_complete (walk))
    return LOST;
  walk->rest += length;
  return GO_ON;
}

/* ---- the whole ---- */

static void
describe_end (Walk *walk, Step end)
{
  UmzCursorPlace *place = walk->place;
  const Level *level = get_level (walk);
  note_value (walk);
  place->typed = walk->word;
  place->specs = level->specs;
  place->n_specs = level->n_specs;
  place->given = level->given;
  place->operand = level->operand;
  place->is_first = level->position == 0 && level->given == 0 && !level->after_keyword;
  if (end == IN_TEXT)
    place->kind = UMZ_PLACE_TEXT;
  else if (!place->is_quoted && is_complete (walk))
    place->kind = UMZ_PLACE_NOWHERE;
  else
    place->kind = level->is_named || level->in_list || place->is_quoted ? UMZ_PLACE_VALUE
                                                                        : UMZ_PLACE_OPERAND;
}

static void
walk_operands (const char *rest, UmzCursorPlace *place)
{
  Step step;
  Walk walk = { .rest = rest, .place = place };
  walk.levels[0].specs = place->command->operands;
  walk.levels[0].n_specs = place->command->n_operands;
  begin_operand (&walk);
  do
    step = read_some (&walk);
  while (step == GO_ON);
  if (step != LOST) {
    describe_end (&walk, step);
    return;
  }
  note_unknown (&walk);
  place->typed = walk.rest + strlen (walk.rest);
  place->kind = UMZ_PLACE_NOWHERE;
}

void
umz_place_find (const char *text, UmzCursorPlace *ret_place)
{
  text += strspn (text, BLANKS);
  text += *text == '/';
  text += strspn (text, BLANKS);
  size_t length = strcspn (text, BLANKS);
  *ret_place = (UmzCursorPlace){ .kind = UMZ_PLACE_COMMAND, .typed = text };
  if (text[length] == '\0')
    return;
  g_autofree char *name = g_strndup (text, length);
  const char *rest = text + length + strspn (text + length, BLANKS);
  ret_place->typed = rest;
  ret_place->word = umz_word_find (name);
  ret_place->command = ret_place->word == NULL ? umz_sdf_find_command (name) : NULL;
  if (ret_place->command != NULL)
    walk_operands (rest, ret_place);
  else if (ret_place->word != NULL)
    ret_place->kind = UMZ_PLACE_ARGUMENT;
  else {
    ret_place->kind = UMZ_PLACE_NOWHERE;
    ret_place->may_have_secret = true;
  }
}
