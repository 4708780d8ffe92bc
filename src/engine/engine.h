/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* engine.h: moves VMs, and keeps the promise that exactly one copy of a guest runs.
 *
 * The engine announces what happens and knows nobody who listens.  All functions may be called from
 * any thread; those that speak to another SU or to libvirt block.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "engine/means.h"
#include "engine/terms.h"
#include "model/side.h"
#include "model/vm.h"

typedef struct UmzEngine UmzEngine;

/* The means are copied; what they point to is borrowed. */
UmzEngine *umz_engine_new (const UmzMeans *means);

/* Opens the data port and takes up every move that the journal says is open. */
bool umz_engine_start (UmzEngine *engine, GError **error);

/* Leaves every move as the journal has it, and frees the engine. */
void umz_engine_stop (UmzEngine *engine);

/* ---- source: what the operator asks for ---- */

/* Waits, at most timeout_s, until no earlier move of the VM has anything left to clear away, on
 * either SU.  After a lost link the target has first to hear that the move was aborted.
 */
bool umz_engine_settle (UmzEngine *engine, const char *uuid, unsigned timeout_s);

typedef struct {
  const char *target_su;
  const char *monjv; /* NULL: none */
  UmzMoveTerms terms;
  UmzExpectation expected;
} UmzMoveOrder;

/* Begins to move the VM (taken) to another SU and returns at once.  ret_id: of the move. */
bool umz_engine_migrate (UmzEngine *engine, UmzVm *vm, const UmzMoveOrder *order, char **ret_id,
                         GError **error);

/* Waits, at most timeout_s, until it is known how a move away from here has ended.  *ret_cause,
 * which the caller frees, is NULL unless it was aborted.  False: it is not known yet.
 */
bool umz_engine_wait (UmzEngine *engine, const char *id, unsigned timeout_s,
                      UmzMonjvState *ret_status, UmzNotice **ret_cause);

/* Whether a VM of this name can have a migration socket: its path is limited by the system. */
bool umz_engine_can_name_socket (UmzEngine *engine, const char *vm_name);

/* UMZ0133 if the VM does not move, UMZ0134 if it is too late. */
bool umz_engine_cancel (UmzEngine *engine, const char *uuid, const char *operator_name,
                        GError **error);

/* Whether another SU still has to hear that a move from here was undone.  Until it has answered, an
 * operator may have let the guest go on there, for this SU was off.
 */
bool umz_engine_has_untold_undo (UmzEngine *engine);

/* Whether the other SU alone knows which copy of the VM is the right one. */
bool umz_engine_is_in_doubt (UmzEngine *engine, const char *uuid);

typedef struct {
  char *peer;       /* owned; the SU that does not answer */
  int64_t heard_us; /* real time; when it was last heard */
} UmzDoubt;

void umz_doubt_clear (UmzDoubt *doubt);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzDoubt, umz_doubt_clear)

/* Whether this decision can be taken for the VM: UMZ0206 if nothing is in doubt, UMZ0207 if it is
 * not one of this SU.
 */
bool umz_engine_get_doubt (UmzEngine *engine, const char *uuid, UmzDecision decision,
                           UmzDoubt *ret_doubt, GError **error);

/* Takes it; errors as above.  Whether it was right nobody here can know. */
bool umz_engine_decide (UmzEngine *engine, const char *uuid, UmzDecision decision,
                        const char *operator_name, GError **error);

/* To be called from time to time while no VM moves: guests may release a device long after the
 * move that wanted it has ended, and get it back.
 */
void umz_engine_give_back_late (UmzEngine *engine);

/* ---- looking ---- */

/* Whether a VM is moving, away from (SOURCE) or to this SU; and which move it is, if asked for. */
bool umz_engine_is_moving (UmzEngine *engine, const char *uuid, UmzSide *ret_side, char **ret_id);

/* Whether any VM moves, to or from this SU. */
bool umz_engine_is_busy (UmzEngine *engine);

/* Whether this run of umzugd knows the move. */
bool umz_engine_knows (UmzEngine *engine, const char *id);

/* A move that is known in this run of umzugd; false otherwise. */
bool umz_engine_get_progress (UmzEngine *engine, const char *id, UmzProgress *ret_progress);

/* The VMs that are on their way here, in the state that they have at the source: their places are
 * kept.  Owned by the caller, UmzVm.
 */
GPtrArray *umz_engine_list_arrivals (UmzEngine *engine);

/* ---- what the other SU asks for ---- */

/* POST /moves/ID/VERB of the SU `su`; VERB is begin, beat, go, abort, gone or ask.  NULL: refused,
 * with the reason.
 */
JsonNode *umz_engine_handle_move (UmzEngine *engine, const char *su, const char *id,
                                  const char *verb, JsonObject *request, GError **error);
