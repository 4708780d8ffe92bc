/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/backlog.h"

#include <string.h>

#include "base/ticker.h"

#define RETRY_S 1

/* One of both. */
typedef struct {
  UmzConsoleLine *line;
  UmzJobVariable *jv;
} Entry;

struct UmzBacklog {
  UmzStore *store;
  UmzTicker *ticker; /* owned */
  GMutex lock;       /* of the rest */
  GQueue entries;    /* owned; Entry, the oldest at its head */
  unsigned n_lost;   /* lines, since the records could be written */
};

static void
free_entry (Entry *entry)
{
  umz_console_line_free (entry->line);
  umz_job_variable_free (entry->jv);
  g_free (entry);
}

static bool
write_entry (UmzBacklog *backlog, const Entry *entry, GError **error)
{
  return entry->line != NULL ? umz_store_append_console (backlog->store, entry->line, error)
                             : umz_store_put_jv (backlog->store, entry->jv, error);
}

/* The lock is held. */
static bool
write_all (UmzBacklog *backlog, GError **error)
{
  for (Entry *entry; (entry = g_queue_peek_head (&backlog->entries)) != NULL;) {
    if (!write_entry (backlog, entry, error))
      return false;
    free_entry (g_queue_pop_head (&backlog->entries));
  }
  if (backlog->n_lost > 0)
    g_warning ("%u lines of the console were not kept", backlog->n_lost);
  backlog->n_lost = 0;
  return true;
}

/* The lock is held. */
static void
drop_a_line (UmzBacklog *backlog)
{
  GList *link = backlog->entries.head;
  while (link != NULL && ((Entry *) link->data)->line == NULL)
    link = link->next;
  if (link == NULL)
    return;
  free_entry (link->data);
  g_queue_delete_link (&backlog->entries, link);
  backlog->n_lost++;
}

static void
add (UmzBacklog *backlog, UmzConsoleLine *line, UmzJobVariable *jv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&backlog->lock);
  bool is_first = g_queue_is_empty (&backlog->entries);
  Entry *entry = g_new (Entry, 1);
  *entry = (Entry){ .line = line, .jv = jv };
  g_queue_push_tail (&backlog->entries, entry);
  /* Those who wait already are tried by the ticker: this thread need not wait for a disk. */
  if (is_first && !write_all (backlog, &error))
    g_warning ("%s", error->message);
  if (g_queue_get_length (&backlog->entries) > UMZ_BACKLOG_MAX)
    drop_a_line (backlog);
}

static void
retry (void *data)
{
  UmzBacklog *backlog = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&backlog->lock);
  (void) write_all (backlog, NULL); /* the reason has been said */
}

UmzBacklog *
umz_backlog_new (UmzStore *store)
{
  UmzBacklog *backlog = g_new0 (UmzBacklog, 1);
  backlog->store = store;
  g_mutex_init (&backlog->lock);
  g_queue_init (&backlog->entries);
  backlog->ticker = umz_ticker_start ("backlog", RETRY_S, retry, backlog);
  return backlog;
}

void
umz_backlog_free (UmzBacklog *backlog)
{
  if (backlog == NULL)
    return;
  umz_ticker_stop (backlog->ticker);
  retry (backlog);
  g_queue_clear_full (&backlog->entries, (GDestroyNotify) free_entry);
  g_mutex_clear (&backlog->lock);
  g_free (backlog);
}

void
umz_backlog_add_line (UmzBacklog *backlog, UmzConsoleLine *line)
{
  add (backlog, line, NULL);
}

void
umz_backlog_put_jv (UmzBacklog *backlog, UmzJobVariable *jv)
{
  add (backlog, NULL, jv);
}

static const UmzJobVariable *
find_jv (const UmzBacklog *backlog, const char *name)
{
  for (const GList *link = backlog->entries.tail; link != NULL; link = link->prev) {
    const Entry *entry = link->data;
    if (entry->jv != NULL && g_str_equal (entry->jv->name, name))
      return entry->jv;
  }
  return NULL;
}

bool
umz_backlog_dup_jv (UmzBacklog *backlog, const char *name, UmzJobVariable **ret_jv, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&backlog->lock);
  const UmzJobVariable *waiting = find_jv (backlog, name);
  if (waiting == NULL)
    return umz_store_dup_jv (backlog->store, name, ret_jv, error);
  *ret_jv = umz_job_variable_new (waiting->name);
  memcpy ((*ret_jv)->value, waiting->value, sizeof waiting->value);
  (*ret_jv)->password = g_strdup (waiting->password);
  (*ret_jv)->monitor = g_strdup (waiting->monitor);
  return true;
}
