# SPDX-License-Identifier: LGPL-2.1-or-later
"""Words of older moves that come late: GO, the order to destroy, the end.  They change nothing."""

import concurrent.futures

from crashes import begin_with, side_of
from faults import left_over, succeeds
from harness import DONE, Pool, claim, equal, until
from reasons import ask_peer

VM = "LATE"
WORDS = [("go", {}), ("go", dict(last=1)), ("abort", {}), ("gone", {})]
EVERYWHERE = "SELECT id, epoch, state FROM move ORDER BY id"


def journals(lab):
    return [[tuple(row) for row in lab.query(su, EVERYWHERE)] for su in lab.sus]


def ends(lab, source, status):
    equal(lab.ended(source, VM), status, "job variable")
    lab.closed(VM)


def make_history(lab):
    """One move to the target that is undone, one that succeeds, and back.  Returns source, target,
    and (id, epoch) of the first two."""
    if "error" in lab.witness(VM):
        lab.guest(VM, devices=("FAA4:disk", "CS:console"), load="counters:32:10")
    lab.closed(VM)
    _, source, target = begin_with(lab, VM, "copy")
    equal(lab.umzug(source, f"/CANCEL-VM-MIGRATION VM-ID={VM}").status, DONE, "CANCEL")
    lab.tool("rate", "unlimited")
    ends(lab, source, "$AE")
    lab.migrate(VM, target)
    ends(lab, source, "$T")
    old = [(row["id"], row["epoch"]) for row in lab.moves(source, VM)[:2]]
    lab.migrate(VM, source)
    ends(lab, target, "$T")
    return source, target, old


def say(lab, source, target, moves):
    """Says all words, all at once; a list of what is to come of each."""
    pool = concurrent.futures.ThreadPoolExecutor(len(moves) * len(WORDS))
    return [pool.submit(ask_peer, lab, source, target, f"moves/{move_id}/{verb}",
                        dict(epoch=epoch, **more))
            for move_id, epoch in moves for verb, more in WORDS]


def look(lab, source, target):
    """The journals, the domain on the target, whether the guest's process at the source stands."""
    return (journals(lab), lab.domain(target, VM), [p.state == "T" for p in lab.qemus(source, VM)])


@claim("GO, destroy and end of older moves come late, {what}: nothing changes",
       rows=[dict(what="when the guest is gone again", point=None),
             dict(what="when it is coming again", point="source-prepared"),
             dict(what="when a newer copy has come", point="source-frozen"),
             dict(what="when a newer one becomes ours", point="target-owner"),
             dict(what="when a newer one runs", point="source-gone")],
       kinds=("390", "x86"), sample=1, pool=Pool(1))
def late_words(lab, point):
    source, target, moves = make_history(lab)
    if point:
        begin_with(lab, VM, point)
        # The newest move's own words, of an older epoch.
        moves = [*moves, (lab.moves(source, VM)[0]["id"], moves[0][1])]
    su = side_of(point or "", source, target)
    before = look(lab, source, target)
    answers = say(lab, source, target, moves)
    if su == target:
        until(lambda: len(lab.processes(source, "curl")) == len(answers), "all words to be said")
        lab.daemon(target, "umzugd").go_on()
    concurrent.futures.wait(answers)
    if su == source:
        equal(look(lab, source, target), before, "journals, copy and guest")
    if point:
        lab.daemon(su, "umzugd").go_on()
        ends(lab, source, "$T")
    owner = target if point else source
    lab.runs_once(VM, owner)
    left_over(lab, VM, owner)
    succeeds(lab, VM)
