/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-condition.c: conditions, what they mean, and what is said about broken ones. */
#include "jobvar/condition.h"

#include <string.h>

#include "jobvar/layout.h"
#include "messages/catalogue.h"

/* The job variables A ("$T" and a 'B' in byte 17), B ("$R") and EMPTY. */
static const char *
look_up (const char *name, void *data)
{
  static char values[3][UMZ_MONJV_BYTES];
  memset (values, ' ', sizeof values);
  memcpy (values[0], "$T", 2);
  values[0][16] = 'B';
  values[0][255] = 'Z';
  memcpy (values[1], "$R", 2);
  int i = strcmp (name, "A") == 0 ? 0 : strcmp (name, "B") == 0 ? 1
                                                                : 2;
  return values[i];
}

static const struct {
  const char *text;
  bool is_true;
} good[] = {
  { "(A,1,2)='$T'", true },
  { "(A,1,2)='$A'", false },
  { "(A,1,3)='$T'", true }, /* blanks behind the shorter one */
  { "(A,1,2)='$T '", true },
  { "(a,1,1)=c'$'", true },
  { " ( A , 1 , 2 ) = '$T' ", true },
  { "'$T'=(A,1,2)", true },
  { "(A,17,1)='B'", true },
  { "(A,256)='Z'", true },
  { "(A,256,1)=x'5A'", true },
  { "A='$T'", false }, /* the whole of it */
  { "EMPTY=''", true },
  { "(EMPTY)=' '", true },
  { "(A,1,2)=(B,1,2)", false },
  { "(A,1,1)=(B,1,1)", true },
  { "(A,1,2)<>'$R'", true },
  { "(A,1,2)<'$U'", true },
  { "(A,1,2)<'$T'", false },
  { "(A,1,2)<='$T'", true },
  { "(A,1,2)>'$S'", true },
  { "(A,1,2)>='$T'", true },
  { "(A,1,2)>='$U'", false },
  { "((A,1,2)='$T') OR ((A,1,2)='$A')", true },
  { "(A,1,2)='$A' or (A,1,2)='$T'", true },
  { "(A,1,2)='$T' AND (B,1,2)='$T'", false },
  { "(A,1,2)='$T' AND (B,1,2)='$R'", true },
  { "NOT (A,1,2)='$A'", true },
  { "NOT((A,1,2)='$T' AND (B,1,2)='$R')", false },
  { "NOT NOT (A,1,2)='$T'", true },
  /* AND binds more than OR */
  { "(A,1,2)='$T' OR (A,1,2)='$A' AND (B,1,2)='$A'", true },
  { "((A,1,2)='$T' OR (A,1,2)='$A') AND (B,1,2)='$A'", false },
  { "(((A,1,2)='$T'))", true },
  { "(B,1,2)='it''s'", false },
};

static void
a_condition_is_judged (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GError) error = NULL;
    g_test_message ("%s", good[i].text);
    g_autoptr (UmzCondition) condition = umz_condition_parse (good[i].text, &error);
    g_assert_no_error (error);
    g_assert_true (umz_condition_is_true (condition, look_up, NULL) == good[i].is_true);
  }
}

static const struct {
  const char *text, *column, *read, *expected;
} bad[] = {
  { "", "1", "", "<job variable>" },
  { "(A,1,2)", "8", "", "= <> < <= > >=" },
  { "()='$T'", "2", ")", "<job variable>" },
  { "(A,1,2)=", "9", "", "<job variable>" },
  { "(A,0,2)='$T'", "4", "0", "<position 1..256>" },
  { "(A,257)='$T'", "4", "257", "<position 1..256>" },
  { "(A,256,2)='$T'", "8", "2", "<length>" },
  { "(A,1,0)='$T'", "6", "0", "<length>" },
  { "(A,1,2,3)='$T'", "7", ",", ")" },
  { "(A,1,2)='$T", "12", "", "'" },
  { "(A,1,2)=x'4'", "12", "'", "<hexadecimal digits, an even number>" },
  { "(A,1,2)=x'4G'", "13", "'", "<hexadecimal digits, an even number>" },
  { "(A,1,2)=='$T'", "9", "=", "<job variable>" },
  { "(A,1,2)!'$T'", "8", "!", "= <> < <= > >=" },
  { "A '$T'", "3", "'", "= <> < <= > >=" },
  { "'$T'='$T'", "1", "'", "<job variable>" },
  { "(A,1,2)='$T' (B,1,2)='$R'", "14", "(", "AND, OR" },
  { "(A,1,2)='$T' XOR (B,1,2)='$R'", "14", "XOR", "AND, OR" },
  { "(A,1,2)='$T' AND", "17", "", "<job variable>" },
  { "(A,1,2)='$T' ANDY", "14", "ANDY", "AND, OR" },
  { "((A,1,2)='$T'", "14", "", ")" },
  { "((A,1,2)='$T'))", "15", ")", "AND, OR" },
  { "A..B='1'", "1", "A..B", "<job variable>" },
  { "NOT", "4", "", "<job variable>" },
};

static void
a_broken_condition_is_explained (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_test_message ("%s", bad[i].text);
    g_assert_null (umz_condition_parse (bad[i].text, &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0038);
    g_autoptr (UmzNotice) notice = umz_error_to_notice (error);
    const char *const *inserts = umz_notice_get_inserts (notice);
    g_assert_cmpstr (inserts[0], ==, bad[i].column);
    g_assert_cmpstr (inserts[1], ==, bad[i].read);
    g_assert_cmpstr (inserts[2], ==, bad[i].expected);
  }
}

static void
truncation_at_any_byte_is_harmless (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    for (size_t length = 0; length < strlen (good[i].text); length++) {
      g_autofree char *beginning = g_strndup (good[i].text, length);
      g_autoptr (GError) error = NULL;
      g_autoptr (UmzCondition) condition = umz_condition_parse (beginning, &error);
      g_assert_true ((condition == NULL) == (error != NULL));
    }
}

static void
depth_is_limited (void)
{
  g_autofree char *deep = g_strnfill (5000, '(');
  g_autoptr (GString) many = g_string_new (NULL);
  for (int i = 0; i < 5000; i++)
    g_string_append (many, "NOT ");
  g_assert_null (umz_condition_parse (deep, NULL));
  g_assert_null (umz_condition_parse (many->str, NULL));
}

static void
its_names_are_known_once_each (void)
{
  g_autoptr (UmzCondition) condition =
    umz_condition_parse ("(a.b,1,1)='x' OR (A.B,2,1)='y' AND NOT :CAT:$U.C='z'", NULL);
  const char *const *names = umz_condition_get_names (condition);
  g_assert_cmpuint (g_strv_length ((GStrv) names), ==, 2);
  g_assert_true (g_strv_contains (names, "A.B"));
  g_assert_true (g_strv_contains (names, ":CAT:$U.C"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/condition/is-judged", a_condition_is_judged);
  g_test_add_func ("/condition/a-broken-one-is-explained", a_broken_condition_is_explained);
  g_test_add_func ("/condition/truncation-at-any-byte-is-harmless",
                   truncation_at_any_byte_is_harmless);
  g_test_add_func ("/condition/depth-is-limited", depth_is_limited);
  g_test_add_func ("/condition/its-names-are-known-once-each", its_names_are_known_once_each);
  return g_test_run ();
}
