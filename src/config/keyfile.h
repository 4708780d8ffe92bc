/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keyfile.h: a key file that knows on which line each thing stands, which GKeyFile does not. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* A larger file is refused. */
#define UMZ_KEYFILE_BYTES_MAX (1024 * 1024)

/* One [group], or one key=value. */
typedef struct {
  char *group;   /* owned */
  char *key;     /* owned; NULL for the line of the group itself */
  unsigned line; /* from 1 */
} UmzKeyfileEntry;

typedef struct {
  char *path;         /* owned; for messages */
  char *text;         /* owned */
  GKeyFile *key_file; /* owned; the values */
  GPtrArray *entries; /* owned; of UmzKeyfileEntry, in the order of the file */
} UmzKeyfile;

/* Reads the file, which has nothing twice.  Fails with UMZ0014, UMZ0017 or UMZ0042. */
UmzKeyfile *umz_keyfile_load (const char *path, GError **error);
void umz_keyfile_free (UmzKeyfile *keyfile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzKeyfile, umz_keyfile_free)

/* Lends the entry of a key, or with key NULL that of the group; NULL if there is none. */
const UmzKeyfileEntry *umz_keyfile_find (const UmzKeyfile *keyfile, const char *group,
                                         const char *key);

/* The value of an entry that has a key, with escapes undone; NULL if it is not valid.  The caller
 * frees it.
 */
char *umz_keyfile_dup_value (const UmzKeyfile *keyfile, const UmzKeyfileEntry *entry);
