/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* handover.pml: the hand-over of docs/protocol.md, for Spin.
 *
 * Two SUs, one guest, MOVES moves one after the other, in whichever direction the guest is.  States
 * and events are those of src/engine/machine.h; model/run compares the tables.
 *
 * WHAT IS MODELLED
 *
 * Each daemon is a set of guarded steps over its journal (survives everything), what it has in
 * memory (goes when it crashes) and the world (QEMU, libvirt, fences, definitions).  A crash can
 * come between any two steps, so every step here is one that the C code makes durable, or one whose
 * loss does not matter.
 *
 * Messages are never taken out of the net: what was said once may be heard late, again, or for as
 * long as it takes not at all.  A time limit is a step that is always possible.
 *
 * libvirt migrates peer to peer.  It may resume the source whenever its last reply does not come,
 * also after it was told to end the old QEMU; it may report anything, which is why nobody here
 * reads it; it forgets its job when libvirtd crashes, and then resumes the source, or does not.
 *
 * Operators decide what is in doubt, and what they believe of the other SU is true; what becomes of
 * one who is wrong is shown in the lab.
 *
 * FAULTS is how many things may go wrong in one history: crash of a daemon, a libvirtd, a relay (or
 * the link), a QEMU, a whole host, a host that is installed anew under its name, and people who
 * resume or start the guest by virsh.
 *
 * NOT MODELLED: a resume by virsh that waits at the target's libvirt and wins against our freeze of
 * the arrived copy; the protocol detects it (UMZ0143) and does not prevent it.
 */

#ifndef MOVES
#define MOVES 2
#endif
#ifndef FAULTS
#define FAULTS 2
#endif
#ifndef ANEW
#define ANEW 0 /* 1: a host may be installed anew, once */
#endif
#define MOVES_MAX 3

mtype = { NONE, COPYING, COMMITTED, GONE, ABORTED, RECEIVING, OWNER, RUNS, REFUSED };
mtype = { UNKNOWN }; /* the state of a move whose SU has lost its journal */
mtype = { BEGIN, COMMIT, FAIL, GO, LOST, ABORT, DECIDE }; /* events, beside RUNS and REFUSED */
mtype = { OFF, INCOMING, PAUSED, RUNNING }; /* a QEMU */
mtype = { SHUT, OPEN, HOLDS, RELEASED };    /* the stream of libvirt's RPC */
mtype = { IDLE, COPIES, FINISHES, REPLIED, CONFIRMS, OVER }; /* libvirt's migration */

/* ---- the two hosts; index is the SU ---- */

bool up[2] = true;         /* umzugd */
mtype qemu[2] = OFF;
bool frozen[2];            /* every thread in state T */
bool cont_waits[2];        /* a resume that a frozen QEMU has not read yet */
bool term_waits[2];        /* a SIGTERM that it has not seen yet */
bool fresh[2];             /* its memory is what the guest last was */
bool defined[2];
bool fence[2];
bool taken[2];             /* by the other SU, while this one was off (see takeovers.h) */
bool off[2];               /* the whole host; what is told by operators of one that is, is true */
bool confirmed[2] = true;  /* since its start the other SU was heard: what has no fence may start */
byte faults = FAULTS;
bool was_lost;             /* a fault has ended the last QEMU that had the guest's memory */
bool was_installed;        /* a host was, anew: what it had defined is lost */

/* ---- the moves; index is the epoch ---- */

bool source[MOVES_MAX];        /* the SU that the guest leaves */
mtype js[MOVES_MAX] = NONE;    /* journal of the source */
mtype jt[MOVES_MAX] = NONE;    /* journal of the target */
bool s_closed[MOVES_MAX];
bool t_closed[MOVES_MAX];
bool s_took[MOVES_MAX];        /* store of the source: an operator took the guest back, cold */

/* in memory only */
bool s_asked[MOVES_MAX];       /* source: the target was asked to keep a place */
bool s_frozen[MOVES_MAX];      /* source: we have just frozen QEMU and not looked again yet */
bool s_seen_off[MOVES_MAX];    /* source, GONE: the reply is released, or cannot be any more */
bool s_cold[MOVES_MAX];        /* source: an operator lets the guest start from its disks */
bool t_complete[MOVES_MAX];    /* target: Finish was answered, and the copy is frozen and defined */
bool t_watched[MOVES_MAX];   /* target: we have been here since it was announced */
bool t_told[MOVES_MAX];        /* target: we have resumed the copy, or may have before a crash */
bool t_cold[MOVES_MAX];        /* target: an operator lets the guest start from its disks */
bool t_last[MOVES_MAX];        /* target: the source says that it can never take the guest back */

/* libvirt */
mtype stream[MOVES_MAX] = SHUT;
mtype p2p[MOVES_MAX] = IDLE;
bool answered[MOVES_MAX];  /* the target's libvirt has answered Finish; the relay told the daemon */

/* the net: what was said */
bool BEGIN_[MOVES_MAX];
bool BEGUN_[MOVES_MAX];
bool GO_[MOVES_MAX];
bool LAST_[MOVES_MAX];
bool ABORT_[MOVES_MAX];
bool GONE_[MOVES_MAX];
bool say_RUNS[MOVES_MAX];
bool say_REFUSED[MOVES_MAX];
bool say_ABORTED[MOVES_MAX];

#define S (source[e])
#define T (1 - source[e])
#define s_open(e) (js[e] != NONE && js[e] != UNKNOWN && !s_closed[e])
#define t_open(e) (jt[e] != NONE && jt[e] != UNKNOWN && !t_closed[e])
#define opens(e, x) ((s_open (e) && source[e] == x) || (t_open (e) && source[e] != x))
#define has_open(x) (opens (0, x) || opens (1, x) || opens (2, x))
#define migrates(e) (p2p[e] != IDLE && p2p[e] != OVER)
#define waits_for_earlier(e) ((e > 0 && migrates (0)) || (e > 1 && migrates (1)))
#define executes(x) (qemu[x] == RUNNING && !frozen[x])

/* It was installed anew, and has nothing of the guest, as whoever decides has seen there. */
#ifdef NONE_IS_NO_DOUBT
#define is_unknown_at_source(e) false
#define is_unknown_at_target(e) false
#else
#define has_nothing(x) (qemu[x] == OFF && !defined[x] && !has_open (x))
#define is_unknown_at_source(e) (js[e] == UNKNOWN && has_nothing (S))
#define is_unknown_at_target(e) (jt[e] == UNKNOWN && has_nothing (T))
#endif

/* The guest goes on there, or can: what the target has of it is worth nothing. */
#define is_at_source(e) (qemu[S] != OFF && fresh[S] && !term_waits[S])

inline source_step (from, event, to) { assert (js[e] == from); js[e] = to }
inline target_step (from, event, to) { assert (jt[e] == from); jt[e] = to }

/* ---- QEMU ---- */

/* The two promises: never two, and never from a state that the other one has gone beyond. */
inline guest_runs (x)
{
  if
  :: executes (x) ->
     assert (!executes (1 - x));
     assert (fresh[x]);
     fresh[1 - x] = false
  :: else
  fi
}

inline qemu_ends (x)
{
  qemu[x] = OFF; frozen[x] = false; cont_waits[x] = false; term_waits[x] = false; fresh[x] = false
}

inline resume (x)
{
  if
  :: qemu[x] == PAUSED && frozen[x] -> cont_waits[x] = true
  :: qemu[x] == PAUSED && !frozen[x] -> qemu[x] = RUNNING; guest_runs (x)
  :: else
  fi
}

/* What has waited is read in any order. */
inline thaw (x)
{
  frozen[x] = false;
  if
  :: term_waits[x] -> qemu_ends (x)
  :: cont_waits[x] -> cont_waits[x] = false; qemu[x] = RUNNING; guest_runs (x);
     if
     :: term_waits[x] -> qemu_ends (x)
     :: else
     fi
  :: !term_waits[x] && !cont_waits[x]
  fi
}

inline terminate (x)
{
  if
  :: qemu[x] != OFF && frozen[x] -> term_waits[x] = true
  :: qemu[x] != OFF && !frozen[x] -> qemu_ends (x)
  :: else
  fi
}

inline kill (x) { qemu_ends (x) }

/* ---- libvirt's peer-to-peer migration ---- */

proctype libvirt (byte e)
{
end:
  do
  :: atomic { /* Prepare: the target's relay passes it only while the VM is expected, and libvirt
               * lets it wait for an earlier job of this domain
               */
       p2p[e] == COPIES && stream[e] == OPEN && qemu[T] == OFF && up[T] && jt[e] == RECEIVING &&
       qemu[S] == RUNNING && !waits_for_earlier (e) -> qemu[T] = INCOMING }
  :: atomic { /* all is copied: the guest stands still at the source, the copy is complete */
       p2p[e] == COPIES && stream[e] == OPEN && qemu[T] == INCOMING && qemu[S] == RUNNING ->
       qemu[S] = PAUSED; qemu[T] = PAUSED; fresh[T] = fresh[S]; p2p[e] = FINISHES }
  :: atomic { p2p[e] == FINISHES && stream[e] == OPEN && qemu[T] == PAUSED ->
       p2p[e] = REPLIED; answered[e] = true }
  :: atomic { /* the reply is at our relay */
       p2p[e] == REPLIED && stream[e] == OPEN ->
#ifdef NO_HOLD
       stream[e] = RELEASED
#else
       stream[e] = HOLDS
#endif
     }
  :: atomic { p2p[e] == REPLIED && stream[e] == RELEASED -> p2p[e] = CONFIRMS; terminate (S) }
  :: atomic { p2p[e] == CONFIRMS && qemu[S] == OFF -> p2p[e] = OVER }
  :: atomic { /* it has waited 30 s for the old QEMU */
       p2p[e] == CONFIRMS && qemu[S] != OFF -> p2p[e] = OVER; resume (S) }

  :: atomic { p2p[e] == COPIES && (stream[e] == SHUT || qemu[S] == OFF) -> p2p[e] = OVER }
  :: atomic { /* the reply will not come, or tells of a copy that is gone */
       (p2p[e] == FINISHES && (stream[e] == SHUT || qemu[T] == OFF)) ||
       (p2p[e] == REPLIED && stream[e] == SHUT) -> p2p[e] = OVER; resume (S) }
  :: atomic { /* the connection is gone: what was not complete is thrown away */
       qemu[T] == INCOMING && p2p[e] == OVER && !migrates (0) && !migrates (1) && !migrates (2) ->
       qemu_ends (T) }
  od
}

/* ---- the source ---- */

inline source_fails ()
{
  source_step (COPYING, FAIL, ABORTED); s_asked[e] = false; s_frozen[e] = false
}

/* Only a guest that runs here, and of which no move is open. */
#define may_begin(x) (js[e] == NONE && (e == 0 || js[e - 1] != NONE) && up[x] && executes (x) && \
                      defined[x] && !has_open (x))

proctype source_daemon (byte e)
{
end:
  do
  :: atomic { may_begin (0) -> source[e] = 0; source_step (NONE, BEGIN, COPYING) }
  :: atomic { may_begin (1) -> source[e] = 1; source_step (NONE, BEGIN, COPYING) }

  :: atomic { js[e] == COPYING && up[S] && !fence[S] -> fence[S] = true }
  :: atomic { js[e] == COPYING && up[S] && fence[S] && !s_asked[e] ->
       s_asked[e] = true; BEGIN_[e] = true }
  :: atomic { js[e] == COPYING && up[S] && s_asked[e] && BEGUN_[e] && p2p[e] == IDLE ->
       stream[e] = OPEN; p2p[e] = COPIES }
#ifdef NO_FREEZE
  :: atomic { js[e] == COPYING && up[S] && stream[e] == HOLDS && !s_frozen[e] ->
       s_frozen[e] = true }
#else
  :: atomic { js[e] == COPYING && up[S] && stream[e] == HOLDS && !s_frozen[e] && qemu[S] != OFF ->
       frozen[S] = true; s_frozen[e] = true }
#endif
#ifdef GO_EARLY
  :: atomic { js[e] == COPYING && up[S] && stream[e] == HOLDS && !GO_[e] -> GO_[e] = true }
#endif
#ifdef NO_HOLD
  :: atomic { js[e] == COPYING && up[S] && stream[e] == RELEASED ->
       source_step (COPYING, COMMIT, COMMITTED) }
#endif
  :: atomic { /* looked again: the reply is held, the guest was not told to end */
       js[e] == COPYING && up[S] && s_frozen[e] && stream[e] == HOLDS && !term_waits[S] &&
       qemu[S] != OFF -> source_step (COPYING, COMMIT, COMMITTED); s_frozen[e] = false }
  :: atomic { /* whatever ends it; a limit too */
       js[e] == COPYING && up[S] -> source_fails () }

  :: atomic { js[e] == COMMITTED && up[S] && !GO_[e] -> GO_[e] = true }
  :: atomic { js[e] == COMMITTED && up[S] && qemu[S] == OFF && !LAST_[e] -> LAST_[e] = true }
  :: atomic { js[e] == COMMITTED && up[S] && say_RUNS[e] -> source_step (COMMITTED, RUNS, GONE) }
  :: atomic { /* of who can never take the guest back REFUSED is no answer, for the target tries
               * again; ABORTED is the end there
               */
       js[e] == COMMITTED && up[S] && ((say_REFUSED[e] && qemu[S] != OFF) || say_ABORTED[e]) ->
       source_step (COMMITTED, REFUSED, ABORTED) }
#ifdef THAW_AFTER_COMMIT
  :: atomic { js[e] == COMMITTED && up[S] && frozen[S] && stream[e] == SHUT -> thaw (S) }
#endif

  :: atomic { js[e] == GONE && up[S] && !s_closed[e] && !s_seen_off[e] ->
       s_seen_off[e] = true;
       if
       :: stream[e] == HOLDS -> stream[e] = RELEASED
       :: else
       fi }
#ifdef THAW_TO_END
  :: atomic { js[e] == GONE && up[S] && s_seen_off[e] && frozen[S] && term_waits[S] -> thaw (S) }
#endif
  :: atomic { js[e] == GONE && up[S] && s_seen_off[e] && qemu[S] != OFF -> kill (S) }
  :: atomic { js[e] == GONE && up[S] && s_seen_off[e] && qemu[S] == OFF && defined[S] &&
              !s_closed[e] -> stream[e] = SHUT; defined[S] = false }
  :: atomic { js[e] == GONE && up[S] && !defined[S] && qemu[S] == OFF && !s_closed[e] ->
       stream[e] = SHUT; fence[S] = false; GONE_[e] = true; s_closed[e] = true;
       s_seen_off[e] = false }

  :: atomic { js[e] == ABORTED && up[S] && !s_closed[e] && frozen[S] -> thaw (S) }
  :: atomic { js[e] == ABORTED && up[S] && !s_closed[e] && stream[e] != SHUT -> stream[e] = SHUT }
  :: atomic { /* libvirt's job is over: the guest, if libvirt has left it paused */
       js[e] == ABORTED && up[S] && !s_closed[e] && !frozen[S] && qemu[S] == PAUSED &&
       (p2p[e] == IDLE || p2p[e] == OVER) -> resume (S) }
  :: atomic { js[e] == ABORTED && up[S] && !s_closed[e] && !frozen[S] && fence[S] &&
              (p2p[e] == IDLE || p2p[e] == OVER) && qemu[S] != PAUSED -> fence[S] = false }

  :: atomic { /* *THAW: the target is off, and never ran it; what was on its way is lost */
       js[e] == COMMITTED && up[S] && qemu[S] != OFF &&
       ((off[T] && jt[e] == RECEIVING) || (is_unknown_at_target (e) && fresh[S])) ->
       source_step (COMMITTED, DECIDE, ABORTED); GO_[e] = false; LAST_[e] = false }
  :: atomic { /* *DISCARD: the target runs it */
       js[e] == COMMITTED && up[S] && executes (T) -> source_step (COMMITTED, RUNS, GONE) }
  :: atomic { /* *COLD: the target is off; the guest starts from its disks, and is taken over */
       js[e] == COMMITTED && up[S] && (off[T] || is_unknown_at_target (e)) ->
       source_step (COMMITTED, DECIDE, ABORTED); GO_[e] = false; LAST_[e] = false;
       taken[T] = true; s_took[e] = true; s_cold[e] = true; was_lost = true; kill (S) }
  :: atomic { js[e] == ABORTED && up[S] && s_cold[e] && !fence[S] ->
       s_cold[e] = false;
       if
       :: qemu[S] == OFF && defined[S] -> qemu[S] = RUNNING; fresh[S] = true; guest_runs (S)
       :: else
       fi }
  :: atomic { /* an operator has let the target go on, for this SU was off */
       js[e] == ABORTED && up[S] && !s_closed[e] && say_RUNS[e] && !s_took[e] && qemu[S] == OFF ->
       source_step (ABORTED, RUNS, GONE); fence[S] = true }
  :: atomic { /* said by itself, and the answer to whoever asks, also of a move that is unknown */
       up[S] && js[e] == ABORTED && !ABORT_[e] -> ABORT_[e] = true }
  :: atomic { js[e] == ABORTED && up[S] && !s_closed[e] && !fence[S] && !frozen[S] &&
              (say_ABORTED[e] || (s_took[e] && say_RUNS[e])) &&
              stream[e] == SHUT -> s_closed[e] = true; s_cold[e] = false }
#ifdef ANSWER_WHILE_COPYING
  :: atomic { js[e] == COPYING && up[S] && jt[e] == RECEIVING && !GO_[e] && p2p[e] == REPLIED ->
       GO_[e] = true }
#endif
  od
}

/* ---- the target ---- */

#ifdef STALE_EPOCHS
#define hears_go(e) (GO_[0] || GO_[e])
#define hears_abort(e) (ABORT_[0] || ABORT_[e])
#else
#define hears_go(e) GO_[e]
#define hears_abort(e) ABORT_[e]
#endif

#ifdef REFUSED_AFTER_RUN
#define never_ran(e) true
#else
#define never_ran(e) (!t_told[e])
#endif

/* One that was told to end while it was frozen never runs again. */
#define has_ended(x) (qemu[x] == OFF || (frozen[x] && term_waits[x]))

inline target_forgets ()
{
  t_complete[e] = false; t_watched[e] = false; t_told[e] = false; t_last[e] = false
}

inline start_cold ()
{
  taken[S] = true; t_cold[e] = true; t_last[e] = true; was_lost = true; kill (T)
}

#define is_in_doubt(e) (jt[e] == RECEIVING && up[T] && \
                        (t_complete[e] || answered[e] || !t_watched[e]))

proctype target_daemon (byte e)
{
end:
  do
  :: atomic { BEGIN_[e] && jt[e] == NONE && up[T] && !has_open (T) && !defined[T] &&
              qemu[T] == OFF ->
       target_step (NONE, BEGIN, RECEIVING); t_watched[e] = true
#ifndef DEFINED_UNFENCED
       ; fence[T] = true
#endif
     }
  :: atomic { jt[e] == RECEIVING && up[T] && !BEGUN_[e] -> BEGUN_[e] = true }
  :: atomic { /* the reply to Finish has passed: frozen, and defined behind the fence */
       jt[e] == RECEIVING && up[T] && !t_complete[e] && qemu[T] == PAUSED && answered[e] ->
       t_complete[e] = true; frozen[T] = true; defined[T] = true }
  :: atomic { /* the source is silent, and can hold no reply */
       jt[e] == RECEIVING && up[T] && t_watched[e] && !answered[e] ->
       target_step (RECEIVING, LOST, REFUSED); qemu_ends (T) }
  :: atomic { /* a disk that cannot be used; only a copy that certainly never ran */
       jt[e] == RECEIVING && up[T] && t_complete[e] ->
       target_step (RECEIVING, REFUSED, REFUSED) }

  :: atomic { jt[e] == RECEIVING && up[T] && hears_go (e) ->
       target_step (RECEIVING, GO, OWNER); t_last[e] = LAST_[e] }
#ifdef DEAD_MEANS_COMMITTED
  :: atomic { jt[e] == RECEIVING && up[T] && t_complete[e] && !up[S] ->
       target_step (RECEIVING, GO, OWNER) }
#endif
  :: atomic { jt[e] == REFUSED && up[T] && LAST_[e] ->
       target_step (REFUSED, GO, OWNER); t_last[e] = true }
  :: atomic { jt[e] == OWNER && up[T] && LAST_[e] && !t_last[e] -> t_last[e] = true }

  :: atomic { jt[e] == OWNER && up[T] && !defined[T] -> defined[T] = true }
  :: atomic { /* the moment it may have run from, whatever libvirt says of the resume */
       jt[e] == OWNER && up[T] && defined[T] && qemu[T] == PAUSED && !has_ended (T) ->
       t_told[e] = true; frozen[T] = false; cont_waits[T] = false; resume (T) }
  :: atomic { /* the resume is refused, and it certainly never ran: frozen again */
       jt[e] == OWNER && up[T] && qemu[T] == PAUSED && !has_ended (T) && !t_told[e] && !t_last[e] ->
       frozen[T] = true; target_step (OWNER, REFUSED, REFUSED) }
  :: atomic { jt[e] == OWNER && up[T] && executes (T) ->
       target_step (OWNER, RUNS, RUNS); target_forgets () }
  :: atomic { jt[e] == OWNER && up[T] && has_ended (T) && !t_last[e] && never_ran (e) ->
       target_step (OWNER, REFUSED, REFUSED) }
  :: atomic { /* owner of a guest that is DOWN */
       jt[e] == OWNER && up[T] && has_ended (T) && defined[T] && (t_told[e] || t_last[e]) ->
       kill (T); target_step (OWNER, RUNS, RUNS); target_forgets () }

  :: atomic { /* *RESUME: the source is off, or stands still for good; it goes on here */
       is_in_doubt (e) && qemu[T] == PAUSED && fresh[T] &&
       (off[S] || js[e] == COMMITTED || is_unknown_at_source (e)) ->
       target_step (RECEIVING, DECIDE, OWNER) }
  :: atomic { /* *COLD: the source is off; the guest starts from its disks */
       is_in_doubt (e) && (off[S] || is_unknown_at_source (e)) ->
       target_step (RECEIVING, DECIDE, OWNER); start_cold () }
  :: atomic { jt[e] == REFUSED && up[T] && (off[S] || is_unknown_at_source (e)) ->
       target_step (REFUSED, DECIDE, OWNER); start_cold () }
  :: atomic { /* *DISCARD: the source has the guest */
       is_in_doubt (e) && is_at_source (e) ->
       target_step (RECEIVING, ABORT, ABORTED); target_forgets () }
  :: atomic { jt[e] == REFUSED && up[T] && is_at_source (e) ->
       target_step (REFUSED, ABORT, ABORTED); target_forgets () }
#ifdef NONE_MEANS_ABORTED
  :: atomic { jt[e] == RECEIVING && up[T] && up[S] && js[e] == UNKNOWN ->
       target_step (RECEIVING, ABORT, ABORTED); target_forgets () }
#endif
  :: atomic { jt[e] == RUNS && up[T] && t_closed[e] && t_cold[e] ->
       t_cold[e] = false;
       if
       :: qemu[T] == OFF && defined[T] && !fence[T] ->
          qemu[T] = RUNNING; fresh[T] = true; guest_runs (T)
       :: else
       fi }

  :: atomic { jt[e] == RUNS && up[T] && (GO_[e] || ABORT_[e]) && !say_RUNS[e] ->
       say_RUNS[e] = true }
  :: atomic { jt[e] == REFUSED && up[T] && GO_[e] && !say_REFUSED[e] -> say_REFUSED[e] = true }
  :: atomic { jt[e] == ABORTED && up[T] && GO_[e] && !say_ABORTED[e] -> say_ABORTED[e] = true }
  :: atomic { /* the source has said GONE, or is silent */
       jt[e] == RUNS && up[T] && !t_closed[e] -> fence[T] = false; t_closed[e] = true }

  :: atomic { jt[e] == RECEIVING && up[T] && hears_abort (e) ->
       target_step (RECEIVING, ABORT, ABORTED); target_forgets () }
  :: atomic { jt[e] == REFUSED && up[T] && hears_abort (e) ->
       target_step (REFUSED, ABORT, ABORTED); target_forgets () }
  :: atomic { jt[e] == ABORTED && up[T] && !t_closed[e] && qemu[T] != OFF -> kill (T) }
  :: atomic { jt[e] == ABORTED && up[T] && !t_closed[e] && qemu[T] == OFF && defined[T] ->
       defined[T] = false }
  :: atomic { jt[e] == ABORTED && up[T] && !t_closed[e] && qemu[T] == OFF && !defined[T] ->
       fence[T] = false; t_closed[e] = true }
  :: atomic { /* the word is out; a move that never came here is answered so too */
       up[T] && ABORT_[e] && !say_ABORTED[e] &&
       (t_closed[e] || jt[e] == NONE || jt[e] == UNKNOWN) &&
       jt[e] != RUNS -> say_ABORTED[e] = true }
  od
}

/* ---- what goes wrong ---- */

inline relays_end (x)
{
  i = 0;
  do
  :: i < MOVES ->
     if
     :: s_open (i) || t_open (i) -> stream[i] = SHUT
     :: else
     fi;
     i++
  :: else -> break
  od
}

inline daemon_ends (x)
{
  up[x] = false;
  relays_end (x);
  i = 0;
  do
  :: i < MOVES ->
     if
     :: source[i] == x -> s_asked[i] = false; s_frozen[i] = false; s_seen_off[i] = false;
        s_cold[i] = false
     :: else -> t_complete[i] = false; t_watched[i] = false; t_last[i] = false; t_cold[i] = false;
        t_told[i] = (jt[i] == OWNER);
        /* whether a copy that is gone has run is not known any more: the guest is taken for off */
        was_lost = was_lost || (jt[i] == OWNER && has_ended (x))
     fi;
     i++
  :: else -> break
  od;
  i = 0
}

/* The journal tells the rest; what the C code does first of all after a restart is a step here: in
 * COPYING it fails, whoever is frozen there is thawed by ABORTED.
 */
inline daemon_starts (x)
{
  up[x] = true; off[x] = false;
  i = 0;
  do
  :: i < MOVES ->
     if
     :: source[i] == x && js[i] == COPYING -> e = i; source_step (COPYING, FAIL, ABORTED)
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0; e = 0
}

/* Its job is forgotten.  At the source the guest is resumed, or is not; the copy that was not
 * complete ends.
 */
inline libvirtd_restarts (x)
{
  i = 0;
  do
  :: i < MOVES ->
     if
     :: p2p[i] != IDLE && p2p[i] != OVER && source[i] == x ->
        stream[i] = SHUT; p2p[i] = OVER;
        if
        :: resume (x)
        :: skip
        fi;
        if
        :: qemu[1 - x] == INCOMING -> qemu_ends (1 - x)
        :: else
        fi
     :: p2p[i] != IDLE && p2p[i] != OVER && source[i] != x -> stream[i] = SHUT
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0
}

/* The guest survives the end of this QEMU: the other SU has its memory, and the decision is there,
 * or can still come.  Before the source has committed its QEMU is the guest; and who tells it to
 * end by virsh destroy, whenever, means the guest.
 */
#define is_copy(e, x) (t_open (e) && source[e] != x && jt[e] != OWNER && jt[e] != RUNS)
#define is_given(e, x) (s_open (e) && source[e] == x && jt[e] != ABORTED && \
                        (js[e] == COMMITTED || js[e] == GONE))
#define is_alive(x) (fresh[x] && !term_waits[x])
#define spares_copy(x) (!fresh[x] || (is_alive (1 - x) && \
                        (is_copy (0, x) || is_copy (1, x) || is_copy (2, x))))
#define spares(x) (spares_copy (x) || (is_alive (1 - x) && \
                   (is_given (0, x) || is_given (1, x) || is_given (2, x))))

inline struck (x) { was_lost = was_lost || !spares (x); qemu_ends (x) }
inline destroyed (x) { was_lost = was_lost || !spares_copy (x); terminate (x) }

inline host_ends (x)
{
  struck (x); daemon_ends (x); libvirtd_restarts (x); off[x] = true; confirmed[x] = false
}

/* Its journal, its definitions and its fences are gone; who it is has not changed. */
inline installed_anew (x)
{
  host_ends (x);
  i = 0;
  do
  :: i < MOVES ->
     if
     :: js[i] != NONE && source[i] == x -> js[i] = UNKNOWN
     :: js[i] != NONE && source[i] != x && jt[i] != NONE -> jt[i] = UNKNOWN
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0;
  was_installed = true; defined[x] = false; fence[x] = false; taken[x] = false
}

#define may_give_up(x) (up[0] && up[1] && !has_open (0) && !has_open (1) && \
                        (qemu[x] == OFF || !defined[1 - x]))

/* From who was off; but what the other one has no more, for it went back, stays. */
inline take_away (x)
{
  taken[x] = false;
  if
  :: defined[1 - x] -> defined[x] = false
  :: else
  fi
}

#ifdef START_UNCONFIRMED
#define may_start(x) (qemu[x] == OFF && defined[x] && !fence[x])
#else
#define may_start(x) (qemu[x] == OFF && defined[x] && !fence[x] && confirmed[x])
#endif

proctype world ()
{
  byte i, e;
end:
  do
  :: atomic { faults > 0 -> faults = 0 } /* from now on all goes well */
  :: atomic { faults > 0 && up[0] -> faults--; daemon_ends (0) }
  :: atomic { faults > 0 && up[1] -> faults--; daemon_ends (1) }
  :: atomic { !up[0] -> daemon_starts (0) }
  :: atomic { !up[1] -> daemon_starts (1) }
  :: atomic { faults > 0 && (stream[0] != SHUT || stream[1] != SHUT || stream[2] != SHUT) ->
       faults--; stream[0] = SHUT; stream[1] = SHUT; stream[2] = SHUT }
  :: atomic { faults > 0 -> faults--; libvirtd_restarts (0) }
  :: atomic { faults > 0 -> faults--; libvirtd_restarts (1) }
  :: atomic { faults > 0 && qemu[0] != OFF -> faults--; struck (0) }
  :: atomic { faults > 0 && qemu[1] != OFF -> faults--; struck (1) }
  :: atomic { faults > 0 -> faults--; host_ends (0) }
  :: atomic { faults > 0 -> faults--; host_ends (1) }
  :: atomic { faults > 0 && ANEW && !was_installed -> faults--; installed_anew (0) }
  :: atomic { faults > 0 && ANEW && !was_installed -> faults--; installed_anew (1) }
  :: atomic { !confirmed[0] && up[0] && up[1] && !has_open (0) && !taken[0] -> confirmed[0] = true }
  :: atomic { !confirmed[1] && up[0] && up[1] && !has_open (1) && !taken[1] -> confirmed[1] = true }
  :: atomic { taken[0] && may_give_up (0) -> take_away (0) }
  :: atomic { taken[1] && may_give_up (1) -> take_away (1) }
  /* people: virsh destroy (a SIGTERM), resume, start; autostart after a reboot */
  :: atomic { faults > 0 && qemu[0] != OFF -> faults--; destroyed (0) }
  :: atomic { faults > 0 && qemu[1] != OFF -> faults--; destroyed (1) }
  :: atomic { faults > 0 && qemu[0] == PAUSED && frozen[0] -> faults--; resume (0) }
  :: atomic { faults > 0 && qemu[1] == PAUSED && frozen[1] -> faults--; resume (1) }
  :: atomic { faults > 0 && may_start (0) -> faults--;
       qemu[0] = RUNNING; fresh[0] = true; guest_runs (0) }
  :: atomic { faults > 0 && may_start (1) -> faults--;
       qemu[1] = RUNNING; fresh[1] = true; guest_runs (1) }
  od
}

/* ---- the end: one guest, and nothing left over ---- */

proctype judge ()
{
  byte e;
end:
  timeout ->
  e = 0;
  do
  :: e < MOVES ->
     assert (js[e] == NONE || js[e] == UNKNOWN || s_closed[e]);
     assert (jt[e] == NONE || jt[e] == UNKNOWN || t_closed[e]);
     assert (stream[e] == SHUT);
     e++
  :: else -> break
  od;
  assert (confirmed[0] && confirmed[1]);
  assert (!fence[0] && !fence[1] && !frozen[0] && !frozen[1]);
  assert (!(defined[0] && defined[1]) && (was_installed || defined[0] || defined[1]));
  assert (qemu[0] == OFF || (qemu[0] == RUNNING && defined[0]));
  assert (qemu[1] == OFF || (qemu[1] == RUNNING && defined[1]));
  assert (was_lost || qemu[0] == RUNNING || qemu[1] == RUNNING)
}

init
{
  atomic {
    qemu[0] = RUNNING; fresh[0] = true; defined[0] = true;
    byte e = 0;
    do
    :: e < MOVES -> run source_daemon (e); run target_daemon (e); run libvirt (e); e++
    :: else -> break
    od;
    run world ();
    run judge ()
  }
}
