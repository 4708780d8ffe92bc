/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* condition.c: a recursive descent over the text into a tree, and a walk over the tree. */
#include "jobvar/condition.h"

#include <string.h>

#include "base/text.h"
#include "jobvar/layout.h"
#include "messages/catalogue.h"

#define DEPTH_MAX 32 /* of parentheses and NOT */

typedef enum {
  RELATION_EQUAL,
  RELATION_NOT_EQUAL,
  RELATION_LESS,
  RELATION_LESS_OR_EQUAL,
  RELATION_GREATER,
  RELATION_GREATER_OR_EQUAL,
} Relation;

/* A part of a job variable, or a constant. */
typedef struct {
  char *name; /* owned; NULL: a constant */
  size_t offset, length;
  GBytes *constant; /* owned */
} Side;

typedef enum {
  NODE_COMPARE,
  NODE_NOT,
  NODE_AND,
  NODE_OR,
} NodeKind;

typedef struct Node {
  NodeKind kind;
  struct Node *left, *right; /* owned; of COMPARE none, of NOT left */
  Relation relation;         /* COMPARE */
  Side sides[2];             /* COMPARE */
} Node;

struct UmzCondition {
  Node *root;
  GPtrArray *names; /* owned; of text, ends with NULL */
};

typedef struct {
  const char *text;
  size_t offset;
  unsigned depth;
} Cursor;

static void
free_node (Node *node)
{
  if (node == NULL)
    return;
  free_node (node->left);
  free_node (node->right);
  for (int i = 0; i < 2; i++) {
    g_free (node->sides[i].name);
    g_clear_pointer (&node->sides[i].constant, g_bytes_unref);
  }
  g_free (node);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Node, free_node)

/* ---- reading ---- */

static const char *
get_rest (const Cursor *cursor)
{
  return cursor->text + cursor->offset;
}

static void
skip_blanks (Cursor *cursor)
{
  cursor->offset += strspn (get_rest (cursor), " \t");
}

static void *
set_error (const Cursor *cursor, const char *expected, GError **error)
{
  const char *rest = get_rest (cursor);
  g_autofree char *column =
    g_strdup_printf ("%ld", 1 + g_utf8_pointer_to_offset (cursor->text, rest));
  size_t length = strcspn (rest, " \t,()='<>");
  size_t character = rest[0] != '\0' ? (size_t) (g_utf8_next_char (rest) - rest) : 0;
  g_autofree char *read = g_strndup (rest, length > 0 ? length : character);
  umz_set_error (error, UMZ_MSG_UMZ0038, column, read, expected, NULL);
  return NULL;
}

static bool
accept (Cursor *cursor, const char *symbol)
{
  if (!g_str_has_prefix (get_rest (cursor), symbol))
    return false;
  cursor->offset += strlen (symbol);
  skip_blanks (cursor);
  return true;
}

/* AND, OR, NOT: a word of its own, in any case. */
static bool
accept_word (Cursor *cursor, const char *word)
{
  size_t length = strlen (word);
  const char *rest = get_rest (cursor);
  if (g_ascii_strncasecmp (rest, word, length) != 0 ||
      strchr (" \t('", rest[length]) == NULL)
    return false;
  cursor->offset += length;
  skip_blanks (cursor);
  return true;
}

static bool
read_number (Cursor *cursor, size_t max, const char *expected, size_t *ret_number, GError **error)
{
  const char *rest = get_rest (cursor);
  size_t length = strspn (rest, "0123456789");
  g_autofree char *digits = g_strndup (rest, length);
  guint64 number;
  if (!g_ascii_string_to_unsigned (digits, 10, 1, max, &number, NULL)) {
    set_error (cursor, expected, error);
    return false;
  }
  *ret_number = number;
  cursor->offset += length;
  skip_blanks (cursor);
  return true;
}

/* [:cat:][$user.]name, as MONJV takes it. */
static char *
read_name (Cursor *cursor, GError **error)
{
  size_t length = strcspn (get_rest (cursor), " \t,()='<>");
  g_autofree char *typed = g_strndup (get_rest (cursor), length);
  g_autofree char *name = umz_text_dup_upper (typed);
  const char *colon = name[0] == ':' ? strchr (name + 1, ':') : NULL;
  if (!umz_text_is_composed_name (colon != NULL ? colon + 1 : name, UMZ_JV_NAME_LENGTH_MAX))
    return set_error (cursor, "<job variable>", error);
  cursor->offset += length;
  skip_blanks (cursor);
  return g_steal_pointer (&name);
}

/* After the name in parentheses. */
static bool
read_part (Cursor *cursor, Side *side, GError **error)
{
  size_t position = 1;
  side->length = UMZ_MONJV_BYTES;
  if (accept (cursor, ",") &&
      !read_number (cursor, UMZ_MONJV_BYTES, "<position 1..256>", &position, error))
    return false;
  side->offset = position - 1;
  side->length = UMZ_MONJV_BYTES - side->offset;
  if (accept (cursor, ",") &&
      !read_number (cursor, side->length, "<length>", &side->length, error))
    return false;
  if (accept (cursor, ")"))
    return true;
  set_error (cursor, ")", error);
  return false;
}

static GBytes *
read_constant (Cursor *cursor, bool is_hex, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  while (*get_rest (cursor) != '\'' || get_rest (cursor)[1] == '\'') {
    if (*get_rest (cursor) == '\0')
      return set_error (cursor, "'", error);
    g_string_append_c (text, *get_rest (cursor));
    cursor->offset += *get_rest (cursor) == '\'' ? 2 : 1;
  }
  GBytes *bytes = is_hex ? umz_text_new_bytes_from_hex (text->str)
                         : g_bytes_new (text->str, text->len);
  if (bytes == NULL)
    return set_error (cursor, "<hexadecimal digits, an even number>", error);
  (void) accept (cursor, "'"); /* seen above */
  return bytes;
}

static bool
read_side (Cursor *cursor, Side *side, GError **error)
{
  char first = g_ascii_tolower (*get_rest (cursor));
  bool has_letter = (first == 'c' || first == 'x') && get_rest (cursor)[1] == '\'';
  if (has_letter || first == '\'') {
    cursor->offset += has_letter ? 2 : 1;
    side->constant = read_constant (cursor, first == 'x', error);
    return side->constant != NULL;
  }
  side->length = UMZ_MONJV_BYTES;
  bool is_part = accept (cursor, "(");
  side->name = read_name (cursor, error);
  return side->name != NULL && (!is_part || read_part (cursor, side, error));
}

static bool
read_relation (Cursor *cursor, Relation *ret_relation, GError **error)
{
  /* the longer ones first */
  static const struct {
    const char *symbol;
    Relation relation;
  } relations[] = {
    { "<>", RELATION_NOT_EQUAL },
    { "<=", RELATION_LESS_OR_EQUAL },
    { ">=", RELATION_GREATER_OR_EQUAL },
    { "=", RELATION_EQUAL },
    { "<", RELATION_LESS },
    { ">", RELATION_GREATER },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (relations); i++)
    if (accept (cursor, relations[i].symbol)) {
      *ret_relation = relations[i].relation;
      return true;
    }
  set_error (cursor, "= <> < <= > >=", error);
  return false;
}

static Node *
read_comparison (Cursor *cursor, GError **error)
{
  g_autoptr (Node) node = g_new0 (Node, 1);
  Cursor begin = *cursor;
  if (!read_side (cursor, &node->sides[0], error) ||
      !read_relation (cursor, &node->relation, error) ||
      !read_side (cursor, &node->sides[1], error))
    return NULL;
  if (node->sides[0].name == NULL && node->sides[1].name == NULL)
    return set_error (&begin, "<job variable>", error);
  return g_steal_pointer (&node);
}

static Node *
new_node (NodeKind kind, Node *left, Node *right)
{
  Node *node = g_new0 (Node, 1);
  *node = (Node){ .kind = kind, .left = left, .right = right };
  return node;
}

static Node *read_condition (Cursor *cursor, GError **error);

/* Whether '(' opens a part of a job variable: a name and no relation after it. */
static bool
is_part_next (const Cursor *cursor)
{
  const char *rest = get_rest (cursor) + 1;
  char after = rest[strcspn (rest, ",()'=<>")];
  return after == ',' || after == ')';
}

static Node *
read_in_parentheses (Cursor *cursor, GError **error)
{
  (void) accept (cursor, "("); /* the caller has seen it */
  g_autoptr (Node) node = read_condition (cursor, error);
  if (node == NULL)
    return NULL;
  if (!accept (cursor, ")"))
    return set_error (cursor, ")", error);
  return g_steal_pointer (&node);
}

static Node *
read_factor (Cursor *cursor, GError **error)
{
  if (++cursor->depth > DEPTH_MAX)
    return set_error (cursor, "<fewer parentheses>", error);
  Node *node;
  if (accept_word (cursor, "NOT")) {
    node = read_factor (cursor, error);
    node = node != NULL ? new_node (NODE_NOT, node, NULL) : NULL;
  }
  else if (*get_rest (cursor) == '(' && !is_part_next (cursor))
    node = read_in_parentheses (cursor, error);
  else
    node = read_comparison (cursor, error);
  cursor->depth--;
  return node;
}

typedef Node *(*Reader) (Cursor *cursor, GError **error);

/* Operands of the same strength, from left to right. */
static Node *
read_chain (Cursor *cursor, const char *word, NodeKind kind, Reader read_operand, GError **error)
{
  g_autoptr (Node) node = read_operand (cursor, error);
  while (node != NULL && accept_word (cursor, word)) {
    Node *right = read_operand (cursor, error);
    if (right == NULL)
      return NULL;
    node = new_node (kind, g_steal_pointer (&node), right);
  }
  return g_steal_pointer (&node);
}

static Node *
read_term (Cursor *cursor, GError **error)
{
  return read_chain (cursor, "AND", NODE_AND, read_factor, error);
}

static Node *
read_condition (Cursor *cursor, GError **error)
{
  return read_chain (cursor, "OR", NODE_OR, read_term, error);
}

static void
collect_names (const Node *node, GPtrArray *names)
{
  if (node == NULL)
    return;
  for (int i = 0; i < 2; i++)
    if (node->sides[i].name != NULL &&
        !g_ptr_array_find_with_equal_func (names, node->sides[i].name, g_str_equal, NULL))
      g_ptr_array_add (names, node->sides[i].name);
  collect_names (node->left, names);
  collect_names (node->right, names);
}

UmzCondition *
umz_condition_parse (const char *text, GError **error)
{
  Cursor cursor = { .text = text };
  skip_blanks (&cursor);
  g_autoptr (Node) root = read_condition (&cursor, error);
  if (root == NULL)
    return NULL;
  if (*get_rest (&cursor) != '\0')
    return set_error (&cursor, "AND, OR", error);
  UmzCondition *condition = g_new (UmzCondition, 1);
  *condition = (UmzCondition){ .root = g_steal_pointer (&root), .names = g_ptr_array_new () };
  collect_names (condition->root, condition->names);
  g_ptr_array_add (condition->names, NULL);
  return condition;
}

void
umz_condition_free (UmzCondition *condition)
{
  if (condition == NULL)
    return;
  free_node (condition->root);
  g_ptr_array_unref (condition->names);
  g_free (condition);
}

const char *const *
umz_condition_get_names (const UmzCondition *condition)
{
  return (const char *const *) condition->names->pdata;
}

/* ---- judging ---- */

typedef struct {
  UmzConditionLookUp look_up;
  void *data;
} Source;

static const uint8_t *
get_bytes (const Side *side, const Source *source, size_t *ret_length)
{
  if (side->name == NULL)
    return g_bytes_get_data (side->constant, ret_length);
  *ret_length = side->length;
  return (const uint8_t *) source->look_up (side->name, source->data) + side->offset;
}

/* As memcmp(), with blanks behind the shorter one. */
static int
compare (const Node *node, const Source *source)
{
  size_t lengths[2];
  const uint8_t *bytes[2];
  for (int i = 0; i < 2; i++)
    bytes[i] = get_bytes (&node->sides[i], source, &lengths[i]);
  for (size_t k = 0; k < MAX (lengths[0], lengths[1]); k++) {
    int left = k < lengths[0] ? bytes[0][k] : ' ';
    int right = k < lengths[1] ? bytes[1][k] : ' ';
    if (left != right)
      return left - right;
  }
  return 0;
}

static bool
holds (Relation relation, int order)
{
  switch (relation) {
  case RELATION_EQUAL: return order == 0;
  case RELATION_NOT_EQUAL: return order != 0;
  case RELATION_LESS: return order < 0;
  case RELATION_LESS_OR_EQUAL: return order <= 0;
  case RELATION_GREATER: return order > 0;
  case RELATION_GREATER_OR_EQUAL: return order >= 0;
  }
  g_assert_not_reached ();
}

static bool
is_true (const Node *node, const Source *source)
{
  switch (node->kind) {
  case NODE_COMPARE: return holds (node->relation, compare (node, source));
  case NODE_NOT: return !is_true (node->left, source);
  case NODE_AND: return is_true (node->left, source) && is_true (node->right, source);
  case NODE_OR: return is_true (node->left, source) || is_true (node->right, source);
  }
  g_assert_not_reached ();
}

bool
umz_condition_is_true (const UmzCondition *condition, UmzConditionLookUp look_up, void *data)
{
  return is_true (condition->root, &(Source){ look_up, data });
}
