/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/libvirt-conf.h"

#include <limits.h>
#include <string.h>

#define FILE_BYTES_MAX (1024 * 1024)

struct UmzLibvirtConf {
  GHashTable *values; /* owned; key -> text */
};

typedef struct {
  const char *at;
  const char *end;
} Text;

static void
skip_blanks (Text *text)
{
  while (text->at < text->end && (*text->at == ' ' || *text->at == '\t'))
    text->at++;
}

static void
skip_line (Text *text)
{
  while (text->at < text->end && *text->at != '\n')
    text->at++;
  if (text->at < text->end)
    text->at++;
}

/* Up to the byte `end`, which is stepped over; NULL if it does not come before the byte `limit`. */
static char *
take_until (Text *text, char end, char limit)
{
  const char *begin = text->at;
  while (text->at < text->end && *text->at != end && *text->at != limit)
    text->at++;
  if (text->at == text->end || *text->at != end)
    return NULL;
  return g_strndup (begin, (size_t) (text->at++ - begin));
}

static char *
take_key (Text *text)
{
  const char *begin = text->at;
  while (text->at < text->end && (g_ascii_isalnum (*text->at) || *text->at == '_'))
    text->at++;
  return text->at > begin ? g_strndup (begin, (size_t) (text->at - begin)) : NULL;
}

static char *
take_word (Text *text)
{
  const char *begin = text->at;
  while (text->at < text->end && (g_ascii_isalnum (*text->at) || *text->at == '-'))
    text->at++;
  return text->at > begin ? g_strndup (begin, (size_t) (text->at - begin)) : NULL;
}

/* NULL: not complete. */
static char *
take_value (Text *text)
{
  char first = text->at < text->end ? *text->at : '\0';
  if (first != '"' && first != '\'' && first != '[')
    return take_word (text);
  text->at++;
  return first == '[' ? take_until (text, ']', '\0') : take_until (text, first, '\n');
}

static void
take_line (UmzLibvirtConf *conf, Text *text)
{
  skip_blanks (text);
  g_autofree char *key = take_key (text);
  skip_blanks (text);
  if (key != NULL && text->at < text->end && *text->at == '=') {
    text->at++;
    skip_blanks (text);
    char *value = take_value (text);
    if (value != NULL)
      g_hash_table_replace (conf->values, g_steal_pointer (&key), value);
  }
  skip_line (text);
}

UmzLibvirtConf *
umz_libvirt_conf_parse (const char *text, size_t length_bytes)
{
  UmzLibvirtConf *conf = g_new0 (UmzLibvirtConf, 1);
  conf->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (length_bytes == 0 || length_bytes > FILE_BYTES_MAX)
    return conf; /* nothing to point to, or nothing of libvirt's */
  Text rest = { text, text + length_bytes };
  while (rest.at < rest.end)
    take_line (conf, &rest);
  return conf;
}

UmzLibvirtConf *
umz_libvirt_conf_load (const char *path)
{
  size_t length = 0;
  g_autofree char *text = NULL;
  (void) g_file_get_contents (path, &text, &length, NULL); /* not there: no settings */
  return umz_libvirt_conf_parse (text != NULL ? text : "", length);
}

void
umz_libvirt_conf_free (UmzLibvirtConf *conf)
{
  if (conf == NULL)
    return;
  g_hash_table_unref (conf->values);
  g_free (conf);
}

const char *
umz_libvirt_conf_get (const UmzLibvirtConf *conf, const char *key, const char *preset)
{
  const char *value = g_hash_table_lookup (conf->values, key);
  return value != NULL ? value : preset;
}

unsigned
umz_libvirt_conf_get_number (const UmzLibvirtConf *conf, const char *key, unsigned preset)
{
  guint64 number;
  const char *value = umz_libvirt_conf_get (conf, key, "");
  return g_ascii_string_to_unsigned (value, 10, 0, INT_MAX, &number, NULL) ? (unsigned) number
                                                                           : preset;
}
