# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the other SU cannot be asked the arbiter tells: a real etcd, or a disk that real daemons of
sanlock keep, beside a link that is cut."""

import json

from crashes import begin, begin_with, settled
from doubt import decide, in_doubt, only_there
from harness import Pool, claim, equal, until

ETCD = "http://10.77.2.254:2379/v3/kv/range"
EVERY_KEY = '{"key": "AA==", "range_end": "AA==", "keys_only": true}'
SOME = Pool(2)


def keys(lab, su):
    """How many decisions stand at the arbiter."""
    answer = lab.run(su, "curl", "--silent", "--data", EVERY_KEY, ETCD).stdout
    return int(json.loads(answer).get("count", 0))


def begin_with_arbiter(lab, point):
    lab.tool("arbiter", "on")
    return begin(lab, point)


def codes(lab, su):
    return [code for _, code in lab.console(su)]


@claim("the source has committed, and {what}: the guest goes on at the target before it is heard",
       rows=[dict(what="the link is cut", dies=False), dict(what="loses its power", dies=True)],
       fresh=True, kinds=("390", "x86"), pool=SOME)
def committed(lab, dies):
    vm, source, target = begin_with_arbiter(lab, "source-committed")
    lab.tool("cut", "silent")
    lab.daemon(source, "umzugd").go_on()
    until(lambda: keys(lab, target), "the decision")
    if dies:
        lab.tool("crash", source)
    lab.runs_once(vm, target)
    assert "UMZ0242" in codes(lab, target), codes(lab, target)
    lab.tool("cut", "off")
    if dies:
        lab.tool("boot", source)
    equal(settled(lab, vm, source, target), target, "owner")
    only_there(lab, vm, target)
    equal(keys(lab, target), 0, "decisions in the end")


@claim("the source has undone the move, and the link is cut: the copy goes before it is heard",
       fresh=True, kinds=("390", "x86"), pool=SOME)
def aborted(lab):
    vm, source, target = begin_with_arbiter(lab, "source-frozen")
    lab.tool("cut", "silent")
    lab.daemon(source, "umzugd").kill()
    lab.start(source, "umzugd")
    until(lambda: "UMZ0242" in codes(lab, target), f"UMZ0242 in {target}")
    lab.nothing_left(target, vm)
    lab.runs_once(vm, source)
    lab.tool("cut", "off")
    only_there(lab, vm, source)
    equal(keys(lab, source), 0, "decisions in the end")


@claim("an operator gives *THAW: the arbiter is told before the guest goes on", fresh=True,
       kinds=("390", "x86"), pool=SOME)
def thawed(lab):
    vm, source, target = begin_with_arbiter(lab, "source-committed")
    lab.tool("cut", "silent")
    lab.daemon(source, "umzugd").go_on()
    until(lambda: keys(lab, source), "the decision")
    lab.tool("crash", target)
    in_doubt(lab, vm, source)
    decide(lab, vm, source, "*THAW", "UMZ0209")
    lab.ticks_on(vm, source)
    lab.tool("boot", target)
    until(lambda: "UMZ0242" in codes(lab, target), f"UMZ0242 in {target}")
    lab.runs_once(vm, source)
    lab.tool("cut", "off")
    only_there(lab, vm, source)
    equal(keys(lab, source), 0, "decisions in the end")


@claim("the arbiter is off as well: in doubt, as without one, until the source is heard",
       fresh=True, kinds=("390", "x86"), pool=SOME)
def silent(lab):
    lab.tool("arbiter", "on")
    lab.tool("arbiter", "off")
    vm = lab.guest("ALONE")
    checked = lab.umzug(lab.where(vm), f"/CHECK-VM-MIGRATION {vm}").text
    equal(checked.count("UMZ0243"), 2, f"warnings of both SUs in\n{checked}")
    vm, source, target = begin_with(lab, vm, "source-committed")
    lab.tool("cut", "silent")
    lab.daemon(source, "umzugd").go_on()
    until(lambda: "UMZ0127" in codes(lab, target), "the doubt")
    equal(lab.state(target, vm), "RECEIVING", "the target's journal")
    lab.tool("cut", "off")
    equal(settled(lab, vm, source, target), target, "owner")
    only_there(lab, vm, target)


@claim("the source has committed, and the link is cut: the disk that sanlock keeps tells",
       fresh=True, kinds=("390", "x86"), pool=SOME)
def on_disk(lab):
    lab.tool("arbiter", "sanlock")
    vm, source, target = begin(lab, "source-committed")
    lab.tool("cut", "silent")
    lab.daemon(source, "umzugd").go_on()
    lab.runs_once(vm, target)
    assert "UMZ0242" in codes(lab, target), codes(lab, target)
    lab.tool("cut", "off")
    equal(settled(lab, vm, source, target), target, "owner")
    only_there(lab, vm, target)
