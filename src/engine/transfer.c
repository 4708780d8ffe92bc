/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/transfer.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "model/json.h"

#define ENGINE_CODEC "VM2000"
#define ENGINE_PLAIN "X2000"
#define WORD_BYTES   16

/* ---- what there is ---- */

static bool
take_kept (UmzTransfer *t)
{
  return umz_mirrors_take (t->means->mirrors, t->record->uuid, &t->file);
}

static bool
begin_empty (UmzTransfer *t)
{
  return umz_mirrors_begin (t->means->mirrors, t->record->uuid, t->record->name, t->record->peer,
                            t->memory_bytes, &t->file);
}

/* A mirror that cannot be had is none: what it would have saved is sent. */
static void
open_mirror (UmzTransfer *t, UmzMirrorUse use)
{
  bool is_open = use == UMZ_MIRROR_KEPT    ? take_kept (t)
                 : use == UMZ_MIRROR_EMPTY ? begin_empty (t)
                                           : false;
  t->use = is_open ? use : UMZ_MIRROR_NONE;
}

static bool
find_mark (const UmzTransfer *t, UmzMirrorMark *ret_mark)
{
  return umz_mirrors_find (t->means->mirrors, t->record->uuid, t->record->peer, t->memory_bytes,
                           ret_mark);
}

/* ---- source ---- */

static void
add_mirror (UmzTransfer *t, JsonBuilder *builder)
{
  UmzMirrorMark mark;
  if (find_mark (t, &mark))
    t->offered = UMZ_MIRROR_KEPT;
  else if (umz_mirrors_has_room (t->means->mirrors, t->memory_bytes))
    t->offered = UMZ_MIRROR_EMPTY;
  if (t->offered == UMZ_MIRROR_NONE)
    return;
  json_builder_set_member_name (builder, "mirror");
  json_builder_begin_object (builder);
  if (t->offered == UMZ_MIRROR_KEPT) {
    g_autofree char *digest = umz_text_dup_hex (&mark.digest, sizeof mark.digest);
    umz_json_set_text (builder, "move", mark.move_id);
    umz_json_set_text (builder, "digest", digest);
  }
  json_builder_end_object (builder);
}

void
umz_transfer_add_offer (UmzTransfer *t, bool is_coded, JsonBuilder *builder)
{
  t->engine = is_coded ? UMZ_RELAY_ENGINE_CODEC : UMZ_RELAY_ENGINE_PLAIN;
  umz_json_set_text (builder, "engine", is_coded ? ENGINE_CODEC : ENGINE_PLAIN);
  if (is_coded)
    add_mirror (t, builder);
}

void
umz_transfer_take_answer (UmzTransfer *t, JsonNode *answer)
{
  const char *word = "";
  (void) umz_json_get_text (json_node_get_object (answer), "mirror", WORD_BYTES, &word);
  UmzMirrorUse use = strcmp (word, "KEPT") == 0    ? UMZ_MIRROR_KEPT
                     : strcmp (word, "EMPTY") == 0 ? UMZ_MIRROR_EMPTY
                                                   : UMZ_MIRROR_NONE;
  open_mirror (t, use <= t->offered ? use : UMZ_MIRROR_NONE);
}

/* ---- target ---- */

/* "" and an empty digest stand for a source that has none. */
static bool
is_ours (const UmzTransfer *t, const char *move_id, GBytes *digest)
{
  UmzMirrorMark mark;
  return find_mark (t, &mark) && strcmp (mark.move_id, move_id) == 0 &&
         g_bytes_get_size (digest) == sizeof mark.digest &&
         memcmp (g_bytes_get_data (digest, NULL), &mark.digest, sizeof mark.digest) == 0;
}

static bool
take_mirror (UmzTransfer *t, JsonObject *mirror)
{
  const char *move_id = "", *digest_text = "";
  if (json_object_get_size (mirror) > 0 &&
      (!umz_json_get_text (mirror, "move", 64, &move_id) ||
       !umz_json_get_text (mirror, "digest", 64, &digest_text)))
    return false;
  g_autoptr (GBytes) digest = umz_text_new_bytes_from_hex (digest_text);
  if (digest == NULL)
    return false;
  open_mirror (t, is_ours (t, move_id, digest) ? UMZ_MIRROR_KEPT : UMZ_MIRROR_EMPTY);
  return true;
}

bool
umz_transfer_take_offer (UmzTransfer *t, JsonObject *memory)
{
  const char *engine;
  JsonNode *mirror = json_object_get_member (memory, "mirror");
  if (!umz_json_get_text (memory, "engine", WORD_BYTES, &engine))
    return false;
  bool is_coded = strcmp (engine, ENGINE_CODEC) == 0;
  if (!is_coded && strcmp (engine, ENGINE_PLAIN) != 0)
    return false;
  t->engine = is_coded ? UMZ_RELAY_ENGINE_CODEC : UMZ_RELAY_ENGINE_PLAIN;
  return mirror == NULL || (is_coded && JSON_NODE_HOLDS_OBJECT (mirror) &&
                            take_mirror (t, json_node_get_object (mirror)));
}

void
umz_transfer_add_answer (const UmzTransfer *t, JsonBuilder *builder)
{
  static const char *const words[] = {
    [UMZ_MIRROR_NONE] = "NONE",
    [UMZ_MIRROR_EMPTY] = "EMPTY",
    [UMZ_MIRROR_KEPT] = "KEPT",
  };
  umz_json_set_text (builder, "mirror", words[t->use]);
}

/* ---- both ---- */

void
umz_transfer_init (UmzTransfer *t, const UmzMeans *means, const UmzMoveRecord *record,
                   uint64_t memory_bytes)
{
  *t = (UmzTransfer){
    .means = means, .record = record, .memory_bytes = memory_bytes, .file = { .fd = -1 }
  };
}

int
umz_transfer_begin (UmzTransfer *t, UmzRelayStart *start)
{
  int fd = t->file.fd;
  start->engine = t->engine;
  if (t->use == UMZ_MIRROR_NONE || fd < 0)
    return -1; /* or a relay before this one has had it */
  start->mirror_max_bytes = t->file.max_bytes;
  memcpy (start->mirror_key, t->file.key, sizeof start->mirror_key);
  memcpy (start->mirror_digest, &t->file.digest, sizeof start->mirror_digest);
  t->file.fd = -1;
  return fd;
}

void
umz_transfer_end (UmzTransfer *t, bool has_come_through, const UmzRelayMirror *left)
{
  UmzMirrorMark mark = { 0 };
  if (t->use == UMZ_MIRROR_NONE)
    return;
  if (t->file.fd >= 0)
    close (t->file.fd);
  explicit_bzero (t->file.key, sizeof t->file.key);
  t->file.fd = -1;
  t->use = UMZ_MIRROR_NONE;
  g_strlcpy (mark.move_id, t->record->id, sizeof mark.move_id);
  memcpy (&mark.digest, left->digest, sizeof mark.digest);
  if (has_come_through && left->is_usable)
    umz_mirrors_keep (t->means->mirrors, t->record->uuid, &mark);
  else
    (void) umz_mirrors_drop (t->means->mirrors, t->record->uuid); /* or somebody else has */
}
