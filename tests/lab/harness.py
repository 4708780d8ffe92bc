# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the lab tests stand on: a lab of two SUs, seen from outside.

A test is a function with a `claim`: a sentence that is true if it passes.  It takes the Lab and, if
the claim has rows, the row's values.  Tests assert counts and states, never a time; a wait has a
limit only so that a defect ends.
"""

import ast
import importlib
import inspect
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "lab"))

import collector  # noqa: E402
import place  # noqa: E402
import store_rows  # noqa: E402

TOOL = ROOT / "lab/lab"
# In this order: the longest, for the last one of a run goes on alone; then what others rest on; and
# at the end the one with so many guests that nothing else would get on beside it.
MODULES = ["cuts", "witness", "contract", "moves", "memory", "states", "undo", "devices",
           "course", "rejections", "checks", "dialogs", "mirrors", "forecasts", "commands",
           "definitions", "recovery", "definition_moves", "waiting", "reasons", "console",
           "misbehaviour", "accidents", "late", "others", "crashes", "faults", "power", "comeback",
           "doubt", "unwritable", "arbiter", "hostile", "restarts", "turns"]
KIND = {"390": ("ABGSE501:390", "ABGSE701:390"), "x86": ("ABGSE501:x86", "ABGSE701:x86"),
        "mixed": ("ABGSE501:390", "ABGSE701:390", "ABGSE801:x86")}
# A guest that has a mirror moves in no time on the slowest link: nothing could happen meanwhile.
WITH_MIRRORS = ("moves", "mirrors", "memory")
DEVICES = ("FAA4:disk", "FAA5:disk:sd", "CS:console")
LOAD = "counters:64:20"
SOURCE_STATES = {"COPYING", "COMMITTED", "GONE", "ABORTED"}
DONE, REJECTED, WRONG_USE, UNREACHABLE, IN_DOUBT = range(5)

LOGS = pathlib.Path("/var/tmp/umzug-check")


class Claim:
    def __init__(self, text, function, kind, values, fresh):
        self.text, self.function, self.kind = text, function, kind
        self.values, self.fresh = values, fresh
        self.module = function.__module__
        self.line = f"{self.module}: {kind}: {text}"


class Pool:
    """Claims of which a run without --all takes only so many, chosen by the seed."""

    def __init__(self, size):
        self.size, self.groups = size, []

    def choose(self, seed):
        pick = random.Random(f"{seed} {self.groups[0][0].module}")
        return pick.sample(self.groups, min(self.size, len(self.groups)))


CLAIMS = []


class OneKind:
    """Of the groups of one claim, one for each kind of lab, a run without --all takes each row, or
    so many, from one of them, chosen by the seed."""

    def __init__(self):
        self.groups = []

    def choose(self, group, size, seed):
        first = self.groups[0][0]
        pick = random.Random(f"{seed} {first.module} {first.function.__name__}")
        kinds = [pick.randrange(len(self.groups)) for _ in group]
        rows = pick.sample(range(len(group)), size or len(group))
        return [group[i] for i in sorted(rows) if self.groups[kinds[i]] is group]


def claim(text, rows=({},), sample=None, kinds=("390",), fresh=False, only_all=False, pool=None,
          one_kind=False):
    """Registers the function below for each row and each kind of lab.

    TEXT may name a row's values in braces; `strike` and `point` are for matrix.py, too.
    `sample`: so many rows, chosen by the seed, unless --all is given.  `pool`: the claim is chosen
    or not, see Pool.  `fresh`: in a lab of its own, because it leaves one behind that is not clean.
    `one_kind`: see OneKind.
    """
    def take(function):
        chooser = OneKind() if one_kind else None
        for kind in kinds:
            group = [Claim(text.format(**row), function, kind, row, fresh) for row in rows]
            CLAIMS.append((group, sample, only_all, pool, chooser))
            if chooser:
                chooser.groups.append(group)
            if pool:
                pool.groups.append(group)
        return function
    return take


def sample_of(group, size, seed):
    # Seeded by what is chosen from, so that a new test elsewhere changes nothing here.
    pick = random.Random(f"{seed} {group[0].function.__name__} {group[0].kind}")
    names = set(pick.sample(range(len(group)), min(size or len(group), len(group))))
    return [c for i, c in enumerate(group) if i in names]


def load_modules():
    for module in MODULES:
        importlib.import_module(module)


def all_claims():
    return [claim_ for group, *_ in CLAIMS for claim_ in group]


def choose(everything, seed):
    """The claims of this run."""
    chosen = []
    for group, sample, only_all, pool, chooser in CLAIMS:
        if everything:
            chosen += group
        elif chooser:
            chosen += chooser.choose(group, sample, seed)
        elif not only_all and (not pool or group in pool.choose(seed)):
            chosen += sample_of(group, sample, seed)
    return chosen


def until(condition, what, seconds=60):
    """Observes until CONDITION gives something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


def equal(found, expected, what):
    assert found == expected, f"{what}: {found!r}, expected {expected!r}"


class Answer:
    """What a command said: exit status, text, and the numbers of its messages."""

    def __init__(self, done):
        self.status, self.text = done.returncode, done.stdout
        self.codes = re.findall(r"\b((?:VMS|UMZ|CMD|JVS)\d{4})\b", done.stdout)

    def rejected_with(self, *codes):
        equal(self.status, REJECTED, f"exit status of\n{self.text}")
        missing = [code for code in codes if code not in self.codes]
        assert not missing, f"{missing} missing in\n{self.text}"
        return self


def how_to_run(command, environment):
    return dict(args=list(map(str, command)), env=environment, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def run(command, environment, check):
    done = subprocess.run(**how_to_run(command, environment))
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: status {done.returncode}\n"
                             f"{done.stdout}")
    return done


def lab_folder():
    return pathlib.Path(os.environ.get("UMZUG_LAB", "/var/lib/umzug-lab-check"))


class Lab:
    def __init__(self, kind, has_mirrors=False):
        self.kind = kind
        self.folder = lab_folder()
        self.place = place.Lab(self.folder)
        self.environment = dict(os.environ, UMZUG_LAB=str(self.folder))
        self.sus = [su.split(":")[0] for su in KIND[kind]]
        self.helpers, self.with_own_disk = [], set()
        self.down()
        try:
            self.tool("up", "--su", *KIND[kind], *[] if has_mirrors else ["--without-mirrors"])
        except AssertionError:
            self.keep_logs(LOGS / f"up {kind} {os.getpid()}")
            raise

    def down(self):
        # The lab first: what runs in it ends as a child of the helper, which takes it in.  The
        # kernel keeps the lab's PID namespace until somebody has.
        self.tool("down")
        for helper in self.helpers:
            if helper.poll() is None:
                os.killpg(helper.pid, signal.SIGKILL)
                helper.wait()
        self.helpers = []

    def tool(self, *arguments, check=True):
        return run([TOOL, *arguments], self.environment, check)

    def run(self, su, *command, check=True):
        return run(self.place.inside_su(su, *command), self.place.environment(), check)

    def start_helper(self, su, *command):
        """A program that runs in SU beside the test, until the lab ends."""
        self.helpers.append(subprocess.Popen(
            **how_to_run(self.place.inside_su(su, *command), self.place.environment()),
            start_new_session=True))
        return self.helpers[-1]

    # -- guests --

    def guest(self, name, on=None, load=LOAD, devices=DEVICES, **options):
        more = [text for key, value in options.items()
                for text in (f"--{key.replace('_', '-')}", str(value))]
        more += [text for device in devices for text in ("--device", device)]
        self.tool("guest", name, "--on", on or self.sus[0], "--load", load, *more)
        return name

    def witness(self, name):
        return collector.ask(self.folder, witness=name)

    def ticks_on(self, name, *sus, seconds=60):
        """Waits until ticks come from exactly these SUs, and returns the report."""
        def look():
            report = self.witness(name)
            return report if sorted(report.get("running_on", [])) == sorted(sus) else None
        return until(look, f"ticks of {name} from {sus}", seconds)

    def sweep(self, name, n=2):
        """Waits until the guest has compared its whole memory N times more."""
        goal = self.witness(name)["sweeps"] + n
        until(lambda: self.witness(name)["sweeps"] >= goal, f"{n} sweeps of {name}", 120)
        return self.witness(name)

    def domain(self, su, name):
        """libvirt's state of it there: 'running', 'paused', 'shut off' …; None if none."""
        done = self.run(su, "virsh", "domstate", name, check=False)
        return done.stdout.strip() if done.returncode == 0 else None

    def qemus(self, su, name):
        return [p for p in self.processes(su, "qemu-system") if f"guest={name}," in p.arguments]

    def make_image(self, name):
        """A folder that every SU sees at the same path, and QEMU's user may use."""
        folder = self.folder / "shared"
        folder.mkdir(mode=0o777, exist_ok=True)
        folder.chmod(0o777)
        return folder / name

    # -- processes --

    def processes(self, su, name):
        """Processes in SU whose program's name begins with NAME, the oldest first."""
        holder = self.holder(su)
        return sorted((p for p in map(Process, outside_pids())
                       if p.name.startswith(name) and p.network == holder.network),
                      key=lambda p: p.start)

    def holder(self, su):
        inside = int((self.folder / "su" / su / "holder.pid").read_text())
        init = Process((self.folder / "init.pid").read_text().split()[0])
        return next(p for p in map(Process, outside_pids())
                    if p.pid_space == init.pid_space and p.inner == inside)

    def daemon(self, su, name):
        """The daemon itself; None when it does not run."""
        inside = int((self.folder / "su" / su / f"{name}.pid").read_text())
        return next((p for p in self.processes(su, name) if p.inner == inside), None)

    def relays(self, su):
        """The relays in SU in the order of their start: RPC, memory."""
        return self.processes(su, "umzug-relay")

    def start(self, su, daemon):
        self.tool("_daemon", su, daemon)

    def confirmed(self, su):
        """Waits until umzugd in SU has heard the other SUs since the host's start."""
        confirmation = self.folder / "su" / su / "run/umzug/confirmed/all"
        until(confirmation.exists, f"partners of {su}")

    def restart(self, su, daemon):
        """An orderly one: SIGTERM, and the start after its end."""
        process = self.daemon(su, daemon)
        process.signal(signal.SIGTERM)
        until(lambda: process.state in ("", "Z"), f"end of {daemon}")
        self.start(su, daemon)

    # -- umzugd --

    def umzug(self, su, *words):
        answer = Answer(self.run(su, "umzug", *words, check=False))
        assert answer.status != UNREACHABLE, f"umzugd of {su}: {answer.text}"
        return answer

    def migrate(self, vm, to, jv=None, options=(), on=None):
        """Gives /MIGRATE-VM on the SU where the guest is; the job variable is MONJV.<vm>."""
        source = on or self.where(vm)
        return self.umzug(source, f"/MIGRATE-VM VM-ID={vm},SERVER-UNIT-NAME={to},"
                                  f"MONJV={jv or 'MONJV.' + vm}", *options)

    def other(self, su):
        return next(s for s in self.sus if s != su)

    def where(self, vm):
        """The SU that the guest runs in.  Behind a move the witness still knows of both."""
        until(lambda: len(self.witness(vm).get("running_on", ())) == 1, f"one SU with {vm}")
        return self.witness(vm)["running_on"][0]

    def store(self, su):
        """The state folder, as it is mounted in SU."""
        if su in self.with_own_disk:
            return pathlib.Path(f"/proc/{self.holder(su).pid}/root/var/lib/umzug")
        return self.folder / "su" / su / "var/lib/umzug"

    def query(self, su, sql, *values):
        """Rows of umzugd's store; see store_rows.select()."""
        if su in self.with_own_disk:
            return ast.literal_eval(self.run(su, "python3", "-B", ROOT / "tests/lab/store_rows.py",
                                             "/var/lib/umzug", sql, *map(str, values)).stdout)
        return store_rows.select(self.store(su), sql, values)

    def moves(self, su, name):
        """The journal's rows of this guest, the newest first."""
        return self.query(su, "SELECT * FROM move WHERE name = ? ORDER BY begun_us DESC", name)

    def state(self, su, name):
        """State of the newest move in SU's journal; None if there is none."""
        return next((row["state"] for row in self.moves(su, name)), None)

    def jv(self, su, name):
        rows = self.query(su, "SELECT value FROM jv WHERE name = ?", name)
        return bytes(rows[0]["value"])[:3].decode().strip() if rows else None

    def ended(self, su, vm, seconds=120):
        """Waits for the end of the move that SU's job variable watches: $T, $TW, $AE or $AF."""
        def look():
            value = self.jv(su, f"MONJV.{vm}")
            return value if value in ("$T", "$TW", "$AE", "$AF") else None
        return until(look, f"the end of the move of {vm}", seconds)

    def closed(self, vm, seconds=90):
        """Waits until no journal holds an open move of this guest: all clean-up is done."""
        until(lambda: all(row["is_closed"] for su in self.sus for row in self.moves(su, vm)[:1]),
              f"the end of the clean-up of {vm}", seconds)

    def console(self, su, since_us=0):
        """(time, code) of each line that SU itself has said."""
        return [(row["time_us"], row["code"]) for row in self.query(
            su, "SELECT * FROM console WHERE su = ? AND time_us >= ? ORDER BY number",
            su, since_us)]

    def last_number(self, su):
        return self.query(su, "SELECT coalesce(max(number), 0) AS n FROM console")[0]["n"]

    def fences(self, su):
        folder = self.store(su) / "fence"
        return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []

    def sockets(self, su):
        folder = self.folder / "su" / su / "run/libvirt/umzug"
        return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []

    def arm(self, su, order):
        """Arms a fault of umzugd in SU; see src/engine/fault.h."""
        (self.folder / "su" / su / "run/umzug/fault").write_text(order + "\n")

    def disarm(self, su):
        (self.folder / "su" / su / "run/umzug/fault").unlink(missing_ok=True)

    def stopped_at(self, su, seconds=60):
        """Waits until umzugd in SU stands at the point that was armed, and returns it."""
        process = until(lambda: (p := self.daemon(su, "umzugd")) and p.state == "T" and p,
                        f"umzugd of {su} at its fault point", seconds)
        self.disarm(su)
        return process

    # -- what must be true after everything --

    def copying(self, vm, source):
        """Waits until some of the guest's memory has been copied."""
        until(lambda: re.search(r"^Memory processed: +[1-9]",
                                self.run(source, "virsh", "domjobinfo", vm, check=False).stdout,
                                re.M), f"the copy of {vm}")

    def flawless(self, vm, n_sweeps=1):
        """Nothing lost, repeated or damaged since it began, after a look at all its memory."""
        report = self.sweep(vm, n_sweeps)
        bad = {key: report[key] for key, good in
               (("lost", 0), ("repeated", 0), ("memory_errors", 0), ("disk_errors", 0),
                ("boots", 1))
               if report[key] != good}
        assert not bad, f"{vm}: {bad}"
        return report

    def goes_on(self, vm, su):
        """As runs_once(), by what is known without waiting for a look at all its memory."""
        self.runs_once(vm, su, n_sweeps=0)

    def runs_once(self, vm, su, n_sweeps=1):
        """The guest runs in SU, nowhere else, and has taken no harm."""
        self.ticks_on(vm, su)
        for other in self.sus:
            running = [p for p in self.qemus(other, vm) if p.state != "T"]
            if other == su:
                equal(len(self.qemus(other, vm)), 1, f"QEMUs of {vm} in {other}")
            else:
                assert not running or self.domain(other, vm) in (None, "paused", "shut off"), \
                    f"{vm} has a second QEMU in {other}"
        self.flawless(vm, n_sweeps)
        self.ticks_on(vm, su)   # on a starved host none may have come for a moment

    def nothing_left(self, su, vm):
        """No domain, QEMU, relay, socket or fence of the move in SU."""
        def look():
            found = {"domain": self.domain(su, vm), "QEMU": len(self.qemus(su, vm)),
                     "relays": len(self.relays(su)), "sockets": self.sockets(su),
                     "fences": self.fences(su)}
            look.found = {key: value for key, value in found.items() if value}
            return not look.found
        try:
            until(look, "a clean SU", 60)
        except AssertionError:
            raise AssertionError(f"left in {su}: {look.found}") from None

    # -- after a failure --

    def keep_logs(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for su in self.sus:
            (folder / su).mkdir()
            for log in [*(self.folder / "su" / su).glob("*.out"),
                        *(self.folder / "su" / su / "var/log/libvirt").rglob("*.log"),
                        *(self.folder / "su" / su / "run/umzug-lab/console").glob("*.log"),
                        *self.store(su).glob("*.db*")]:
                shutil.copy(log, folder / su / log.name)
        if (self.folder / "collector.out").exists():
            shutil.copy(self.folder / "collector.out", folder)


def outside_pids():
    return [name for name in os.listdir("/proc") if name.isdigit()]


class Process:
    """A process, known by its PID here; `inner` is its PID in its own namespace."""

    def __init__(self, pid):
        self.pid = int(pid)
        self.inner, self.name, self.network, self.pid_space = 0, "", None, None
        self.arguments, self.start = "", 0
        try:
            status = self.read("status")
            self.name = re.search(r"^Name:\t(.*)$", status, re.M)[1]
            self.inner = int(re.search(r"^NSpid:\t(.*)$", status, re.M)[1].split()[-1])
            self.network = os.readlink(f"/proc/{pid}/ns/net")
            self.pid_space = os.readlink(f"/proc/{pid}/ns/pid")
            self.arguments = self.read("cmdline").replace("\0", " ")
            self.start = int(self.read("stat").rsplit(")", 1)[1].split()[19])
        except (OSError, TypeError):
            pass   # it has just ended

    def read(self, name):
        return pathlib.Path(f"/proc/{self.pid}/{name}").read_text(errors="replace")

    @property
    def state(self):
        """R, S, D, T …; empty when it is gone."""
        try:
            return self.read("stat").rsplit(")", 1)[1].split()[0]
        except OSError:
            return ""

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        """As a crash would: SIGKILL, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        until(lambda: self.state in ("", "Z"), f"end of {self.name}")

    def go_on(self):
        if self.state:
            self.signal(signal.SIGCONT)


def parameters(claim_):
    return {name: claim_.values[name] for name in inspect.signature(claim_.function).parameters
            if name in claim_.values}
