/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue.h: everything Umzug says, as a number with inserts, in two languages.
 *
 * Code that finds something out makes an UmzNotice or sets a GError of the domain UMZ_ERROR; both
 * are a message id and its inserts.  Text in the language of the reader is made at the very end,
 * where it is shown.  Never use g_prefix_error() on UMZ_ERROR: it edits the English text only.  To
 * add an outer fact make the outer message and give it the inner one's umz_notice_reason() as an
 * insert.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Inserts are (&00) to (&09). */
#define UMZ_MESSAGE_INSERTS_MAX 10

/* UMZ_MSG_VMS2450 and so on: consecutive from 0, so an id is no stable number.  What goes over the
 * wire or into a file is the code, "VMS2450".
 */
typedef enum {
#define UMZ_MESSAGE(class, number, ...) UMZ_MSG_##class##number,
#include "messages/messages.def"
#undef UMZ_MESSAGE
} UmzMessageId;

typedef enum {
  UMZ_LANG_EN,
  UMZ_LANG_DE,
} UmzLang;

typedef enum {
  UMZ_SEVERITY_INFO,
  UMZ_SEVERITY_WARNING, /* noteworthy, and what was asked for goes on */
  UMZ_SEVERITY_ERROR,   /* what was asked for was not done, or was undone */
} UmzSeverity;

/* Reads "en", "de", "E" or "D" in any case. */
bool umz_lang_parse (const char *text, UmzLang *ret_lang);

/* ---- the catalogue ---- */

/* How many messages there are; ids are below it. */
size_t umz_message_count (void);

/* "VMS2450"; lives for ever. */
const char *umz_message_code (UmzMessageId id);

/* Finds the id of a code, in any case.  False if there is none. */
bool umz_message_lookup (const char *code, UmzMessageId *ret_id);

UmzSeverity umz_message_severity (UmzMessageId id);

/* How many inserts the message takes, 0 to UMZ_MESSAGE_INSERTS_MAX. */
size_t umz_message_n_inserts (UmzMessageId id);

/* The text with its (&nn) still in it, what it means, and what to do ("" for nothing): as
 * HELP-MSG-INFORMATION shows them.  They live for ever.
 */
const char *umz_message_text (UmzMessageId id, UmzLang lang);
const char *umz_message_meaning (UmzMessageId id, UmzLang lang);
const char *umz_message_response (UmzMessageId id, UmzLang lang);

/* ---- a message with its inserts ---- */

/* Immutable. */
typedef struct UmzNotice UmzNotice;

/* Copies the inserts, which end with NULL and are as many as the message takes; anything else is a
 * bug.  An insert may be "" but not NULL.
 */
UmzNotice *umz_notice_new (UmzMessageId id, ...) G_GNUC_NULL_TERMINATED;
UmzNotice *umz_notice_newv (UmzMessageId id, const char *const *inserts);

/* For what another SU or a file says: fails with UMZ0091 if the code is unknown here or does not
 * take that many inserts.  inserts may be NULL for none.
 */
UmzNotice *umz_notice_new_from_code (const char *code, const char *const *inserts, GError **error);

UmzNotice *umz_notice_copy (const UmzNotice *notice);
void umz_notice_free (UmzNotice *notice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzNotice, umz_notice_free)

UmzMessageId umz_notice_get_id (const UmzNotice *notice);

/* Lent, NULL-terminated, never NULL. */
const char *const *umz_notice_get_inserts (const UmzNotice *notice);

/* One line: "VMS2450 LIVE MIGRATION OF VM (12,VM12PROD) TO ...".  Valid UTF-8 without control
 * characters, whatever the inserts hold.  The caller frees it.
 */
char *umz_notice_render (const UmzNotice *notice, UmzLang lang);

/* The short form for a REASON insert of another message: the code and its inserts, "VMS2437,4683".
 * Left out are empty inserts and VM inserts, "(index,name)", because the outer message has named
 * the VM already: "VMS4011".  The caller frees it.
 */
char *umz_notice_reason (const UmzNotice *notice);

/* ---- errors ---- */

#define UMZ_ERROR (umz_error_quark ())

/* A GError of this domain has an UmzMessageId as code, and its message is the English rendering.
 * g_error_copy() keeps the inserts.
 */
GQuark umz_error_quark (void);

/* Sets *error, unless error is NULL.  Inserts as for umz_notice_new().  The debug log of the domain
 * UMZ_ERROR_LOG says where that was.
 */
#define umz_set_error(...) umz_set_error_at (__FILE__, __LINE__, __VA_ARGS__)
#define umz_set_error_from_notice(error, notice) \
  umz_set_error_from_notice_at (__FILE__, __LINE__, error, notice)
#define UMZ_ERROR_LOG "umzug-errors"

void umz_set_error_at (const char *file, int line, GError **error, UmzMessageId id,
                       ...) G_GNUC_NULL_TERMINATED;
void umz_set_error_from_notice_at (const char *file, int line, GError **error,
                                   const UmzNotice *notice);

/* What the error says as a notice, to be freed by the caller.  An error of a foreign domain becomes
 * UMZ0090 with its text.
 */
UmzNotice *umz_error_to_notice (const GError *error);

/* umz_error_to_notice() rendered.  The caller frees it. */
char *umz_error_render (const GError *error, UmzLang lang);
