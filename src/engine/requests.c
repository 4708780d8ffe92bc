/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* requests.c: what the other SU of a move asks for. */
#include <string.h>

#include "base/text.h"
#include "engine/arrival-announcement.h"
#include "engine/engine-private.h"
#include "model/json.h"

#define REQUEST_S 25 /* for the move's thread to answer */

/* What the journal says of the move, of which nothing is known if it never was; and what was said
 * here of it meanwhile, for which the move (NULL if it is of an earlier run of umzugd) is asked.
 */
static JsonNode *
answer_from_journal (UmzEngine *engine, const char *su, const char *id, UmzMove *move,
                     GError **error)
{
  g_autoptr (UmzMoveRecord) record = NULL;
  if (!umz_store_dup_move (engine->means.store, id, &record, error))
    return NULL; /* not to know is not the same as to know of none */
  g_autoptr (JsonBuilder) b = json_builder_new ();
  bool is_known = record != NULL && umz_text_is_same_name (record->peer, su);
  json_builder_begin_object (b);
  umz_json_set_text (b, "answer", umz_state_name (is_known ? record->state : UMZ_STATE_NONE));
  if (is_known && move != NULL)
    umz_lines_add (move->lines, b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

static JsonNode *
answer_beat (UmzMove *move)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "answer", umz_state_name (umz_move_get_state (move)));
  umz_move_add_refusal (move, b);
  umz_json_set_number (b, "seen", umz_lines_count_taken (move->lines));
  umz_lines_add (move->lines, b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

static JsonNode *
answer_request (UmzEngine *engine, UmzMove *move, UmzInputKind kind, JsonObject *request,
                GError **error)
{
  JsonNode *said = json_object_get_member (request, "notice");
  UmzNotice *notice = said != NULL ? umz_json_to_notice (said, NULL) : NULL;
  JsonNode *answer = umz_inputs_ask (move->inputs, kind, notice, REQUEST_S);
  if (answer == NULL)
    umz_set_error (error, UMZ_MSG_UMZ0320, engine->means.config->su_name, NULL);
  return answer;
}

/* Whether the source says that it can never take the guest back. */
static bool
is_last (JsonObject *request)
{
  uint64_t last = 0;
  return umz_json_get_number (request, "last", 1, &last) && last == 1;
}

JsonNode *
umz_engine_handle_move (UmzEngine *engine, const char *su, const char *id, const char *verb,
                        JsonObject *request, GError **error)
{
  uint64_t epoch;
  if (strcmp (verb, "begin") == 0)
    return umz_announcement_take (&engine->means, engine->registry, su, id, request, error);
  g_autoptr (UmzMove) move = umz_registry_find (engine->registry, id);
  if (move != NULL && umz_text_is_same_name (move->record->peer, su)) {
    umz_lines_take (move->lines, request, NULL, NULL); /* the last ones come after the end */
    umz_lines_hear_seen (move->lines, request);
  }
  if (move == NULL || umz_move_is_closed (move))
    return answer_from_journal (engine, su, id, move, error);
  if (!umz_text_is_same_name (move->record->peer, su) ||
      !umz_json_get_number (request, "epoch", INT64_MAX, &epoch) || epoch != move->record->epoch) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "epoch of the move", NULL);
    return NULL;
  }
  if (strcmp (verb, "ask") == 0)
    return answer_from_journal (engine, su, id, move, error);
  if (move->side != UMZ_SIDE_TARGET) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "side of the move", NULL);
    return NULL;
  }
  umz_move_hear (move);
  if (strcmp (verb, "beat") == 0)
    return answer_beat (move);
  if (strcmp (verb, "go") == 0)
    return answer_request (engine, move, is_last (request) ? UMZ_INPUT_GO_LAST : UMZ_INPUT_GO,
                           request, error);
  if (strcmp (verb, "abort") == 0)
    return answer_request (engine, move, UMZ_INPUT_ABORT, request, error);
  if (strcmp (verb, "gone") == 0) {
    umz_inputs_push (move->inputs, UMZ_INPUT_GONE, NULL);
    return json_from_string ("{}", NULL);
  }
  umz_set_error (error, UMZ_MSG_UMZ0310, "verb", NULL);
  return NULL;
}
