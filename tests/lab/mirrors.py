# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest's memory with the codec: a guest that comes back meets the mirror that it has left, and
nothing that a damaged or missing mirror does ever reaches a guest."""

import json

from harness import DONE, Pool, claim, equal

SOME = Pool(2)

VM = "MIRROR"
RATE_MBIT = 300   # on a faster link coding does not pay, and no mirror is kept


def guest(lab):
    """One guest for all claims; gives the SU where it is and the other one, without a mirror."""
    if all(lab.domain(su, VM) is None for su in lab.sus):
        lab.guest(VM, load="counters:64:5+random:32")
        lab.tool("rate", RATE_MBIT)
    for su in lab.sus:
        lab.umzug(su, "/DELETE-VM-MIRROR")
    here = lab.where(VM)
    return here, lab.other(here)


def move(lab):
    """Moves the guest to the other SU; gives what its source knows of how the memory went."""
    source = lab.where(VM)
    equal(lab.migrate(VM, lab.other(source)).status, DONE, "MIGRATE-VM")
    equal(lab.ended(source, VM), "$T", "job variable")
    lab.closed(VM)
    return json.loads(lab.umzug(source, "--json", f"/SHOW-VM-MIGRATION {VM}").text)["data"][-1]


def mirrors(lab, su):
    return json.loads(lab.umzug(su, "--json", "/SHOW-VM-MIRROR").text)["data"]


def files(lab, su):
    return list((lab.folder / "su" / su / "var/lib/umzug/mirror").iterdir())


@claim("a guest that comes back is sent as differences from its mirror, which both SUs show")
def comes_back(lab):
    here, there = guest(lab)
    first = move(lab)
    equal((first["engine"], first["mirror"]), ("VM2000", False), "the first move")
    for su in lab.sus:
        found = mirrors(lab, su)
        equal([(m["name"], m["su"], m["in_use"]) for m in found], [(VM, lab.other(su), False)],
              f"mirrors of {su}")
    back = move(lab)
    equal(back["mirror"], True, "a mirror at the second move")
    assert back["same_pages"] > 32 * 256, back          # what nobody has changed
    assert back["link_bytes"] < first["link_bytes"] / 20, (first, back)
    lab.runs_once(VM, here, n_sweeps=2)
    shown = lab.umzug(there, f"/SHOW-VM-MIGRATION {VM},INFORMATION=*ALL").text
    assert "ENGINE VM2000 WITH MIRROR" in shown, shown


@claim("a mirror that was deleted on one SU, or lost by a restart, is begun anew on both",
       pool=SOME)
def is_begun_anew(lab):
    here, there = guest(lab)
    move(lab)
    answer = lab.umzug(here, f"/DELETE-VM-MIRROR {VM}")
    equal((answer.status, answer.codes[:1]), (DONE, ["UMZ0250"]), answer.text)
    equal(files(lab, here), [], "files of the mirror")
    lab.umzug(here, f"/DELETE-VM-MIRROR {VM}").rejected_with("UMZ0251")
    equal(move(lab)["mirror"], False, "a mirror after it was deleted")
    lab.restart(there, "umzugd")
    equal(files(lab, there), [], "files of the mirror after a restart")
    equal(move(lab)["mirror"], False, "a mirror after the restart")
    equal(move(lab)["mirror"], True, "a mirror at last")
    lab.runs_once(VM, here, n_sweeps=2)


@claim("a move that is undone leaves no mirror, and the next one begins without",
       pool=SOME)
def undone(lab):
    here, there = guest(lab)
    move(lab)
    lab.tool("rate", 20)
    lab.migrate(VM, here)
    lab.copying(VM, there)
    lab.umzug(there, f"/CANCEL-VM-MIGRATION {VM}")
    equal(lab.ended(there, VM), "$AE", "job variable")
    lab.closed(VM)
    lab.tool("rate", RATE_MBIT)
    equal([mirrors(lab, su) for su in lab.sus], [[], []], "mirrors")
    equal(move(lab)["mirror"], False, "a mirror at the next move")
    lab.runs_once(VM, here)


@claim("a batch that is damaged on its way ends the move: nothing of it reaches the guest",
       pool=SOME)
def damaged(lab):
    here, there = guest(lab)
    lab.arm(here, "relay spoil-batch 1000000")
    lab.migrate(VM, there)
    equal(lab.ended(here, VM), "$AE", "job variable")
    lab.closed(VM)
    text = lab.umzug(there, "log").text
    assert "damaged batch: what came of it has another hash" in text, text
    own = lab.umzug(here, "log").text
    assert "damaged batch" in own and "VMS2421" not in own, own
    lab.runs_once(VM, here, n_sweeps=2)
    lab.disarm(here)
    move(lab)
    lab.runs_once(VM, there)


@claim("a mirror whose file was changed ends the move, and the next one does without it",
       pool=SOME)
def file_changed(lab):
    here, there = guest(lab)
    move(lab)
    with open(files(lab, here)[0], "r+b") as file:   # of what will be the target
        file.seek(-(8 << 20), 2)
        file.write(bytes(8 << 20))
    lab.migrate(VM, here)
    equal(lab.ended(there, VM), "$AE", "job variable")
    lab.closed(VM)
    lab.runs_once(VM, there, n_sweeps=2)
    equal(move(lab)["mirror"], False, "a mirror at the next move")
    lab.runs_once(VM, here)
