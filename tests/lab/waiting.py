# SPDX-License-Identifier: LGPL-2.1-or-later
"""What scripts stand on: WAIT-EVENT, return codes, JSON, the shell's spelling, languages."""

import json
import re
import signal

from harness import DONE, LOAD, REJECTED, ROOT, WRONG_USE, claim, equal, until

LOOKS = ["show-jv-attributes", "show-su-cluster", "show-vm-attributes", "show-vm-definition",
         "show-vm-device-status", "show-vm-migration", "show-vm-resources", "show-vm-status"]
WRONG_CONDITIONS = [
    dict(condition="(A,0,2)='x'", read="0"), dict(condition="(A,1,2)", read="''"),
    dict(condition="(A,1,2)='x' XOR (A,1,2)='y'", read="XOR"), dict(condition="'x'='x'", read="'"),
]
CODES = [  # command, SC2, SC1, maincode
    dict(command="/SHOW-VM-ATTRIBUTES", code=(0, 0, "CMD0001")),
    dict(command="/CHECK-VM-MIGRATION NOSUCH", code=(0, 64, "VMS4000")),
    dict(command="/CHECK-VM-MIGRATION {vm},{here}", code=(2, 0, "VMS2461")),
    dict(command="/MIGRATE-VM {vm},{here}", code=(0, 64, "VMS2461")),
    dict(command="/MIGRATE-VM {vm},NOSUCH", code=(0, 64, "VMS2400")),
    dict(command="/MIGRATE-VM 1", code=(0, 64, "VMS9001")),
    dict(command="/FLY-VM", code=(0, 1, "CMD0202")),
    dict(command="/SHOW-JV NO.SUCH", code=(0, 64, "UMZ0030")),
    dict(command="/RESUME-VM {vm}", code=(1, 0, "CMD0001")),
    dict(command="/DELETE-VM {vm}", code=(0, 64, "VMS4612")),
    dict(command="/ACTIVATE-VM-DEFINITION {vm}", code=(0, 64, "VMS4015")),
    dict(command="/HELP-MSG-INFORMATION VMS2437,X", code=(0, 1, "CMD0202")),
]


def guest(lab):
    if "error" in lab.witness("SCRIPT"):
        lab.guest("SCRIPT", devices=("FAA4:disk", "CS:console"), load=LOAD)
    lab.closed("SCRIPT")
    return "SCRIPT", lab.where("SCRIPT")


def words(lab, su, *arguments, status=DONE):
    done = lab.run(su, "umzug", *arguments, check=False)
    equal(done.returncode, status, f"{arguments}: {done.stdout}")
    return done.stdout


def ask(lab, su, **request):
    """The API itself."""
    return json.loads(lab.run(su, "curl", "-sS", "--unix-socket", "/run/umzug/umzugd.sock",
                              "http://umzugd/1/commands", "-d", json.dumps(request)).stdout)


def connections(lab, su, state):
    """Lines of `ss` for umzugd's socket, as words: u_str, two queues, path, number, …"""
    lines = lab.run(su, "ss", "-xH", "state", state).stdout.splitlines()
    return [line.split() for line in lines if "umzugd.sock" in line]


def clients(lab, su):
    """Connections that umzugd has accepted; each question makes one, and libsoup may keep it."""
    return {number for _, _, _, _, number, *_ in connections(lab, su, "established")}


def has_unheard(lab, su):
    """Whether a question stands at the socket that umzugd has not accepted."""
    return any(int(queued) > 0 for _, queued, *_ in connections(lab, su, "listening"))


def procedure():
    """The first shell script of docs/scripting.md."""
    text = (ROOT / "docs/scripting.md").read_text()
    return re.search(r"^```bash\n(.*?)^```", text, re.M | re.S)[1]


@claim("the procedure of the documentation moves a VM, waits, and branches on how it ended")
def scripted(lab):
    vm, su = guest(lab)
    path = lab.folder / "procedure"
    path.write_text(procedure())
    done = lab.run(su, "bash", str(path), vm, lab.other(su), check=False)
    equal((done.returncode, done.stdout.splitlines()[-1]),
          (0, f"{vm} runs on {lab.other(su)}"), done.stdout)
    lab.runs_once(vm, lab.other(su))
    done = lab.run(lab.other(su), "bash", str(path), vm, lab.other(su), check=False)
    equal(done.returncode, 1, done.stdout)
    assert done.stdout.splitlines()[-1].startswith(f"{vm} was not moved: $A"), done.stdout


@claim("WAIT-EVENT waits for a change, and no longer than it was told")
def wait_event(lab):
    vm, su = guest(lab)
    words(lab, su, "create-jv", "W.A")
    text = words(lab, su, "wait-event", "--condition", "(W.A,1,1)='x'", "--time-limit", "1",
                 status=REJECTED)
    assert "UMZ0039" in text, text
    helper = lab.start_helper(su, "umzug", "wait-event", "--condition",
                              "(W.A,1,1)='x' AND NOT (W.A,2,1)='y'", "--time-limit", "60")
    words(lab, su, "modify-jv", "W.A", "xz")
    equal(helper.wait(60), DONE, "exit status")
    words(lab, su, "wait-event", "--condition", "(W.A,1,1)='x'")
    # The value that is there does not count, a new one does.
    command = "/WAIT-EVENT CONDITION=(W.A,1,1)='x',CHECK-CURRENT-VALUE=*NO"
    first = ask(lab, su, text=command)
    assert first["again_ms"] > 0, first
    again = ask(lab, su, text=command, resume=first["resume"])
    assert again["again_ms"] > 0, again
    words(lab, su, "modify-jv", "W.A", "x2")
    last = ask(lab, su, text=command, resume=again["resume"])
    equal((last["again_ms"], last["maincode"]), (0, "CMD0001"), "after the change")
    assert "UMZ0030" in words(lab, su, "wait-event", "--condition", "NO.SUCH='x'", status=REJECTED)
    words(lab, su, "delete-jv", "W.A")


@claim("a wait goes on when umzugd is restarted")
def wait_through_restart(lab):
    vm, su = guest(lab)
    words(lab, su, "create-jv", "W.R")
    daemon = lab.daemon(su, "umzugd")
    daemon.signal(signal.SIGSTOP)
    questions, before = set(), clients(lab, su)
    helper = lab.start_helper(su, "umzug", "wait-event", "--condition", "(W.R,1,1)='x'")
    until(lambda: has_unheard(lab, su), "the first question")
    daemon.go_on()

    def has_asked_again():
        questions.update(clients(lab, su) - before)
        return len(questions) > 1
    until(has_asked_again, "the second question")
    lab.restart(su, "umzugd")
    words(lab, su, "modify-jv", "W.R", "x")
    equal(helper.wait(60), DONE, "exit status")
    words(lab, su, "delete-jv", "W.R")


@claim("a wrong condition is explained at its place: {condition}", rows=WRONG_CONDITIONS)
def wrong_condition(lab, condition, read):
    vm, su = guest(lab)
    text = words(lab, su, "wait-event", "--condition", condition, status=WRONG_USE)
    assert "UMZ0038" in text and read in text, text


@claim("{command} ends with {code}, at the console, and in JSON", rows=CODES)
def return_codes(lab, command, code):
    vm, su = guest(lab)
    command = command.format(vm=vm, here=su)
    text = lab.run(su, "umzug", "--return-code", command, check=False).stdout
    line = next(line for line in text.splitlines() if line.startswith("% NBR0740 "))
    found = re.search(r"\(RESULT: SC2=(\d{3}), SC1=(\d{3}), MC=(\w{7})\); DATE: \d{4}-\d\d-\d\d$",
                      line)
    equal((int(found[1]), int(found[2]), found[3]), code, line)
    answer = json.loads(lab.run(su, "umzug", "--json", command, check=False).stdout)
    equal((answer["sc2"], answer["sc1"], answer["maincode"]), code, "JSON")
    equal([m["code"] for m in answer["messages"] if m["code"] not in answer["lines"][-1]
           and not any(m["code"] in line for line in answer["lines"])], [], "messages in no line")


@claim("what an SU x86 does not have ends with VMS9004, what was done in part with VMS9005",
       kinds=("x86",))
def other_codes(lab):
    vm, su = guest(lab)
    for command in ("hold-vm", "resume-vm"):
        answer = ask(lab, su, text=f"/{command} {vm}")
        equal((answer["sc1"], answer["maincode"], answer["messages"][0]["code"]),
              (64, "VMS9004", "VMS3011"), command)
    lab.tool("rate", 80)
    equal(lab.migrate(vm, lab.other(su)).status, DONE, "MIGRATE-VM")
    lab.copying(vm, su)
    answer = ask(lab, su, text="/SHUTDOWN-VM *VM-GUESTS")
    equal((answer["sc1"], answer["maincode"], answer["messages"][0]["code"]),
          (64, "VMS9005", "VMS3041"), "partly done")
    lab.tool("rate", "unlimited")
    equal(lab.ended(su, vm), "$T", "job variable")
    lab.runs_once(vm, lab.other(su))


@claim("every SHOW command answers in JSON too, with the VM in it")
def as_data(lab):
    vm, su = guest(lab)
    for command in LOOKS:
        answer = json.loads(words(lab, su, "--json", command))
        equal((answer["maincode"], answer["messages"]), ("CMD0001", []), command)
        assert isinstance(answer["data"], list) and answer["data"] != [] or \
            command in ("show-jv-attributes", "show-vm-migration"), command
    (attributes,) = [d for d in json.loads(words(lab, su, "--json", "show-vm-attributes"))["data"]
                     if d["name"] == vm]
    equal((attributes["state"], [d["mn"] for d in attributes["devices"]]),
          ("RUNNING", ["CS", "FAA4"]), "data")
    (usage,) = [d for d in json.loads(words(lab, su, "--json", "show-vm-status"))["data"]
                if d["name"] == vm]
    assert usage["resident_mib"] > 0 and usage["cpu_percent"] >= 0, usage


@claim("every SHOW command that shows states shows (MIGR), on both SUs; past moves have figures")
def shows_moving(lab):
    vm, su = guest(lab)
    target = lab.other(su)
    lab.tool("rate", 80)
    equal(lab.migrate(vm, target).status, DONE, "MIGRATE-VM")
    lab.copying(vm, su)
    for command in ("show-vm-attributes", "show-vm-resources", "show-vm-status"):
        assert "RUNNING(MIGR)" in words(lab, su, command), command
        assert "SETUP(MIGR)" in words(lab, target, command), command
    assert "$R" in words(lab, su, "show-vm-migration", vm, "--information", "all")
    lab.tool("rate", "unlimited")
    equal(lab.ended(su, vm), "$T", "job variable")
    (last,) = json.loads(words(lab, su, "--json", "show-vm-migration", vm))["data"][-1:]
    equal((last["status"], last["su"], last["direction"]), ("$T", target, "to"), "the past move")
    assert last["duration_us"] > 0 and last["link_bytes"] > 0 and last["switch_us"] > 0, last
    lab.closed(vm)
    (last,) = json.loads(words(lab, target, "--json", "show-vm-migration", vm))["data"][-1:]
    equal((last["status"], last["su"], last["direction"]), ("$T", su, "from"), "on the target")


@claim("SHOW-VM-STATUS shows again and again when it is given a period")
def periodic(lab):
    vm, su = guest(lab)
    helper = lab.start_helper(su, "umzug", "show-vm-status", vm, "--period", "1")
    lines = [helper.stdout.readline() for _ in range(4)]
    equal([f" {vm} " in line for line in lines], [False, True] * 2, f"{lines}")


@claim("the cluster shows which SUs answer")
def cluster(lab):
    _, su = guest(lab)
    other = lab.other(su)
    text = words(lab, su, "show-su-cluster")
    assert re.search(rf"{su} +LOCAL", text) and re.search(rf"{other} +ACTIVE", text), text
    daemon = lab.daemon(other, "umzugd")
    daemon.kill()
    text = words(lab, su, "show-su-cluster")
    lab.start(other, "umzugd")
    assert re.search(rf"{other} +NOT REACHABLE", text) and "UMZ0321" in text, text


@claim("the language comes from the operand, the option, the environment, the configuration")
def language(lab):
    _, su = guest(lab)
    german, english = "NICHT INITIALISIERT", "NOT INITIALIZED"
    command = "/CHECK-VM-MIGRATION NOSUCH"
    configuration = lab.folder / "su" / su / "etc/umzug/umzugd.conf"
    text = configuration.read_text()
    assert english in words(lab, su, command, status=REJECTED)
    configuration.write_text(text.replace("[su]\n", "[su]\nlanguage=de\n", 1))
    lab.restart(su, "umzugd")
    assert german in words(lab, su, command, status=REJECTED)
    say = ("env", "UMZUG_LANGUAGE=en", "umzug")
    assert english in lab.run(su, *say, command, check=False).stdout
    assert german in lab.run(su, *say, "--language", "de", command, check=False).stdout
    answer = lab.run(su, *say, "-L", "de", "/HELP-MSG VMS4000,E").stdout
    assert english in answer and german not in answer, answer
    assert "UMZ0019" in words(lab, su, "/HELP-MSG VMS4000,X", status=WRONG_USE)
    configuration.write_text(text)
    lab.restart(su, "umzugd")


@claim("a user without the role may look, and not change anything")
def roles(lab):
    vm, su = guest(lab)
    nobody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "umzug")
    assert vm in lab.run(su, *nobody, "/SHOW-VM-ATTRIBUTES").stdout
    done = lab.run(su, *nobody, f"/MIGRATE-VM {vm}", check=False)
    equal(done.returncode, REJECTED, done.stdout)
    assert "CMD0216" in done.stdout, done.stdout
    assert lab.state(su, vm) is None or not lab.relays(su)
