/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/lines.h"

#include <string.h>

#include "model/json.h"

#define LINES_MAX 1000 /* in one request or answer */

typedef struct {
  UmzNotice *notice; /* owned */
  int64_t time_us;   /* real time */
} Said;

struct UmzLines {
  const UmzMeans *means;       /* borrowed, as what follows */
  const UmzMoveRecord *record; /* id, peer and the VM's state never change */
  const char *label;

  GMutex said_lock;
  GPtrArray *said;  /* owned; Said */
  uint64_t n_heard; /* how many of them the other SU has */

  GMutex taken_lock;
  uint64_t n_taken; /* of the other SU's lines, on this console */
};

static void
free_said (void *data)
{
  Said *said = data;
  umz_notice_free (said->notice);
  g_free (said);
}

UmzLines *
umz_lines_new (const UmzMeans *means, const UmzMoveRecord *record, const char *label)
{
  UmzLines *lines = g_new0 (UmzLines, 1);
  lines->means = means;
  lines->record = record;
  lines->label = label;
  lines->said = g_ptr_array_new_with_free_func (free_said);
  g_mutex_init (&lines->said_lock);
  g_mutex_init (&lines->taken_lock);
  return lines;
}

void
umz_lines_free (UmzLines *lines)
{
  if (lines == NULL)
    return;
  g_ptr_array_unref (lines->said);
  g_mutex_clear (&lines->said_lock);
  g_mutex_clear (&lines->taken_lock);
  g_free (lines);
}

static void
show (UmzLines *lines, const char *su, const UmzNotice *notice, int64_t time_us)
{
  const UmzMeans *means = lines->means;
  UmzLine line = {
    .su = su, .notice = notice, .move_id = lines->record->id, .time_us = time_us
  };
  means->listener.line (&line, means->listener_data);
}

/* ---- what is said here ---- */

static bool
is_for_people (UmzLines *lines, UmzMessageId id)
{
  return lines->record->vm_state != UMZ_VM_STATE_DEFINED_ONLY || id == UMZ_MSG_VMS2322 ||
         !g_str_has_prefix (umz_message_code (id), "VMS");
}

void
umz_lines_say (UmzLines *lines, UmzNotice *notice)
{
  umz_lines_say_at (lines, g_get_real_time (), notice);
}

void
umz_lines_say_at (UmzLines *lines, int64_t real_time_us, UmzNotice *notice)
{
  g_autoptr (UmzNotice) owned = notice;
  if (!is_for_people (lines, umz_notice_get_id (owned)))
    return;
  show (lines, lines->means->config->su_name, owned, real_time_us);
  Said *said = g_new (Said, 1);
  *said = (Said){ .notice = g_steal_pointer (&owned), .time_us = real_time_us };
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lines->said_lock);
  g_ptr_array_add (lines->said, said);
}

bool
umz_lines_has_said (UmzLines *lines, UmzMessageId id)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lines->said_lock);
  for (guint i = 0; i < lines->said->len; i++)
    if (umz_notice_get_id (((const Said *) lines->said->pdata[i])->notice) == id)
      return true;
  return false;
}

void
umz_lines_say_once (UmzLines *lines, UmzMessageId id)
{
  if (!umz_lines_has_said (lines, id))
    umz_lines_say (lines, umz_notice_new (id, lines->label, NULL));
}

static void
add_line (JsonBuilder *b, const Said *said)
{
  JsonNode *line = umz_json_from_notice (said->notice);
  json_object_set_int_member (json_node_get_object (line), "time_us", said->time_us);
  json_builder_add_value (b, line);
}

void
umz_lines_add (UmzLines *lines, JsonBuilder *builder)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lines->said_lock);
  umz_json_set_number (builder, "first", lines->n_heard);
  json_builder_set_member_name (builder, "lines");
  json_builder_begin_array (builder);
  guint end = (guint) MIN (lines->said->len, lines->n_heard + LINES_MAX); /* the rest next time */
  for (guint i = (guint) lines->n_heard; i < end; i++)
    add_line (builder, lines->said->pdata[i]);
  json_builder_end_array (builder);
}

void
umz_lines_hear_seen (UmzLines *lines, JsonObject *sent)
{
  uint64_t seen = 0;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lines->said_lock);
  if (umz_json_get_number (sent, "seen", INT32_MAX, &seen)) /* else as before */
    lines->n_heard = MIN (MAX (seen, lines->n_heard), lines->said->len);
}

/* ---- what the other SU says ---- */

static void
take_line (UmzLines *lines, JsonNode *node)
{
  uint64_t time_us = 0;
  g_autoptr (UmzNotice) notice = umz_json_to_notice (node, NULL);
  if (notice != NULL &&
      umz_json_get_number (json_node_get_object (node), "time_us", INT64_MAX, &time_us))
    show (lines, lines->record->peer, notice, (int64_t) time_us);
}

void
umz_lines_take (UmzLines *lines, JsonObject *sent, void (*before) (void *data), void *data)
{
  uint64_t first = 0;
  JsonArray *array = umz_json_get_array (sent, "lines", LINES_MAX);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lines->taken_lock);
  if (array == NULL || !umz_json_get_number (sent, "first", INT32_MAX, &first))
    return;
  for (guint i = 0; i < json_array_get_length (array); i++) {
    if (first + i < lines->n_taken)
      continue; /* came before */
    if (before != NULL)
      before (data);
    take_line (lines, json_array_get_element (array, i));
    lines->n_taken = first + i + 1;
  }
}

uint64_t
umz_lines_count_taken (UmzLines *lines)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lines->taken_lock);
  return lines->n_taken;
}
