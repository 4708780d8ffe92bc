# SPDX-License-Identifier: LGPL-2.1-or-later
"""The course of a move as its operator sees it: accepted, running, cancelled, ended."""

import json
import re

from harness import DONE, Pool, REJECTED, UNREACHABLE, WRONG_USE, claim, equal, until

SLOW = 120    # Mbit/s: the copy of these guests takes some seconds
CALM = "counters:64:1"
EITHER = Pool(1)


def guest(lab, load=CALM):
    """One guest for this module; each test leaves it running, wherever that is."""
    name = "COURSE" if load == CALM else "WILD"
    if "error" in lab.witness(name):
        lab.guest(name, load=load)
    lab.closed(name)
    return name, lab.where(name)


@claim("control returns while the move runs: $R, RUNNING(MIGR) here and SETUP(MIGR) there",
       kinds=("390", "x86"), one_kind=True)
def control_returns(lab):
    vm, source = guest(lab)
    lab.tool("rate", SLOW)
    equal(lab.migrate(vm, lab.other(source)).status, DONE, "MIGRATE-VM")
    lab.copying(vm, source)
    value = lab.umzug(source, f"/SHOW-JV JV-CONTENTS=MONJV.{vm}").text
    assert re.match(r"%\$R +0 {12}V\d{3}\d{4}-\d\d-\d{8} {34} *", value), value
    assert "RUNNING(MIGR)" in lab.umzug(source, "/SHOW-VM-ATTRIBUTES").text
    assert "SETUP(MIGR)" in lab.umzug(lab.other(source), "/SHOW-VM-ATTRIBUTES").text
    again = lab.migrate(vm, lab.other(source), jv="MONJV.SECOND")
    again.rejected_with("VMS3042")
    lab.tool("rate", "unlimited")
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.runs_once(vm, lab.other(source))


@claim("CANCEL without a move is rejected")
def cancel_nothing(lab):
    vm, source = guest(lab)
    lab.umzug(source, f"/CANCEL-VM-MIGRATION VM-ID={vm}").rejected_with("UMZ0133")


@claim("--wait stays until the end and shows the messages of both SUs")
def wait(lab):
    vm, source = guest(lab)
    answer = lab.migrate(vm, lab.other(source), options=("--wait",))
    equal(answer.status, DONE, answer.text)
    equal(lab.jv(source, f"MONJV.{vm}"), "$T", "job variable")
    seen = [code for code in answer.codes if code in ("VMS2450", "VMS2430", "VMS2431", "VMS2451")]
    equal(sorted(set(seen)), ["VMS2430", "VMS2431", "VMS2450", "VMS2451"], "messages shown")
    lab.runs_once(vm, lab.other(source))


@claim("--wait fails when the move does")
def wait_for_failure(lab):
    vm, source = guest(lab)
    lab.tool("rate", SLOW)
    helper = lab.start_helper(source, "umzug", "--wait",
                              f"/MIGRATE-VM VM-ID={vm},SERVER-UNIT-NAME={lab.other(source)}")
    lab.copying(vm, source)
    lab.umzug(source, f"/CANCEL-VM-MIGRATION VM-ID={vm}")
    equal(helper.wait(60), REJECTED, "exit status")
    lab.tool("rate", "unlimited")
    lab.runs_once(vm, source)


@claim("CHECK-VM-MIGRATION says that the move is possible, and touches nothing")
def check_possible(lab):
    vm, source = guest(lab)
    rows = len(lab.moves(source, vm))
    answer = lab.umzug(source, f"/CHECK-VM-MIGRATION VM-ID={vm},"
                               f"SERVER-UNIT-NAME={lab.other(source)}")
    equal((answer.status, answer.codes[-1]), (DONE, "VMS2460"), answer.text)
    equal(len(lab.moves(source, vm)), rows, "moves in the journal")
    equal(lab.domain(lab.other(source), vm), None, "domain on the target")


@claim("the other SU need not be named when there is only one")
def unique(lab):
    vm, source = guest(lab)
    answer = lab.umzug(source, f"/MIGRATE-VM VM-ID={vm},MONJV=MONJV.{vm}")
    equal(answer.status, DONE, answer.text)
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.runs_once(vm, lab.other(source))


@claim("a guest that changes memory faster than the link is given up on /390 with VMS2425",
       pool=EITHER, fresh=True)
def does_not_converge_390(lab):
    vm, source = guest(lab, load="counters:64:60")
    lab.tool("rate", 200)
    equal(lab.migrate(vm, lab.other(source)).status, DONE, "MIGRATE-VM")
    equal(lab.ended(source, vm, 300), "$AE", "job variable")
    said = [code for _, code in lab.console(source)]
    assert "VMS2425" in said and "UMZ0220" in said, said
    lab.tool("rate", "unlimited")
    lab.nothing_left(lab.other(source), vm)
    lab.runs_once(vm, source)


@claim("a guest that changes memory faster than the link is carried through on x86",
       kinds=("x86",), pool=EITHER, fresh=True)
def does_not_converge_x86(lab):
    vm, source = guest(lab, load="counters:64:60")
    lab.tool("rate", 200)
    equal(lab.migrate(vm, lab.other(source)).status, DONE, "MIGRATE-VM")
    equal(lab.ended(source, vm, 300), "$T", "job variable")
    said = [code for _, code in lab.console(source)]
    assert "UMZ0220" in said and "UMZ0222" in said, said
    lab.tool("rate", "unlimited")
    lab.runs_once(vm, lab.other(source))


@claim("on x86 a guest that would stand a little too long is permitted to",
       kinds=("x86",), pool=EITHER, fresh=True)
def is_raised(lab):
    vm, source = guest(lab, load="counters:24:60")
    lab.tool("rate", 200)
    equal(lab.migrate(vm, lab.other(source)).status, DONE, "MIGRATE-VM")
    equal(lab.ended(source, vm, 300), "$T", "job variable")
    said = [code for _, code in lab.console(source)]
    assert "UMZ0221" in said and "UMZ0222" not in said, said
    lab.tool("rate", "unlimited")
    lab.runs_once(vm, lab.other(source))


TERMS = [
    dict(terms="NON-CONVERGENCE=*SUSPEND", end="$T", code="UMZ0222"),
    dict(terms="MAX-SUSPENSION=60000", end="$T", code="VMS2451"),
    dict(terms="MAX-TIME=8", end="$AE", code="UMZ0203"),
]


@claim("on /390 a guest that changes memory faster than the link, with {terms}: {end}, {code}",
       rows=TERMS, sample=1, fresh=True)
def on_terms(lab, terms, end, code):
    vm, source = guest(lab, load="counters:64:60")
    lab.tool("rate", 200)
    answer = lab.umzug(source, f"/MIGRATE-VM {vm},MONJV=MONJV.{vm},{terms}")
    equal(answer.status, DONE, answer.text)
    equal(lab.ended(source, vm, 300), end, "job variable")
    said = [code for _, code in lab.console(source)]
    assert code in said and "VMS2425" not in said, said
    lab.tool("rate", "unlimited")
    lab.runs_once(vm, source if end == "$AE" else lab.other(source))


@claim("how long the guest stood is told with the way of its last memory", pool=EITHER, fresh=True)
def stop_is_whole(lab):
    vm, source = guest(lab, load="pages:64:60")
    lab.tool("rate", 200)
    answer = lab.umzug(source, f"/MIGRATE-VM {vm},MONJV=MONJV.{vm},MAX-SUSPENSION=60000")
    equal(answer.status, DONE, answer.text)
    equal(lab.ended(source, vm, 300), "$T", "job variable")
    shown = json.loads(lab.umzug(source, "--json", f"/SHOW-VM-MIGRATION {vm}").text)["data"]
    stop_ms, gap_ms = shown[-1]["switch_us"] / 1000, lab.witness(vm)["moves"][-1]["gap_ms"]
    assert gap_ms / 2 < stop_ms < 2 * gap_ms, f"{stop_ms} ms told, {gap_ms} ms seen from outside"
    lab.tool("rate", "unlimited")


@claim("the engine that was asked for moves the guest, on either type", kinds=("390", "x86"),
       one_kind=True)
def engines(lab):
    vm, source = guest(lab)
    for engine in ("VM2000", "X2000"):
        source = lab.where(vm)
        answer = lab.umzug(source, f"/MIGRATE-VM {vm},MONJV=MONJV.{vm},ENGINE=*{engine}")
        equal(answer.status, DONE, answer.text)
        equal(lab.ended(source, vm), "$T", "job variable")
        shown = json.loads(lab.umzug(source, "--json", f"/SHOW-VM-MIGRATION {vm}").text)["data"]
        equal(shown[-1]["engine"], engine, "engine of the last move")
    lab.runs_once(vm, lab.other(source))


@claim("the exit status tells wrong use and a daemon that is not there")
def exit_status(lab):
    su = lab.sus[0]
    equal(lab.run(su, "umzug", check=False).returncode, WRONG_USE, "without a command")
    equal(lab.run(su, "umzug", "--nonsense", check=False).returncode, WRONG_USE, "unknown option")
    done = lab.run(su, "umzug", "--socket", "/run/umzug/nobody.sock", "/SHOW-VM-ATTRIBUTES",
                   check=False)
    equal(done.returncode, UNREACHABLE, "without a daemon")


@claim("umzug log shows the console in the documents' form")
def log_form(lab):
    vm, source = guest(lab)
    lab.umzug(source, f"/MIGRATE-VM VM-ID={vm},MONJV=MONJV.{vm}")
    lab.ended(source, vm)
    lines = lab.run(source, "umzug", "log").stdout.splitlines()
    assert any(re.match(r"\d{6} MIGRATE-VM ", line) for line in lines), lines
    for line in lines:
        assert re.match(r"\d{6} (% [A-Z]{3,5}\d\w+ |[A-Z])", line), line
    until(lambda: not lab.relays(source), "the end of the relays")
