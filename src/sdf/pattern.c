/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pattern.c: wildcards.
 *
 * A pattern is walked through once.  Kept is the set of places in the name up to which what was
 * walked through can reach; each item of the pattern turns the set into the next one.  So no
 * pattern can make us try all the ways in which its stars could share a name.
 */
#include "sdf/pattern.h"

#include <glib.h>
#include <string.h>

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$#@.-"

/* One of the choices in <a:b,c>; a choice without a colon is from itself to itself. */
typedef struct {
  const char *from, *to;
  size_t from_length, to_length;
} Choice;

bool
umz_pattern_has_wildcards (const char *text)
{
  return text[0] == '-' || strpbrk (text, "*/<") != NULL;
}

/* Reads the choice at *at, which ends with ',' or '>', and steps behind that. */
static bool
read_choice (const char **at, Choice *ret_choice)
{
  const char *from = *at, *to = from;
  size_t from_length = strspn (from, NAME_CHARACTERS), to_length = from_length;
  const char *end = from + from_length;
  if (*end == ':') {
    to = end + 1;
    to_length = strspn (to, NAME_CHARACTERS);
    end = to + to_length;
  }
  *ret_choice = (Choice){ from, to, from_length, to_length };
  *at = *end == '\0' ? end : end + 1;
  return from_length > 0 && to_length > 0 && (*end == ',' || *end == '>');
}

static const char *
find_group_end (const char *group)
{
  const char *end = strchr (group, '>');
  return end != NULL ? end + 1 : NULL;
}

static bool
is_valid_group (const char *group, const char *end)
{
  Choice choice;
  const char *at = group + 1;
  while (at < end)
    if (!read_choice (&at, &choice) || at > end)
      return false;
  return end > group + 2;
}

bool
umz_pattern_is_valid (const char *text)
{
  const char *at = text[0] == '-' ? text + 1 : text;
  if (*at == '\0')
    return false;
  while (*at != '\0') {
    if (*at != '<') {
      if (strchr (NAME_CHARACTERS "*/", *at) == NULL)
        return false;
      at++;
      continue;
    }
    const char *end = find_group_end (at);
    if (end == NULL || !is_valid_group (at, end))
      return false;
    at = end;
  }
  return true;
}

/* Alphabetical; a text that the other one begins with comes first. */
static int
compare (const char *a, size_t a_length, const char *b, size_t b_length)
{
  int order = g_ascii_strncasecmp (a, b, MIN (a_length, b_length));
  return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static bool
is_within (const Choice *choice, const char *text, size_t length)
{
  return length >= MIN (choice->from_length, choice->to_length) &&
         length <= MAX (choice->from_length, choice->to_length) &&
         compare (choice->from, choice->from_length, text, length) <= 0 &&
         compare (text, length, choice->to, choice->to_length) <= 0;
}

/* From every place in `now` that a choice of the group can lead on from, to `next`. */
static void
step_group (const char *group, const char *end, const char *name, size_t length, const bool *now,
            bool *next)
{
  Choice choice;
  for (const char *at = group + 1; at < end;) {
    (void) read_choice (&at, &choice); /* the pattern is valid */
    for (size_t i = 0; i <= length; i++)
      for (size_t n = 1; now[i] && i + n <= length; n++)
        next[i + n] = next[i + n] || is_within (&choice, name + i, n);
  }
}

static void
step_character (char c, const char *name, size_t length, const bool *now, bool *next)
{
  for (size_t i = 0; i <= length; i++)
    if (c == '*')
      next[i] = now[i] || (i > 0 && next[i - 1]);
    else if (i > 0)
      next[i] = now[i - 1] && (c == '/' || g_ascii_toupper (name[i - 1]) == c);
}

bool
umz_pattern_selects (const char *pattern, const char *name)
{
  if (pattern[0] == '-')
    return !umz_pattern_selects (pattern + 1, name);
  size_t length = strlen (name);
  g_autofree bool *now = g_new0 (bool, length + 1);
  now[0] = true;
  for (const char *at = pattern; *at != '\0';) {
    g_autofree bool *next = g_new0 (bool, length + 1);
    const char *end = *at == '<' ? find_group_end (at) : at + 1;
    if (*at == '<')
      step_group (at, end, name, length, now, next);
    else
      step_character (*at, name, length, now, next);
    at = end;
    bool *done = now;
    now = g_steal_pointer (&next);
    g_free (done);
  }
  return now[length];
}
