/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* partners.h: what an SU keeps for the day on which another one is down: the definitions of its
 * partners, and which of them were taken over.
 *
 * The functions are those of the store: any thread, and what returned true has reached the disk.
 */
#pragma once

#include "store/store.h"

/* ---- definitions of other SUs, as they last told them ---- */

typedef struct {
  char *owner; /* owned, as all texts here; name of the SU */
  char *uuid;
  char *name;
  char *xml;           /* as another host can take it */
  unsigned index;      /* 0: none */
  bool is_index_fixed; /* by MODIFY-VM-DEFINITION */
  bool is_active;      /* it was initialised */
  uint64_t epoch;      /* of its last move */
} UmzDefinitionRecord;

UmzDefinitionRecord *umz_store_definition_record_new (void);
void umz_store_definition_record_free (UmzDefinitionRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzDefinitionRecord, umz_store_definition_record_free)

/* One of the same owner and UUID is replaced. */
bool umz_store_put_definition (UmzStore *store, const UmzDefinitionRecord *record, GError **error);
bool umz_store_delete_definition (UmzStore *store, const char *owner, const char *uuid,
                                  GError **error);

/* Of one owner, or (NULL) of all of them, by owner and name; owned, UmzDefinitionRecord. */
GPtrArray *umz_store_list_definitions (UmzStore *store, const char *owner, GError **error);

/* How many of the owner there are besides this one. */
bool umz_store_count_other_definitions (UmzStore *store, const char *owner, const char *uuid,
                                        unsigned *ret_n, GError **error);

/* The owner has said what it owns: definitions that are not among the keys of `uuids` go. */
bool umz_store_hear_owner (UmzStore *store, const char *owner, GHashTable *uuids, int64_t heard_us,
                           GError **error);

/* When the owner last said what it owns (real time); 0: never. */
bool umz_store_get_heard (UmzStore *store, const char *owner, int64_t *ret_heard_us,
                          GError **error);

/* ---- definitions that changed hands without their owner ---- */

/* The first two are those of the SU that takes over, the third is the old owner's. */
typedef enum {
  UMZ_TAKEOVER_BEGUN, /* is being defined here */
  UMZ_TAKEOVER_TAKEN, /* is ours; the old owner does not know it yet */
  UMZ_TAKEOVER_LOST,  /* was ours; its start is refused, and the definition still has to go */
  UMZ_TAKEOVER_OVER,  /* nothing is left to be done.  Kept: the news may come twice */
} UmzTakeoverState;

typedef struct {
  char *id;   /* owned, as all texts here; the same on both SUs */
  char *su;   /* the other SU */
  char *uuid; /* of the domain */
  char *name; /* of the VM */
  UmzTakeoverState state;
  int64_t begun_us; /* real time; set when it is put for the first time */
} UmzTakeover;

UmzTakeover *umz_takeover_new (const char *id, const char *su, const char *uuid, const char *name,
                               UmzTakeoverState state);
void umz_takeover_free (UmzTakeover *takeover);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzTakeover, umz_takeover_free)

bool umz_store_put_takeover (UmzStore *store, const UmzTakeover *takeover, GError **error);

/* NULL: there is none. */
bool umz_store_dup_takeover (UmzStore *store, const char *id, UmzTakeover **ret_takeover,
                             GError **error);

/* In this state, oldest first; owned, UmzTakeover. */
GPtrArray *umz_store_list_takeovers (UmzStore *store, UmzTakeoverState state, GError **error);

/* The SU that the VM has last moved to from here since then; NULL: it has not left. */
bool umz_store_dup_destination (UmzStore *store, const char *uuid, int64_t since_us, char **ret_su,
                                GError **error);
