/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sdf/keyword.h"

#include <string.h>

/* Collects in `path` the way to the last operand found, and in `names` (may be NULL) all of them.
 */
typedef struct {
  const char *word;
  UmzKeywordPath path;
  UmzKeywordPath found;
  size_t n_found;
  GString *names;
} Search;

static void
take (Search *search, const UmzOperandSpec *specs, size_t i)
{
  search->found = search->path;
  search->found.operand = i;
  search->found.spec = &specs[i];
  search->n_found++;
  if (search->names != NULL)
    g_string_append_printf (search->names, "%s%s", search->names->len > 0 ? ", " : "",
                            specs[i].name);
}

/* Whether one of these operands is meant; an exact name wins. */
static bool
look_here (Search *search, const UmzOperandSpec *specs, size_t n)
{
  size_t n_before = search->n_found;
  for (size_t i = 0; i < n; i++)
    if (umz_sdf_match_name (search->word, specs[i].name) == UMZ_MATCH_EXACT) {
      take (search, specs, i);
      return true;
    }
  for (size_t i = 0; i < n; i++)
    if (umz_sdf_match_name (search->word, specs[i].name) != UMZ_MATCH_NONE)
      take (search, specs, i);
  return search->n_found > n_before;
}

static void look_below (Search *search, const UmzOperandSpec *specs, size_t n);

static void
look_into (Search *search, size_t operand, const UmzAlternative *alternative)
{
  g_assert (search->path.depth < UMZ_SDF_DEPTH_MAX); /* a law of the table */
  search->path.steps[search->path.depth].operand = operand;
  search->path.steps[search->path.depth].alternative = alternative;
  search->path.depth++;
  if (!look_here (search, alternative->members, alternative->n_members))
    look_below (search, alternative->members, alternative->n_members);
  search->path.depth--;
}

static void
look_below (Search *search, const UmzOperandSpec *specs, size_t n)
{
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; specs[i].list_max == 0 && k < specs[i].n_alternatives; k++)
      if (specs[i].alternatives[k].n_members > 0)
        look_into (search, i, &specs[i].alternatives[k]);
}

static void
search_all (Search *search, const UmzOperandSpec *specs, size_t n)
{
  if (!look_here (search, specs, n))
    look_below (search, specs, n);
}

size_t
umz_sdf_find_keyword (const UmzOperandSpec *specs, size_t n, const char *word,
                      UmzKeywordPath *ret_path)
{
  Search search = { .word = word };
  search_all (&search, specs, n);
  if (search.n_found == 1)
    *ret_path = search.found;
  return search.n_found;
}

char *
umz_sdf_dup_keyword_candidates (const UmzOperandSpec *specs, size_t n, const char *word)
{
  Search search = { .word = word, .names = g_string_new (NULL) };
  search_all (&search, specs, n);
  return g_string_free (search.names, FALSE);
}
