/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-catalogue.c: both languages say the same, and VM2000's texts are VM2000's. */
#include "messages/catalogue.h"

#include <gio/gio.h>
#include <string.h>

/* The set of inserts that a text uses, as bits. */
static unsigned
inserts_in (const char *text)
{
  unsigned set = 0;
  for (const char *p = strstr (text, "(&"); p != NULL; p = strstr (p + 1, "(&")) {
    g_assert_cmpint (p[2], ==, '0');
    g_assert_true (g_ascii_isdigit (p[3]));
    g_assert_cmpint (p[4], ==, ')');
    set |= 1u << g_ascii_digit_value (p[3]);
  }
  return set;
}

static void
both_languages_use_the_same_inserts (void)
{
  for (size_t i = 0; i < umz_message_count (); i++) {
    UmzMessageId id = (UmzMessageId) i;
    unsigned all = (1u << umz_message_n_inserts (id)) - 1;
    g_test_message ("%s", umz_message_code (id));
    g_assert_cmpuint (umz_message_n_inserts (id), <=, UMZ_MESSAGE_INSERTS_MAX);
    g_assert_cmphex (inserts_in (umz_message_text (id, UMZ_LANG_EN)), ==, all);
    g_assert_cmphex (inserts_in (umz_message_text (id, UMZ_LANG_DE)), ==, all);
  }
}

/* "VMS" of "VMS2450": VM2000's classes are the letters in front. */
static size_t
class_length (const char *code)
{
  return strspn (code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

static void
the_languages_differ (void)
{
  for (size_t i = 0; i < umz_message_count (); i++) {
    UmzMessageId id = (UmzMessageId) i;
    g_assert_cmpstr (umz_message_text (id, UMZ_LANG_EN), !=, umz_message_text (id, UMZ_LANG_DE));
  }
}

static void
numbers_ascend_within_a_class (void)
{
  for (size_t i = 1; i < umz_message_count (); i++) {
    const char *before = umz_message_code ((UmzMessageId) (i - 1));
    const char *code = umz_message_code ((UmzMessageId) i);
    size_t length = class_length (code);
    g_test_message ("%s", code);
    if (class_length (before) == length && strncmp (before, code, length) == 0)
      g_assert_cmpstr (before, <, code);
  }
}

static void
codes_are_unique (void)
{
  for (size_t i = 0; i < umz_message_count (); i++) {
    const char *code = umz_message_code ((UmzMessageId) i);
    UmzMessageId first;
    g_test_message ("%s", code);
    g_assert_true (umz_message_lookup (code, &first));
    g_assert_cmpuint (first, ==, i);
  }
}

/* A meaning may have lines that explain inserts. */
static void
assert_plain (const char *text, bool may_have_lines)
{
  for (const char *p = text; *p != '\0'; p++) {
    g_assert_true (g_ascii_isprint (*p) || (may_have_lines && *p == '\n'));
    g_assert_false (p[0] == ' ' && p[1] == ' '); /* a slip where two literals meet */
  }
  g_assert_false (g_str_has_suffix (text, " "));
}

static void
texts_are_plain_ascii (void)
{
  for (size_t i = 0; i < umz_message_count (); i++) {
    UmzMessageId id = (UmzMessageId) i;
    g_test_message ("%s", umz_message_code (id));
    for (UmzLang lang = UMZ_LANG_EN; lang <= UMZ_LANG_DE; lang++) {
      assert_plain (umz_message_text (id, lang), false);
      assert_plain (umz_message_meaning (id, lang), true);
      assert_plain (umz_message_response (id, lang), false);
    }
  }
}

static void
help_is_there_in_both_languages (void)
{
  for (size_t i = 0; i < umz_message_count (); i++) {
    UmzMessageId id = (UmzMessageId) i;
    g_test_message ("%s", umz_message_code (id));
    g_assert_cmpstr (umz_message_meaning (id, UMZ_LANG_EN), !=, "");
    g_assert_cmpstr (umz_message_meaning (id, UMZ_LANG_DE), !=, "");
    g_assert_cmpint (*umz_message_response (id, UMZ_LANG_EN) == '\0', ==,
                     *umz_message_response (id, UMZ_LANG_DE) == '\0');
  }
}

/* Lines as printed in reference/seeds and in VM2000's manual, character by character. */
/* clang-format off */
static const struct {
  UmzLang lang;
  const char *line;
  const char *code;
  const char *inserts[6];
} originals[] = {
  { UMZ_LANG_DE, "VMS2404 LIVE MIGRATION DER VM (12,VM12PROD) DURCH DIE ZIEL-SU 'ABGSE501' "
    "ABGEWIESEN. URSACHE: VMS2437,4683",
    "VMS2404", { "(12,VM12PROD)", "ABGSE501", "VMS2437,4683" } },
  { UMZ_LANG_DE, "VMS2461 LIVE MIGRATION DER VM (12,VM12PROD) ZUR ZIEL-SU 'ABGSE501' NICHT "
    "MOEGLICH",
    "VMS2461", { "(12,VM12PROD)", "ABGSE501" } },
  { UMZ_LANG_DE, "VMS2460 LIVE MIGRATION DER VM (12,VM12PROD) ZUR ZIEL-SU 'ABGSE501' MOEGLICH",
    "VMS2460", { "(12,VM12PROD)", "ABGSE501" } },
  { UMZ_LANG_DE, "VMS2437 GERAET '4683' KANN DER VIRTUELLEN MASCHINE AUF DER ZIEL-SU NICHT "
    "ZUGEWIESEN WERDEN",
    "VMS2437", { "4683" } },
  { UMZ_LANG_DE, "VMS2425 SICH AENDERNDE HAUPTSPEICHERSEITEN KOENNEN NICHT SCHNELL GENUG "
    "UEBERTRAGEN WERDEN. LIVE MIGRATION DER VM (12,VM12PROD) ZUR ZIEL-SU 'ABGSE701' ABGEBROCHEN",
    "VMS2425", { "(12,VM12PROD)", "ABGSE701" } },
  { UMZ_LANG_EN, "VMS2404 LIVE MIGRATION OF VM (4,G4IVO) REJECTED BY TARGET SU 'D021ZE01'. REASON: "
    "VMS4011",
    "VMS2404", { "(4,G4IVO)", "D021ZE01", "VMS4011" } },
  { UMZ_LANG_EN, "VMS4015 VIRTUAL MACHINE (12,VM12PROD) ALREADY INITIALIZED. "
    "/MIGRATE-VM-DEFINITION REJECTED",
    "VMS4015", { "(12,VM12PROD)", "MIGRATE-VM-DEFINITION" } },
  { UMZ_LANG_EN, "VMS2450 LIVE MIGRATION OF VM (12,VM12PROD) TO TARGET SU 'ABGSE701' STARTED",
    "VMS2450", { "(12,VM12PROD)", "ABGSE701" } },
  { UMZ_LANG_EN, "VMS2451 LIVE MIGRATION OF VM (12,VM12PROD) TO TARGET SU 'ABGSE701' COMPLETED",
    "VMS2451", { "(12,VM12PROD)", "ABGSE701" } },
  { UMZ_LANG_EN, "VMS2452 VM (12,VM12PROD) SUSPENDED AT LIVE MIGRATION TO TARGET SU 'ABGSE701'",
    "VMS2452", { "(12,VM12PROD)", "ABGSE701" } },
  { UMZ_LANG_EN, "VMS2430 LIVE MIGRATION OF VM (12,VM12PROD) FROM SOURCE SU 'ABGSE501' STARTED",
    "VMS2430", { "(12,VM12PROD)", "ABGSE501" } },
  { UMZ_LANG_EN, "VMS2431 LIVE MIGRATION OF VM (12,VM12PROD) FROM SOURCE SU 'ABGSE501' COMPLETED",
    "VMS2431", { "(12,VM12PROD)", "ABGSE501" } },
  { UMZ_LANG_EN, "VMS2432 VM (12,VM12PROD) RESUMED AT LIVE MIGRATION FROM SOURCE SU 'ABGSE501'",
    "VMS2432", { "(12,VM12PROD)", "ABGSE501" } },
  { UMZ_LANG_EN, "VMS3050 VIRTUAL MACHINE (12,VM12PROD) CREATED",
    "VMS3050", { "(12,VM12PROD)" } },
  { UMZ_LANG_EN, "VMS4005 DEVICE 'FAA4' ASSIGNED TO VIRTUAL MACHINE (12,VM12PROD)",
    "VMS4005", { "FAA4", "(12,VM12PROD)", "" } },
  { UMZ_LANG_EN, "VMS4005 DEVICE 'FAA5' ASSIGNED TO VIRTUAL MACHINE (12,VM12PROD) (TYPE=SD)",
    "VMS4005", { "FAA5", "(12,VM12PROD)", " (TYPE=SD)" } },
  { UMZ_LANG_EN, "VMS4009 DEVICE 'CS' REMOVED FROM VIRTUAL MACHINE (12,VM12PROD)",
    "VMS4009", { "CS", "(12,VM12PROD)" } },
  { UMZ_LANG_EN, "VMS4024 VIRTUAL MACHINE (12,VM12PROD) TERMINATED",
    "VMS4024", { "(12,VM12PROD)" } },
  { UMZ_LANG_EN, "VMS3000 VM2000 COMMAND /SEND-VM-MESSAGE FOR VIRTUAL MACHINE ( ,*ALL) PROCESSED "
    "SUCCESSFULLY",
    "VMS3000", { "SEND-VM-MESSAGE", "( ,*ALL)" } },
  { UMZ_LANG_EN, "NBR0740 COMMAND COMPLETED 'ADD-VM-DEVICES'; (RESULT: SC2=000, SC1=000, "
    "MC=CMD0001); DATE: 2024-01-31",
    "NBR0740", { "ADD-VM-DEVICES", "000", "000", "CMD0001", "2024-01-31" } },
};
/* clang-format on */

static void
originals_are_exact (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (originals); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (UmzNotice) notice =
      umz_notice_new_from_code (originals[i].code, originals[i].inserts, &error);
    g_assert_no_error (error);
    g_autofree char *line = umz_notice_render (notice, originals[i].lang);
    g_assert_cmpstr (line, ==, originals[i].line);
  }
}

static void
the_seed_explains_vms2437 (void)
{
  g_assert_cmpstr (umz_message_meaning (UMZ_MSG_VMS2437, UMZ_LANG_DE), ==,
                   "Das Geraet ist bereits einer anderen VM (exklusiv) zugewiesen.\n"
                   "(&00): Mnemotechnischer Geraetename\n"
                   "SU: Server Unit");
}

static void
a_code_is_found_in_any_case (void)
{
  UmzMessageId id;
  g_assert_true (umz_message_lookup ("vms2437", &id));
  g_assert_cmpint (id, ==, UMZ_MSG_VMS2437);
  g_assert_false (umz_message_lookup ("VMS243", &id));
  g_assert_false (umz_message_lookup ("", &id));
}

static void
a_reason_has_code_and_inserts_without_the_vm (void)
{
  g_autoptr (UmzNotice) device = umz_notice_new (UMZ_MSG_VMS2437, "4683", NULL);
  g_autoptr (UmzNotice) memory = umz_notice_new (UMZ_MSG_VMS4011, "(4,G4IVO)", NULL);
  g_autoptr (UmzNotice) disk = umz_notice_new (UMZ_MSG_UMZ0105, "VDA", "a", "", NULL);
  g_autofree char *device_reason = umz_notice_reason (device);
  g_autofree char *memory_reason = umz_notice_reason (memory);
  g_autofree char *disk_reason = umz_notice_reason (disk);

  g_assert_cmpstr (device_reason, ==, "VMS2437,4683");
  g_assert_cmpstr (memory_reason, ==, "VMS4011");
  g_assert_cmpstr (disk_reason, ==, "UMZ0105,VDA,a");
}

static void
an_insert_is_not_expanded_again (void)
{
  g_autoptr (UmzNotice) notice = umz_notice_new (UMZ_MSG_UMZ0001, "(&01)", "hello", NULL);
  g_autofree char *line = umz_notice_render (notice, UMZ_LANG_EN);
  g_assert_cmpstr (line, ==, "UMZ0001 UMZUGD NOT REACHABLE AT '(&01)': hello");
}

static void
an_insert_cannot_steer_the_console (void)
{
  g_autoptr (UmzNotice) notice =
    umz_notice_new (UMZ_MSG_UMZ0090, "a\nb\033[2J\x7f\xff\xc2\x9b.ä", NULL);
  g_autofree char *line = umz_notice_render (notice, UMZ_LANG_EN);
  g_assert_cmpstr (line, ==, "UMZ0090 SYSTEM: a b [2J \xef\xbf\xbd  .ä");
}

static void
a_foreign_code_or_number_of_inserts_is_refused (void)
{
  static const char *const one[] = { "x", NULL };
  g_autoptr (GError) unknown = NULL;
  g_autoptr (GError) too_few = NULL;

  g_assert_null (umz_notice_new_from_code ("VMS9999", one, &unknown));
  g_assert_error (unknown, UMZ_ERROR, UMZ_MSG_UMZ0091);
  g_assert_null (umz_notice_new_from_code ("VMS2450", one, &too_few));
  g_assert_error (too_few, UMZ_ERROR, UMZ_MSG_UMZ0091);
}

static void
a_copy_renders_the_same (void)
{
  UmzNotice *notice = umz_notice_new (UMZ_MSG_VMS2400, "ABGSE701", NULL);
  g_autoptr (UmzNotice) copy = umz_notice_copy (notice);
  umz_notice_free (notice);
  g_autofree char *line = umz_notice_render (copy, UMZ_LANG_DE);
  g_assert_cmpstr (line, ==, "VMS2400 ZIEL-SU 'ABGSE701' NICHT GEFUNDEN");
}

static void
an_error_speaks_two_languages (void)
{
  g_autoptr (GError) error = NULL;
  umz_set_error (&error, UMZ_MSG_VMS2400, "ABGSE701", NULL);
  g_autofree char *german = umz_error_render (error, UMZ_LANG_DE);

  g_assert_error (error, UMZ_ERROR, UMZ_MSG_VMS2400);
  g_assert_cmpstr (error->message, ==, "VMS2400 TARGET SU 'ABGSE701' NOT FOUND");
  g_assert_cmpstr (german, ==, "VMS2400 ZIEL-SU 'ABGSE701' NICHT GEFUNDEN");
}

static void
a_copied_error_keeps_its_inserts (void)
{
  GError *error = NULL;
  umz_set_error (&error, UMZ_MSG_VMS2400, "ABGSE701", NULL);
  g_autoptr (GError) copy = g_error_copy (error);
  g_error_free (error);

  g_autoptr (UmzNotice) notice = umz_error_to_notice (copy);
  g_assert_cmpstr (umz_notice_get_inserts (notice)[0], ==, "ABGSE701");
}

static void
a_foreign_error_becomes_umz0090 (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "it broke");
  g_autofree char *line = umz_error_render (error, UMZ_LANG_DE);
  g_assert_cmpstr (line, ==, "UMZ0090 BETRIEBSSYSTEM: it broke");
}

static void
nobody_needs_to_ask_for_the_error (void)
{
  umz_set_error (NULL, UMZ_MSG_VMS2400, "ABGSE701", NULL);
}

/* What the last message of our domain says, and which fields it has. */
static char *origin;

static GLogWriterOutput
note_origin (GLogLevelFlags level, const GLogField *fields, gsize n_fields, void *data)
{
  const char *text = NULL, *domain = NULL;
  for (gsize i = 0; i < n_fields; i++) {
    text = strcmp (fields[i].key, "MESSAGE") == 0 ? fields[i].value : text;
    domain = strcmp (fields[i].key, "GLIB_DOMAIN") == 0 ? fields[i].value : domain;
  }
  if (domain == NULL || strcmp (domain, UMZ_ERROR_LOG) != 0)
    return g_log_writer_default (level, fields, n_fields, data);
  g_free (origin);
  origin = g_strdup (text);
  return G_LOG_WRITER_HANDLED;
}

static void
the_log_says_where_an_error_was_set (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) copied = NULL;
  g_autofree char *first = g_strdup_printf ("%s:%d: VMS2400 ", __FILE__, __LINE__ + 1);
  umz_set_error (&error, UMZ_MSG_VMS2400, "ABGSE701", NULL);
  g_assert_true (g_str_has_prefix (origin, first));
  g_autoptr (UmzNotice) notice = umz_error_to_notice (error);
  g_autofree char *second = g_strdup_printf ("%s:%d: VMS2400 ", __FILE__, __LINE__ + 1);
  umz_set_error_from_notice (&copied, notice);
  g_assert_true (g_str_has_prefix (origin, second));
  g_clear_pointer (&origin, g_free);
  umz_set_error (NULL, UMZ_MSG_VMS2400, "ABGSE701", NULL);
  g_assert_null (origin);
}

static void
languages_are_recognised (void)
{
  UmzLang lang = UMZ_LANG_EN;
  g_assert_true (umz_lang_parse ("DE", &lang));
  g_assert_cmpint (lang, ==, UMZ_LANG_DE);
  g_assert_true (umz_lang_parse ("e", &lang));
  g_assert_cmpint (lang, ==, UMZ_LANG_EN);
  g_assert_false (umz_lang_parse ("fr", &lang));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (note_origin, NULL, NULL);
  g_test_add_func ("/catalogue/both-languages-use-the-same-inserts",
                   both_languages_use_the_same_inserts);
  g_test_add_func ("/catalogue/the-languages-differ", the_languages_differ);
  g_test_add_func ("/catalogue/numbers-ascend-within-a-class", numbers_ascend_within_a_class);
  g_test_add_func ("/catalogue/codes-are-unique", codes_are_unique);
  g_test_add_func ("/catalogue/texts-are-plain-ascii", texts_are_plain_ascii);
  g_test_add_func ("/catalogue/help-is-there-in-both-languages", help_is_there_in_both_languages);
  g_test_add_func ("/catalogue/originals-are-exact", originals_are_exact);
  g_test_add_func ("/catalogue/the-seed-explains-vms2437", the_seed_explains_vms2437);
  g_test_add_func ("/catalogue/a-code-is-found-in-any-case", a_code_is_found_in_any_case);
  g_test_add_func ("/catalogue/languages-are-recognised", languages_are_recognised);
  g_test_add_func ("/notice/a-reason-has-code-and-inserts-without-the-vm",
                   a_reason_has_code_and_inserts_without_the_vm);
  g_test_add_func ("/notice/an-insert-is-not-expanded-again", an_insert_is_not_expanded_again);
  g_test_add_func ("/notice/an-insert-cannot-steer-the-console",
                   an_insert_cannot_steer_the_console);
  g_test_add_func ("/notice/a-foreign-code-or-number-of-inserts-is-refused",
                   a_foreign_code_or_number_of_inserts_is_refused);
  g_test_add_func ("/notice/a-copy-renders-the-same", a_copy_renders_the_same);
  g_test_add_func ("/error/it-speaks-two-languages", an_error_speaks_two_languages);
  g_test_add_func ("/error/a-copy-keeps-its-inserts", a_copied_error_keeps_its_inserts);
  g_test_add_func ("/error/a-foreign-one-becomes-umz0090", a_foreign_error_becomes_umz0090);
  g_test_add_func ("/error/nobody-needs-to-ask-for-it", nobody_needs_to_ask_for_the_error);
  g_test_add_func ("/error/the-log-says-where-it-was-set", the_log_says_where_an_error_was_set);
  return g_test_run ();
}
