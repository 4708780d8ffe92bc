/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue.c: the table made from messages.def, and what is done with it.
 *
 * THEORY OF OPERATION
 *
 * messages.def is read twice: in catalogue.h it becomes the enum, here the table, so an id is the
 * index of its row.  A notice owns a copy of its inserts.  A GError of ours is the same thing with
 * the inserts in its private data, so that it survives g_error_copy() and g_propagate_error().
 *
 * Rendering is where text from outside (libvirt, another SU, an operator) meets a console: control
 * characters become blanks and invalid UTF-8 is replaced here, once, for everybody.
 */
#include "messages/catalogue.h"

#include <stdarg.h>
#include <string.h>

typedef struct {
  const char *code;
  size_t n_inserts;
  UmzSeverity severity;
  const char *text[2]; /* the arrays are indexed by UmzLang */
  const char *meaning[2];
  const char *response[2];
} Message;

/* clang-format off */
static const Message messages[] = {
#define UMZ_MESSAGE(class, number, n, sev, en, de, means_en, do_en, means_de, do_de) \
  { #class #number, n, UMZ_SEVERITY_##sev,                                           \
    { en, de }, { means_en, means_de }, { do_en, do_de } },
#include "messages/messages.def"
#undef UMZ_MESSAGE
};
/* clang-format on */

struct UmzNotice {
  UmzMessageId id;
  GStrv inserts; /* owned, never NULL */
};

typedef struct {
  GStrv inserts; /* owned; NULL until set */
} UmzErrorPrivate;

static void
umz_error_private_init (UmzErrorPrivate *priv)
{
  priv->inserts = NULL;
}

static void
umz_error_private_copy (const UmzErrorPrivate *source, UmzErrorPrivate *target)
{
  target->inserts = g_strdupv (source->inserts);
}

static void
umz_error_private_clear (UmzErrorPrivate *priv)
{
  g_strfreev (priv->inserts);
}

G_DEFINE_EXTENDED_ERROR (UmzError, umz_error)

bool
umz_lang_parse (const char *text, UmzLang *ret_lang)
{
  static const struct {
    const char *name;
    UmzLang lang;
  } names[] = {
    { "en", UMZ_LANG_EN },
    { "e", UMZ_LANG_EN },
    { "de", UMZ_LANG_DE },
    { "d", UMZ_LANG_DE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    if (g_ascii_strcasecmp (text, names[i].name) == 0) {
      *ret_lang = names[i].lang;
      return true;
    }
  }
  return false;
}

size_t
umz_message_count (void)
{
  return G_N_ELEMENTS (messages);
}

static const Message *
get_message (UmzMessageId id)
{
  g_assert ((size_t) id < G_N_ELEMENTS (messages));
  return &messages[id];
}

const char *
umz_message_code (UmzMessageId id)
{
  return get_message (id)->code;
}

bool
umz_message_lookup (const char *code, UmzMessageId *ret_id)
{
  for (size_t i = 0; i < G_N_ELEMENTS (messages); i++) {
    if (g_ascii_strcasecmp (code, messages[i].code) == 0) {
      *ret_id = (UmzMessageId) i;
      return true;
    }
  }
  return false;
}

UmzSeverity
umz_message_severity (UmzMessageId id)
{
  return get_message (id)->severity;
}

size_t
umz_message_n_inserts (UmzMessageId id)
{
  return get_message (id)->n_inserts;
}

const char *
umz_message_text (UmzMessageId id, UmzLang lang)
{
  return get_message (id)->text[lang];
}

const char *
umz_message_meaning (UmzMessageId id, UmzLang lang)
{
  return get_message (id)->meaning[lang];
}

const char *
umz_message_response (UmzMessageId id, UmzLang lang)
{
  return get_message (id)->response[lang];
}

/* Takes inserts. */
static UmzNotice *
take_inserts (UmzMessageId id, GStrv inserts)
{
  g_assert (g_strv_length (inserts) == get_message (id)->n_inserts);

  UmzNotice *notice = g_new (UmzNotice, 1);
  *notice = (UmzNotice){ .id = id, .inserts = inserts };
  return notice;
}

static GStrv
dup_inserts (va_list args)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (const char *insert = va_arg (args, const char *); insert != NULL;
       insert = va_arg (args, const char *))
    g_strv_builder_add (builder, insert);
  return g_strv_builder_end (builder);
}

UmzNotice *
umz_notice_new (UmzMessageId id, ...)
{
  va_list args;
  va_start (args, id);
  GStrv inserts = dup_inserts (args);
  va_end (args);
  return take_inserts (id, inserts);
}

UmzNotice *
umz_notice_newv (UmzMessageId id, const char *const *inserts)
{
  return take_inserts (id, g_strdupv ((GStrv) inserts));
}

UmzNotice *
umz_notice_new_from_code (const char *code, const char *const *inserts, GError **error)
{
  static const char *const none[] = { NULL };
  if (inserts == NULL)
    inserts = none;

  UmzMessageId id;
  size_t n_inserts = g_strv_length ((GStrv) inserts);
  if (!umz_message_lookup (code, &id) || get_message (id)->n_inserts != n_inserts) {
    g_autofree char *number = g_strdup_printf ("%zu", n_inserts);
    umz_set_error (error, UMZ_MSG_UMZ0091, code, number, NULL);
    return NULL;
  }
  return umz_notice_newv (id, inserts);
}

UmzNotice *
umz_notice_copy (const UmzNotice *notice)
{
  return take_inserts (notice->id, g_strdupv (notice->inserts));
}

void
umz_notice_free (UmzNotice *notice)
{
  if (notice == NULL)
    return;
  g_strfreev (notice->inserts);
  g_free (notice);
}

UmzMessageId
umz_notice_get_id (const UmzNotice *notice)
{
  return notice->id;
}

const char *const *
umz_notice_get_inserts (const UmzNotice *notice)
{
  return (const char *const *) notice->inserts;
}

/* Which insert begins at text, or -1: "(&07)" is 7. */
static int
get_insert_at (const char *text)
{
  if (strncmp (text, "(&0", 3) == 0 && g_ascii_isdigit (text[3]) && text[4] == ')')
    return g_ascii_digit_value (text[3]);
  return -1;
}

/* The text of a message with the inserts in their places. */
static void
append_expanded (GString *line, const char *text, const char *const *inserts)
{
  while (*text != '\0') {
    int number = get_insert_at (text);
    if (number >= 0) {
      g_string_append (line, inserts[number]);
      text += strlen ("(&00)");
    }
    else {
      g_string_append_c (line, *text++);
    }
  }
}

/* Makes it fit for a console; takes line. */
static char *
make_printable (GString *line)
{
  for (char *p = line->str; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';

  char *valid = g_utf8_make_valid (line->str, (gssize) line->len);
  (void) g_string_free (line, TRUE); /* TRUE: there is no text to keep */

  /* C1 controls (U+0080 to U+009F) are two bytes in UTF-8, c2 80 to c2 9f. */
  for (char *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    if (c >= 0x80 && c <= 0x9f)
      memset (p, ' ', 2);
  }
  return valid;
}

char *
umz_notice_render (const UmzNotice *notice, UmzLang lang)
{
  const Message *message = get_message (notice->id);
  GString *line = g_string_new (message->code);
  g_string_append_c (line, ' ');
  append_expanded (line, message->text[lang], umz_notice_get_inserts (notice));
  return make_printable (line);
}

static bool
is_vm_insert (const char *insert)
{
  return g_str_has_prefix (insert, "(") && g_str_has_suffix (insert, ")");
}

char *
umz_notice_reason (const UmzNotice *notice)
{
  GString *reason = g_string_new (umz_message_code (notice->id));
  for (size_t i = 0; notice->inserts[i] != NULL; i++) {
    const char *insert = notice->inserts[i];
    if (*insert != '\0' && !is_vm_insert (insert))
      g_string_append_printf (reason, ",%s", insert);
  }
  return make_printable (reason);
}

/* A message has many places that set it; the text alone does not say which it was. */
static void
log_origin (const char *file, int line, const char *text)
{
  g_autofree char *place = g_strdup_printf ("%d", line);
  g_log_structured (UMZ_ERROR_LOG, G_LOG_LEVEL_DEBUG, "CODE_FILE", file, "CODE_LINE", place,
                    "MESSAGE", "%s:%d: %s", file, line, text);
}

void
umz_set_error_from_notice_at (const char *file, int line, GError **error, const UmzNotice *notice)
{
  if (error == NULL)
    return;
  g_autofree char *text = umz_notice_render (notice, UMZ_LANG_EN);
  log_origin (file, line, text);
  GError *made = g_error_new_literal (UMZ_ERROR, (int) notice->id, text);
  umz_error_get_private (made)->inserts = g_strdupv (notice->inserts);
  g_propagate_error (error, made);
}

void
umz_set_error_at (const char *file, int line, GError **error, UmzMessageId id, ...)
{
  va_list args;
  va_start (args, id);
  GStrv inserts = dup_inserts (args);
  va_end (args);
  g_autoptr (UmzNotice) notice = take_inserts (id, inserts);
  umz_set_error_from_notice_at (file, line, error, notice);
}

UmzNotice *
umz_error_to_notice (const GError *error)
{
  if (error->domain != UMZ_ERROR)
    return umz_notice_new (UMZ_MSG_UMZ0090, error->message, NULL);
  return take_inserts ((UmzMessageId) error->code,
                       g_strdupv (umz_error_get_private (error)->inserts));
}

char *
umz_error_render (const GError *error, UmzLang lang)
{
  g_autoptr (UmzNotice) notice = umz_error_to_notice (error);
  return umz_notice_render (notice, lang);
}
