/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* terms.h: how a move is to go, how it goes, and what an operator can decide of it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "engine/guard.h"
#include "hypervisor/hypervisor.h"
#include "jobvar/layout.h"
#include "store/history.h"

#define UMZ_PERMITTED_SUSPENSION_US 300000 /* QEMU's default downtime-limit */

/* How a move is to go. */
typedef struct {
  bool is_coded;          /* engine VM2000; else X2000 */
  UmzGuardPolicy policy;  /* when it does not converge */
  uint64_t suspension_us; /* permitted */
  uint64_t total_s;       /* until the guest stands still for the last time; 0: no limit */
} UmzMoveTerms;

/* What the type of the SU has, unless the operator says otherwise. */
UmzMoveTerms umz_terms_of_su_type (UmzSuType type);

typedef enum {
  UMZ_PHASE_SETUP,
  UMZ_PHASE_QUEUED, /* others are before it */
  UMZ_PHASE_COPY,
  UMZ_PHASE_SWITCH, /* the guest stands still */
  UMZ_PHASE_CLEAN_UP,
  UMZ_PHASE_UNDO,
  UMZ_PHASE_DOUBT, /* the other SU does not answer, and nothing can be decided without it */
  UMZ_PHASE_ENDED,
} UmzPhase;

/* "setup" and so on, for people; lives for ever. */
const char *umz_phase_name (UmzPhase phase);

typedef struct {
  UmzPhase phase;
  UmzMonjvState status;
  UmzJobStats job; /* as libvirt last said */
  UmzTransferFigures transfer;
  uint64_t guest_bytes_per_s; /* of QEMU's stream, delivered */
  int64_t left_us;            /* until the guest goes on at the target; 0: not known, or it does */
  uint64_t in_flight_bytes;   /* in both relays */
  uint64_t in_flight_max_bytes;
} UmzProgress;

/* What an operator decides of a move that is in doubt. */
typedef enum {
  UMZ_DECISION_COLD,    /* the copy here is destroyed, the guest starts here from its disks */
  UMZ_DECISION_RESUME,  /* target: the copy goes on */
  UMZ_DECISION_THAW,    /* source: the frozen guest goes on here */
  UMZ_DECISION_DISCARD, /* what is here of it is destroyed: the other SU has the guest */
} UmzDecision;

/* "*COLD" and so on, as it is typed; lives for ever. */
const char *umz_decision_text (UmzDecision decision);
