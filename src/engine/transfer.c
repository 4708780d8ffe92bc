/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/transfer.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/engine-private.h"
#include "model/json.h"

#define ENGINE_CODEC "VM2000"
#define ENGINE_PLAIN "X2000"
#define WORD_BYTES   16

/* ---- what there is ---- */

static bool
take_kept (UmzMove *move)
{
  return umz_mirrors_take (move->engine->mirrors, move->record->uuid, &move->mirror_file);
}

static bool
begin_empty (UmzMove *move)
{
  return umz_mirrors_begin (move->engine->mirrors, move->record->uuid, move->record->name,
                            move->record->peer, move->vm->memory_bytes, &move->mirror_file);
}

/* A mirror that cannot be had is none: what it would have saved is sent. */
static void
open_mirror (UmzMove *move, UmzMirrorUse use)
{
  const bool is_open = use == UMZ_MIRROR_KEPT    ? take_kept (move)
                       : use == UMZ_MIRROR_EMPTY ? begin_empty (move)
                                                 : false;
  move->mirror_use = is_open ? use : UMZ_MIRROR_NONE;
}

static bool
find_mark (UmzMove *move, UmzMirrorMark *ret_mark)
{
  return umz_mirrors_find (move->engine->mirrors, move->record->uuid, move->record->peer,
                           move->vm->memory_bytes, ret_mark);
}

/* ---- source ---- */

static void
add_mirror (UmzMove *move, JsonBuilder *builder)
{
  UmzMirrorMark mark;
  if (find_mark (move, &mark))
    move->mirror_offered = UMZ_MIRROR_KEPT;
  else if (umz_mirrors_has_room (move->engine->mirrors, move->vm->memory_bytes))
    move->mirror_offered = UMZ_MIRROR_EMPTY;
  if (move->mirror_offered == UMZ_MIRROR_NONE)
    return;
  json_builder_set_member_name (builder, "mirror");
  json_builder_begin_object (builder);
  if (move->mirror_offered == UMZ_MIRROR_KEPT) {
    g_autofree char *digest = umz_text_dup_hex (&mark.digest, sizeof mark.digest);
    umz_json_set_text (builder, "move", mark.move_id);
    umz_json_set_text (builder, "digest", digest);
  }
  json_builder_end_object (builder);
}

void
umz_transfer_add_offer (UmzMove *move, JsonBuilder *builder)
{
  const bool is_coded = move->terms.is_coded;
  move->transfer_engine = is_coded ? UMZ_RELAY_ENGINE_CODEC : UMZ_RELAY_ENGINE_PLAIN;
  umz_json_set_text (builder, "engine", is_coded ? ENGINE_CODEC : ENGINE_PLAIN);
  if (is_coded)
    add_mirror (move, builder);
}

void
umz_transfer_take_answer (UmzMove *move, JsonNode *answer)
{
  const char *word = "";
  (void) umz_json_get_text (json_node_get_object (answer), "mirror", WORD_BYTES, &word);
  const UmzMirrorUse use = strcmp (word, "KEPT") == 0    ? UMZ_MIRROR_KEPT
                           : strcmp (word, "EMPTY") == 0 ? UMZ_MIRROR_EMPTY
                                                         : UMZ_MIRROR_NONE;
  open_mirror (move, use <= move->mirror_offered ? use : UMZ_MIRROR_NONE);
}

/* ---- target ---- */

/* "" and an empty digest stand for a source that has none. */
static bool
is_ours (UmzMove *move, const char *move_id, GBytes *digest)
{
  UmzMirrorMark mark;
  return find_mark (move, &mark) && strcmp (mark.move_id, move_id) == 0 &&
         g_bytes_get_size (digest) == sizeof mark.digest &&
         memcmp (g_bytes_get_data (digest, NULL), &mark.digest, sizeof mark.digest) == 0;
}

static bool
take_mirror (UmzMove *move, JsonObject *mirror)
{
  const char *move_id = "", *digest_text = "";
  if (json_object_get_size (mirror) > 0 &&
      (!umz_json_get_text (mirror, "move", 64, &move_id) ||
       !umz_json_get_text (mirror, "digest", 64, &digest_text)))
    return false;
  g_autoptr (GBytes) digest = umz_text_new_bytes_from_hex (digest_text);
  if (digest == NULL)
    return false;
  open_mirror (move, is_ours (move, move_id, digest) ? UMZ_MIRROR_KEPT : UMZ_MIRROR_EMPTY);
  return true;
}

bool
umz_transfer_take_offer (UmzMove *move, JsonObject *memory)
{
  const char *engine;
  JsonNode *mirror = json_object_get_member (memory, "mirror");
  if (!umz_json_get_text (memory, "engine", WORD_BYTES, &engine))
    return false;
  const bool is_coded = strcmp (engine, ENGINE_CODEC) == 0;
  if (!is_coded && strcmp (engine, ENGINE_PLAIN) != 0)
    return false;
  move->transfer_engine = is_coded ? UMZ_RELAY_ENGINE_CODEC : UMZ_RELAY_ENGINE_PLAIN;
  return mirror == NULL || (is_coded && JSON_NODE_HOLDS_OBJECT (mirror) &&
                            take_mirror (move, json_node_get_object (mirror)));
}

void
umz_transfer_add_answer (UmzMove *move, JsonBuilder *builder)
{
  static const char *const words[] = {
    [UMZ_MIRROR_NONE] = "NONE",
    [UMZ_MIRROR_EMPTY] = "EMPTY",
    [UMZ_MIRROR_KEPT] = "KEPT",
  };
  umz_json_set_text (builder, "mirror", words[move->mirror_use]);
}

/* ---- both ---- */

int
umz_transfer_begin (UmzMove *move, UmzRelayStart *start)
{
  UmzMirrorFile *file = &move->mirror_file;
  const int fd = file->fd;
  start->engine = move->transfer_engine;
  if (move->mirror_use == UMZ_MIRROR_NONE || fd < 0)
    return -1; /* or a relay before this one has had it */
  start->mirror_max_bytes = file->max_bytes;
  memcpy (start->mirror_key, file->key, sizeof start->mirror_key);
  memcpy (start->mirror_digest, &file->digest, sizeof start->mirror_digest);
  file->fd = -1;
  return fd;
}

static bool
has_come_through (UmzMove *move)
{
  const UmzState state = umz_move_get_state (move);
  return state == UMZ_STATE_GONE || state == UMZ_STATE_RUNS;
}

void
umz_transfer_end (UmzMove *move)
{
  UmzMirrors *mirrors = move->engine->mirrors;
  UmzMirrorMark mark = { 0 };
  if (move->mirror_use == UMZ_MIRROR_NONE)
    return;
  if (move->mirror_file.fd >= 0)
    close (move->mirror_file.fd);
  explicit_bzero (move->mirror_file.key, sizeof move->mirror_file.key);
  move->mirror_file.fd = -1;
  move->mirror_use = UMZ_MIRROR_NONE;

  g_mutex_lock (&move->lock);
  const UmzRelayMirror held = move->mirror;
  g_mutex_unlock (&move->lock);
  g_strlcpy (mark.move_id, move->record->id, sizeof mark.move_id);
  memcpy (&mark.digest, held.digest, sizeof mark.digest);
  if (has_come_through (move) && held.is_usable)
    umz_mirrors_keep (mirrors, move->record->uuid, &mark);
  else
    (void) umz_mirrors_drop (mirrors, move->record->uuid); /* or somebody else has */
}
