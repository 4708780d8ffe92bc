/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mirrors.h: the guests whose memory this SU has a copy of, as it went through at their last move.
 *
 * When such a guest moves to or from that same other SU again, only what has changed is sent.  A
 * mirror is good for nothing unless the other SU has the same one: after a move both keep theirs
 * under the move's id, with a digest of all that went through; before the next one both ids and
 * digests are compared.  While a move uses a mirror it is nobody's; if the move is undone, or its
 * end is not known, the mirror is gone.
 *
 * The files are encrypted (codec/mirror.h); their keys are in the memory of umzugd alone, so each
 * start of umzugd begins with none.
 *
 * Any thread may call.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "codec/codec.h"
#include "config/config.h"

/* What tells whether two SUs hold the same. */
typedef struct {
  char move_id[37]; /* of the move that left the mirror */
  UmzDigest digest;
} UmzMirrorMark;

/* For the relay of one move. */
typedef struct {
  int fd; /* the caller closes it */
  uint64_t max_bytes;
  uint8_t key[UMZ_MIRROR_KEY_BYTES];
  UmzDigest digest; /* of what it holds; all zero: nothing */
} UmzMirrorFile;

/* For people. */
typedef struct {
  char *uuid;
  char *name;     /* of the VM */
  char *peer;     /* the other SU */
  uint64_t bytes; /* on the disk */
  int64_t age_us; /* since its move */
  bool is_in_use;
} UmzMirrorInfo;

void umz_mirrors_info_free (UmzMirrorInfo *info);

typedef struct UmzMirrors UmzMirrors;

/* Begins with none: what another run of umzugd has left is removed.  config is borrowed. */
UmzMirrors *umz_mirrors_new (const UmzConfig *config);
void umz_mirrors_free (UmzMirrors *mirrors);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzMirrors, umz_mirrors_free)

/* Whether there is one of that VM, shared with that SU, not in use, and large enough for what the
 * guest has of memory now.
 */
bool umz_mirrors_find (UmzMirrors *mirrors, const char *uuid, const char *peer,
                       uint64_t guest_bytes, UmzMirrorMark *ret_mark);

/* Whether there is room for an empty one of a guest of that size: within the configured limit,
 * mirrors that are not in use aside, and on the disk.
 */
bool umz_mirrors_has_room (UmzMirrors *mirrors, uint64_t guest_bytes);

/* Takes for a move the mirror that umz_mirrors_find() has found.  False: it is gone, and is not
 * listed any more.
 */
bool umz_mirrors_take (UmzMirrors *mirrors, const char *uuid, UmzMirrorFile *ret_file);

/* Begins an empty one for a move, in place of any other of that VM; the oldest make room for it.
 * False: there is no room, or the file cannot be made, or its file system allocates nothing.
 */
bool umz_mirrors_begin (UmzMirrors *mirrors, const char *uuid, const char *name, const char *peer,
                        uint64_t guest_bytes, UmzMirrorFile *ret_file);

/* The move has come to its good end on both sides. */
void umz_mirrors_keep (UmzMirrors *mirrors, const char *uuid, const UmzMirrorMark *mark);

/* Removes it, also while a move uses it: the move goes on, and leaves none.  False: there is none.
 */
bool umz_mirrors_drop (UmzMirrors *mirrors, const char *uuid);

/* Of UmzMirrorInfo, by name; the caller unrefs it. */
GPtrArray *umz_mirrors_list (UmzMirrors *mirrors);
