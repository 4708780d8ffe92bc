/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store.h: all that an SU must not forget: the journal of its moves, VM indexes and epochs, job
 * variables, and the console log.  One SQLite file; every call that returns true has reached the
 * disk.  All functions may be called from any thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define UMZ_JV_BYTES 256

typedef struct UmzStore UmzStore;

/* Opens the file, or makes it.  NULL: the file cannot be used, or is from a newer Umzug. */
UmzStore *umz_store_open (const char *path, GError **error);
void umz_store_close (UmzStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzStore, umz_store_close)

/* Whether the journal of another move finds room on the file system; UMZ0115 otherwise.  Asked
 * before a move begins: later a journal that cannot be written ends umzugd.
 */
bool umz_store_has_room (UmzStore *store, GError **error);

/* The same of a folder with so many bytes free. */
bool umz_store_is_room_enough (const char *folder, uint64_t free_bytes, GError **error);

/* Counts the starts of the monitor system, 1 to 999 and round again. */
bool umz_store_begin_session (UmzStore *store, unsigned *ret_session, GError **error);

/* ---- VMs, by domain UUID (text form) ---- */

/* What libvirt cannot tell about a VM. */
typedef enum {
  UMZ_LIFE_NONE,      /* nothing is known of it */
  UMZ_LIFE_INIT_ONLY, /* made by ACTIVATE-VM-DEFINITION and never run */
  UMZ_LIFE_RAN,       /* was seen running or held; when it ends, it is DOWN */
  UMZ_LIFE_DELETED,   /* by DELETE-VM: only its definition is there */
} UmzLife;

typedef struct {
  unsigned index;      /* 0: none */
  bool is_index_fixed; /* by MODIFY-VM-DEFINITION; stays when the VM is deleted */
  UmzLife life;
  bool must_run;  /* it was paused when QEMU gave away its disks, and has not run since */
  uint64_t epoch; /* of its last move; 0: it never moved */
} UmzVmRecord;

/* All zero if nothing is known of the VM. */
bool umz_store_get_vm (UmzStore *store, const char *uuid, UmzVmRecord *ret_record, GError **error);

/* The VM's index; the next free one of 2..max is given when it has none yet. */
bool umz_store_get_index (UmzStore *store, const char *uuid, unsigned max, unsigned *ret_index,
                          GError **error);

/* Fails when another VM has the index. */
bool umz_store_set_index (UmzStore *store, const char *uuid, unsigned index, GError **error);

/* The same for as long as there is a definition.  0: it has none until it is given one. */
bool umz_store_fix_index (UmzStore *store, const char *uuid, unsigned index, GError **error);

bool umz_store_set_life (UmzStore *store, const char *uuid, UmzLife life, GError **error);
bool umz_store_set_must_run (UmzStore *store, const char *uuid, bool must_run, GError **error);

/* The VM is gone from this SU; its epoch is kept. */
bool umz_store_forget_vm (UmzStore *store, const char *uuid, GError **error);

/* The VM is gone, and its definition is there: an index that was fixed is kept. */
bool umz_store_delete_vm (UmzStore *store, const char *uuid, GError **error);

/* UUIDs of all that have an index; owned, text. */
GPtrArray *umz_store_list_indexed (UmzStore *store, GError **error);

/* To be called at each start: no VM outlives a restart of the SU itself. */
bool umz_store_see_boot (UmzStore *store, const char *boot_id, GError **error);

/* The UUID of the VM with this index, or NULL without an error if there is none. */
char *umz_store_dup_uuid (UmzStore *store, unsigned index, GError **error);

/* Epochs grow with every attempt to move a VM, on whichever SU: an order from an older attempt is
 * known by its smaller number.  new_epoch gives the next one; see_epoch notes one given elsewhere
 * and fails with UMZ0310 if it is not larger than all before.
 */
bool umz_store_new_epoch (UmzStore *store, const char *uuid, uint64_t *ret_epoch, GError **error);
bool umz_store_see_epoch (UmzStore *store, const char *uuid, uint64_t epoch, GError **error);

/* For a VM that has come otherwise: its epochs go on from there, unless they are beyond it. */
bool umz_store_raise_epoch (UmzStore *store, const char *uuid, uint64_t epoch, GError **error);

/* ---- the journal of moves ---- */

typedef struct {
  char *id;            /* of the move, the same on both SUs */
  char *side;          /* "source" or "target" */
  char *state;         /* a state's name of engine/machine.h */
  char *uuid;          /* of the domain */
  char *name;          /* of the VM */
  unsigned index;      /* of the VM */
  uint64_t epoch;      /* of this move */
  char *peer;          /* name of the other SU */
  char *monjv;         /* name of the job variable, or NULL */
  char *definition;    /* persistent domain XML, or NULL for a transient domain */
  int64_t qemu_pid;    /* of the source's QEMU, 0 on the target */
  uint64_t qemu_start; /* its start time, field 22 of /proc/PID/stat */
  char *boot_id;       /* of the host it runs under */
  int64_t begun_us;    /* real time since the epoch */
  char *vm_state;      /* of the VM when the move began, as umz_vm_state_name() says it */
  char *decision;      /* of an operator, or that one is needed; NULL: neither */
  bool is_closed;      /* nothing is left to be done for it */
} UmzMoveRecord;

UmzMoveRecord *umz_move_record_new (void);
UmzMoveRecord *umz_move_record_copy (const UmzMoveRecord *record);
void umz_move_record_free (UmzMoveRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzMoveRecord, umz_move_record_free)

/* Journals that the move, new or known, is now in record->state because of `event`.  One that is
 * closed has no steps any more.
 */
bool umz_store_journal (UmzStore *store, const UmzMoveRecord *record, const char *event,
                        GError **error);

/* The record of one move, or NULL without an error if there is none. */
UmzMoveRecord *umz_store_dup_move (UmzStore *store, const char *id, GError **error);

/* All moves that are not closed, oldest first; owned by the caller. */
GPtrArray *umz_store_list_open_moves (UmzStore *store, GError **error);

/* A change that a move has made on this SU: what is needed to take it back. */
typedef struct {
  uint64_t number;
  char *step;   /* owned; what was done, a name of the engine's */
  char *detail; /* owned; "" if the name says all */
} UmzLedgerEntry;

void umz_ledger_entry_free (UmzLedgerEntry *entry);

/* Notes a step before it is done; strikes it out once it has been taken back. */
bool umz_store_note_step (UmzStore *store, const char *move, const char *step, const char *detail,
                          GError **error);
bool umz_store_strike_step (UmzStore *store, uint64_t number, GError **error);

/* The steps of a move, the last one first; owned, UmzLedgerEntry. */
GPtrArray *umz_store_list_steps (UmzStore *store, const char *move, GError **error);

/* How the memory of a guest has travelled, as this SU's relay saw it. */
typedef struct {
  bool is_coded;        /* engine VM2000: with the codec; else as it was */
  bool has_mirror;      /* of an earlier move of the VM between the same SUs */
  uint64_t link_bytes;  /* over the link */
  uint64_t guest_bytes; /* what they stand for: QEMU's stream */
  uint64_t same_pages;  /* these four with the codec only, see codec/codec.h */
  uint64_t delta_pages;
  uint64_t fresh_pages;
  uint64_t zero_pages;
  uint64_t cpu_us; /* of the relay here */
} UmzTransferFigures;

/* What was expected of a move when it began; all 0: nothing was. */
typedef struct {
  int64_t total_us;
  int64_t stop_us;
  uint64_t link_bytes;
} UmzExpectation;

/* How a move ended, for SHOW-VM-MIGRATION: written by the source when the operator is told, by the
 * target when nothing is left to be done.
 */
typedef struct {
  UmzMoveRecord *move; /* owned */
  char *status;        /* owned; "$T" and so on; "" as long as it runs */
  char *cause;         /* owned; code of the message that ended it, or "" */
  int64_t ended_us;    /* real time */
  int64_t stopped_us;  /* how long the guest stood still; 0: it did not, or the move was undone */
  int64_t copy_us;     /* how long memory was copied, until the guest stood still */
  UmzTransferFigures transfer;
  UmzExpectation expected;
} UmzOutcome;

void umz_outcome_free (UmzOutcome *outcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzOutcome, umz_outcome_free)

/* outcome->move->id says of which move. */
bool umz_store_put_outcome (UmzStore *store, const UmzOutcome *outcome, GError **error);

/* The newest moves of both sides, at most `limit`, the oldest of them first; owned, UmzOutcome. */
GPtrArray *umz_store_list_outcomes (UmzStore *store, unsigned limit, GError **error);

/* ---- devices that no VM has any more ---- */

typedef struct {
  char *mn;     /* owned */
  char *source; /* owned; what it is made of, as in UmzDevice */
  char *xml;    /* owned; the element of libvirt's domain XML */
} UmzFreeDevice;

void umz_free_device_free (UmzFreeDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzFreeDevice, umz_free_device_free)

/* One of the same name is replaced. */
bool umz_store_put_device (UmzStore *store, const char *mn, const char *source, const char *xml,
                           GError **error);
bool umz_store_delete_device (UmzStore *store, const char *mn, GError **error);

/* By name; owned, UmzFreeDevice. */
GPtrArray *umz_store_list_devices (UmzStore *store, GError **error);

/* ---- job variables ---- */

typedef struct {
  char *name; /* owned, as all texts here */
  uint8_t value[UMZ_JV_BYTES];
  char *password; /* NULL: none */
  char *monitor;  /* id of the move that writes it; NULL when none does (any more) */
} UmzJobVariable;

/* Of blanks, without password and monitor. */
UmzJobVariable *umz_job_variable_new (const char *name);
void umz_job_variable_free (UmzJobVariable *jv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzJobVariable, umz_job_variable_free)

/* NULL without an error: there is none of this name. */
UmzJobVariable *umz_store_dup_jv (UmzStore *store, const char *name, GError **error);

/* All of them by name; owned by the caller, UmzJobVariable. */
GPtrArray *umz_store_list_jvs (UmzStore *store, GError **error);

/* Makes or changes a job variable. */
bool umz_store_put_jv (UmzStore *store, const UmzJobVariable *jv, GError **error);

/* What is not there is deleted already. */
bool umz_store_delete_jv (UmzStore *store, const char *name, GError **error);

/* ---- the console log ---- */

typedef struct {
  uint64_t number; /* grows by one */
  int64_t time_us; /* real time since the epoch */
  char *su;        /* where it was said */
  char *code;      /* "VMS2450", or "" for the echo of a command */
  GStrv inserts;   /* of the message; of an echo: the command's text alone */
  char *move;      /* id of the move it belongs to, or "" */
} UmzConsoleLine;

UmzConsoleLine *umz_console_line_new (const char *su, const char *code, const char *const *inserts,
                                      const char *move, int64_t time_us);
void umz_console_line_free (UmzConsoleLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzConsoleLine, umz_console_line_free)

/* Appends, and sets line->number. */
bool umz_store_append_console (UmzStore *store, UmzConsoleLine *line, GError **error);

/* Lines with number > after, of one move or (move NULL) of all, at most `limit`, the newest ones
 * when after is 0; in the order of their numbers. */
GPtrArray *umz_store_list_console (UmzStore *store, uint64_t after, const char *move,
                                   unsigned limit, GError **error);
