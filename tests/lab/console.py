# SPDX-License-Identifier: LGPL-2.1-or-later
"""The operator's console on a terminal of 80 columns, and without one."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios

from dialogs import define
from harness import DONE, REJECTED, TOOL, UNREACHABLE, claim, equal, how_to_run, until

SLOW = 120    # Mbit/s: the copy takes some seconds
CALM = "counters:64:1"
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|[\r\b]")
CLEAR = "\x1b[2J"   # what xterm does at Ctrl-L
ERASE = "\x1b[J"    # what the console does with the line before a message
UP, TAB, CTRL_C, CTRL_D, CTRL_L = "\x1b[A", "\t", "\x03", "\x04", "\x0c"


class Terminal:
    """A program of a SU on a terminal of its own: what it has shown, and what is typed."""

    def __init__(self, lab, su, *command, term="xterm"):
        self.text, self.mark, self.status = "", 0, None
        environment = dict(lab.environment, TERM=term, XDG_STATE_HOME=str(lab.folder / "state"))
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            # A session of its own: Ctrl-C is for the program, not for the lab's tool around it.
            os.execve(TOOL, [str(TOOL), "run", su, "setsid", "--ctty", "--wait", *command],
                      environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)   # the terminal is gone: the program ends
        if self.status is None:
            os.kill(self.pid, signal.SIGHUP)
            os.waitpid(self.pid, 0)

    def read(self):
        """All that was shown, without what moves the cursor."""
        while select.select([self.fd], [], [], 0)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                break
            self.text += data.decode(errors="replace")
        return ESCAPE.sub("", self.text.replace(ERASE, "\n"))

    def type(self, text):
        self.mark = len(self.read())
        os.write(self.fd, text.encode())

    def enter(self, text):
        self.type(text + "\n")

    def see(self, *texts):
        """Waits until each of them was shown since the last time something was typed."""
        try:
            until(lambda: all(text in self.read()[self.mark:] for text in texts), texts)
        except AssertionError:
            raise AssertionError(f"{texts} not in {self.read()[self.mark:]!r}") from None
        return self.read()[self.mark:]

    def prompt(self):
        """Waits for an empty line behind all that was shown."""
        until(lambda: self.read().endswith("\n/") or self.read() == "/", "the prompt")

    def line_is(self, line):
        """Draws the screen anew and waits until this line stands on it, and nothing else."""
        self.type(CTRL_L)
        n_cleared = self.text.count(CLEAR)

        def look():
            self.read()
            look.screen = ESCAPE.sub("", self.text.rpartition(CLEAR)[2])
            # Blanks do not count: at the end of a row the cursor is moved with them.
            return self.text.count(CLEAR) > n_cleared and \
                look.screen.replace(" ", "") == f"/{line}".replace(" ", "")
        try:
            until(look, "the line", 20)
        except AssertionError:
            raise AssertionError(f"{line!r}: {look.screen!r}") from None

    def ended(self):
        """Waits for its end, and returns its exit status."""
        def look():
            self.read()   # a full terminal would hold it back
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
            return pid
        until(look, "the end of the program")
        return self.status


INDEXES = {"SHOWN": 21, "VIEWCONSOLE": 22, "VIEWPTY": 23}   # free on both SUs


def guest(lab, name="SHOWN", **options):
    if "error" in lab.witness(name):
        lab.guest(name, load=CALM, index=INDEXES[name], **options)
    lab.closed(name)
    return name, lab.where(name)


def move(lab, vm, target):
    answer = lab.migrate(vm, target)
    equal(answer.status, DONE, answer.text)


def console(lab, su, *options, **more):
    terminal = Terminal(lab, su, "umzug", "console", *options, **more)
    if not options:
        terminal.prompt()
    return terminal


@claim("a command is answered, then its return code; END and Ctrl-D leave")
def answers(lab):
    vm, su = guest(lab)
    with console(lab, su) as terminal:
        terminal.enter(f"show-vm-attributes vm-id={vm}")
        terminal.see(vm, "RUNNING", "NBR0740 COMMAND COMPLETED 'SHOW-VM-ATTRIBUTES'",
                     "MC=CMD0001", "\n/")
        terminal.enter("/SHOW-JV NO.SUCH.JV")
        terminal.see("% UMZ0030 JOB VARIABLE 'NO.SUCH.JV' DOES NOT EXIST", "MC=UMZ0030", "\n/")
        terminal.enter("show-vm-attr-")
        terminal.see("_")
        terminal.enter(f"ibutes vm-id={vm}")
        terminal.see(vm, "NBR0740", "\n/")
        terminal.enter("end")
        equal(terminal.ended(), DONE, "exit status")
    with console(lab, su) as terminal:
        terminal.type(CTRL_D)
        equal(terminal.ended(), DONE, "exit status")


@claim("Tab completes commands, operands, constants and names, and lists what is possible")
def completes(lab):
    vm, su = guest(lab)
    lab.umzug(su, "/CREATE-JV SEEN.BY.TAB")
    with console(lab, su) as terminal:
        terminal.type("mig" + TAB + " vm-id" + TAB + "sho" + TAB)
        terminal.line_is(f"MIGRATE-VM VM-IDENTIFICATION={vm}")
        terminal.type(",serv-u" + TAB + "abgse7" + TAB + ",monjv=seen" + TAB)
        terminal.line_is(f"MIGRATE-VM VM-IDENTIFICATION={vm},SERVER-UNIT-NAME=ABGSE701,"
                         "monjv=SEEN.BY.TAB")
        terminal.type(CTRL_C)
        terminal.see("^C", "\n/")
        terminal.type("SHOW-VM-ATTRIBUTES INF" + TAB + TAB + TAB)
        terminal.see("*STD", "*UNITS", "*MEMORY", "*MONJV", "*ALL")
        terminal.type("ME" + TAB)
        terminal.line_is("SHOW-VM-ATTRIBUTES INFORMATION=*MEMORY")


@claim("a question mark explains what may stand there and leaves the line alone")
def explains(lab):
    _, su = guest(lab)
    with console(lab, su) as terminal:
        terminal.type("MIGRATE-VM 12,serv=?")
        terminal.see("SERVER-UNIT-NAME = *UNIQUE / <composed-name 1..64>", "Default *UNIQUE.")
        terminal.line_is("MIGRATE-VM 12,serv=")
        terminal.type(CTRL_C + "show-jv?")
        terminal.see("Show the value of a job variable", "JV-CONTENTS")
        terminal.type(CTRL_C + "?")
        terminal.see("  MIGRATE-VM ", "  WAIT-EVENT ", "  LANGUAGE  ")
        terminal.type("MODIFY-JV A,'what?'")
        terminal.line_is("MODIFY-JV A,'what?'")


@claim("the cursor keys bring back commands, in the next console too; none that holds a secret")
def remembers(lab):
    _, su = guest(lab)
    with console(lab, su) as terminal:
        terminal.enter("SHOW-JV-ATTRIBUTES FIRST.*")
        terminal.see("NBR0740", "\n/")
        terminal.enter("CREATE-JV SECRET.JV,PROTECTION=*PARAMETERS(WRITE-PASSWORD='geh')")
        terminal.see("NBR0740", "\n/")
        terminal.type(UP)
        terminal.line_is("SHOW-JV-ATTRIBUTES FIRST.*")
        terminal.enter("")
        terminal.see("NBR0740", "\n/")
    with console(lab, su) as terminal:
        terminal.type(UP)
        terminal.line_is("SHOW-JV-ATTRIBUTES FIRST.*")
    path = lab.folder / "state/umzug/console-history"
    assert "geh" not in path.read_text(), path.read_text()
    equal(path.stat().st_mode & 0o777, 0o600, "mode of the history")


@claim("LANGUAGE D makes answers and messages German, and LANGUAGE E English")
def languages(lab):
    vm, su = guest(lab)
    with console(lab, su) as terminal:
        terminal.enter("LANGUAGE D")
        terminal.prompt()
        terminal.enter("SHOW-JV NO.SUCH.JV")
        terminal.see("UMZ0030 JOBVARIABLE 'NO.SUCH.JV' NICHT VORHANDEN",
                     "NBR0740 KOMMANDO ABGESCHLOSSEN", "\n/")
        lab.umzug(su, f"/HOLD-VM {vm}")
        lab.umzug(su, f"/RESUME-VM {vm}")
        terminal.see(f"HOLD-VM {vm}")
        terminal.enter("language e")
        terminal.prompt()
        terminal.enter("SHOW-JV NO.SUCH.JV")
        terminal.see("DOES NOT EXIST", "COMMAND COMPLETED")


@claim("messages of both SUs appear on both consoles, and the line that is typed goes on")
def messages_arrive(lab):
    vm, source = guest(lab)
    target = lab.other(source)
    typed = "SHOW-VM-ATTRIBUTES INFORMATION=*STD"
    with console(lab, source) as here, console(lab, target) as there:
        here.type(typed)
        there.type("x" * 100)   # more than a row
        lab.tool("rate", SLOW)
        move(lab, vm, target)
        # The echo of another umzug; what the other SU says has its name in front.
        shown = here.see(f"MIGRATE-VM VM-ID={vm}", "VMS2450", "VMS2430")
        assert re.search(rf"^\d{{6}} % VMS2450 .*,{vm}\) TO TARGET SU '{target}'", shown, re.M)
        assert re.search(rf"^{target} \d{{6}} % VMS2430 ", shown, re.M), shown
        shown = there.see("VMS2450", "VMS2430")
        assert re.search(rf"^{source} \d{{6}} % VMS2450 ", shown, re.M), shown
        assert re.search(r"^\d{6} % VMS2430 ", shown, re.M), shown
        here.line_is(typed)
        there.line_is("x" * 100)
        here.enter("")
        here.see("VM-STATE", "RUNNING(MIGR)", "NBR0740 COMMAND COMPLETED 'SHOW-VM-ATTRIBUTES'")
        here.type(typed + "," + "\x1b[D" * 3)
        lab.tool("rate", "unlimited")
        here.see("VMS2451")
        there.see("VMS2431")
        here.type("X")   # the cursor stands where it was
        here.line_is(typed[:-2] + "X" + typed[-2:] + ",")
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.runs_once(vm, target)


@claim("a move is begun and told on the console, and its own echo is not shown again")
def own_echo(lab):
    vm, source = guest(lab)
    command = f"MIGRATE-VM VM-ID={vm},MONJV=MONJV.{vm}"
    with console(lab, source) as terminal:
        terminal.enter(command)
        shown = terminal.see("NBR0740", "VMS2450", "VMS2451")
        equal(shown.count(command), 1, f"echoes in {shown!r}")
    equal(lab.ended(source, vm), "$T", "job variable")


@claim("Ctrl-C ends a command that waits, and only that")
def interrupts(lab):
    _, su = guest(lab)
    lab.umzug(su, "/CREATE-JV WAITED.FOR")
    with console(lab, su) as terminal:
        terminal.enter("WAIT-EVENT CONDITION=(WAITED.FOR,1,1)='x'")
        lab.umzug(su, "/HOLD-VM SHOWN")
        lab.umzug(su, "/RESUME-VM SHOWN")
        terminal.see("HOLD-VM SHOWN")   # messages go on
        terminal.type(CTRL_C)
        terminal.see("\n/")
        terminal.enter("SHOW-VM-STATUS PERIOD=1")
        terminal.see("DIRTY")
        terminal.type(CTRL_C)
        terminal.see("\n/")
        terminal.enter("WAIT-EVENT CONDITION=(WAITED.FOR,1,1)='x'")
        lab.umzug(su, "/MODIFY-JV WAITED.FOR,'x'")
        terminal.see("NBR0740 COMMAND COMPLETED 'WAIT-EVENT'", "MC=CMD0001", "\n/")


@claim("umzugd may be restarted while a console is open: that it is away and back is told once")
def restarts(lab):
    vm, su = guest(lab)
    with console(lab, su) as terminal:
        terminal.type("SHOW-VM-ATTR")
        lab.daemon(su, "umzugd").signal(signal.SIGTERM)
        terminal.see("% UMZ0001 UMZUGD NOT REACHABLE")
        lab.start(su, "umzugd")
        shown = terminal.see("% NRTV003 MONITOR SYSTEM READY AGAIN")
        equal((shown.count("UMZ0001"), shown.count("NRTV003")), (1, 1), shown)
        terminal.line_is("SHOW-VM-ATTR")
        terminal.enter("")
        terminal.see(vm, "NBR0740")


@claim("the view of a guest shows what it writes, with a console of kind {kind}",
       rows=[dict(kind="console"), dict(kind="pty")])
def views_guest(lab, kind):
    vm, su = guest(lab, f"VIEW{kind.upper()}", memory=128, devices=(f"CS:{kind}",))
    with console(lab, su, "--guest", vm) as terminal:
        terminal.see(f"Console of {vm} on SU {su}", "Ctrl-C", "umzug-guest: tick ")
        terminal.type("x")
        terminal.see("umzug-guest: tick ")
        terminal.type("q")
        equal(terminal.ended(), DONE, "exit status")
    with console(lab, su) as terminal:
        terminal.enter(f"guest {vm.lower()}")
        terminal.see("umzug-guest: tick ")
        if kind == "console":
            terminal.see("umzug-guest: up, ")
        terminal.type(CTRL_C)
        terminal.see("/")
        terminal.enter(f"GUEST {vm}")
        terminal.see("umzug-guest: tick ")
        move(lab, vm, lab.other(su))
        terminal.see(f"UMZ0025 VIRTUAL MACHINE '{vm}' IS NOT ON SU '{su}' ANY MORE", "VMS2451")
        terminal.enter("SHOW-VM-ATTRIBUTES")
        terminal.see("NBR0740")
    equal(lab.ended(su, vm), "$T", "job variable")
    with console(lab, lab.other(su), "--guest", vm) as terminal:
        terminal.see("umzug-guest: tick ")
        terminal.type(CTRL_C)
        equal(terminal.ended(), DONE, "exit status")


@claim("the console of a guest is refused: no such VM, not an administrator, a link as its file")
def refuses_guest(lab):
    vm, su = guest(lab)
    done = lab.run(su, "umzug", "console", "--guest", "NOSUCHVM", check=False)
    equal(done.returncode, REJECTED, done.stdout)
    assert "VMS4000" in done.stdout, done.stdout
    done = lab.run(su, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "umzug",
                   "console", "--guest", vm, check=False)
    equal(done.returncode, REJECTED, done.stdout)
    assert "CMD0216" in done.stdout, done.stdout
    log = lab.folder / "su" / su / f"run/umzug-lab/console/{vm}.log"
    log.rename(log.with_suffix(".moved"))
    log.symlink_to("/etc/shadow")
    done = lab.run(su, "umzug", "console", "--guest", vm, check=False)
    log.unlink()
    log.with_suffix(".moved").rename(log)
    equal(done.returncode, REJECTED, done.stdout)
    assert "UMZ0042" in done.stdout, done.stdout


@claim("a console that leads nowhere cannot be viewed")
def silent_guest(lab):
    _, su = guest(lab)
    define(lab, su, "MUTE", "<console type='null'><target type='sclp'/></console>")
    lab.umzug(su, "/ACTIVATE-VM-DEFINITION MUTE")
    done = lab.run(su, "umzug", "console", "--guest", "MUTE", check=False)
    equal(done.returncode, REJECTED, done.stdout)
    assert "UMZ0024" in done.stdout, done.stdout
    lab.umzug(su, "/DELETE-VM MUTE")
    lab.umzug(su, "/DELETE-VM-DEFINITION MUTE")


@claim("a terminal that can do nothing is enough")
def dumb(lab):
    vm, su = guest(lab)
    with console(lab, su, term="dumb") as terminal:
        terminal.type("show-vm-attr" + TAB)
        terminal.see("SHOW-VM-ATTRIBUTES ")
        lab.umzug(su, f"/HOLD-VM {vm}")
        lab.umzug(su, f"/RESUME-VM {vm}")
        terminal.see(f"HOLD-VM {vm}", f"RESUME-VM {vm}\n/SHOW-VM-ATTRIBUTES ")
        terminal.enter(f"vm-id={vm}")
        terminal.see("RUNNING", "NBR0740", "\n/")
        assert "\x1b" not in terminal.text, terminal.text


@claim("on a terminal --wait draws how far the move is, and the messages beside it")
def progress(lab):
    vm, su = guest(lab)
    lab.tool("rate", 100)
    with Terminal(lab, su, "umzug", "--wait", f"/MIGRATE-VM {vm},MONJV=MONJV.{vm}") as terminal:
        terminal.see("VMS2450", "[#", " %  round 1, ", " MiB/s, ", " s left")
        lab.tool("rate", "unlimited")
        terminal.see("VMS2451")
    equal(lab.ended(su, vm), "$T", "job variable")


@claim("without a terminal commands come from the input, and the last one gives the exit status")
def pipe(lab):
    vm, su = guest(lab)

    def give(text):
        command = how_to_run(lab.place.inside_su(su, "umzug", "console"),
                             lab.place.environment())
        del command["stdin"]
        return subprocess.run(**command, input=text)

    done = give(f"SHOW-JV NO.SUCH.JV\n\nSHOW-VM-ATTRIBUTES -\n  VM-ID={vm}\nLANGUAGE D\n")
    equal(done.returncode, DONE, done.stdout)
    assert "UMZ0030" in done.stdout and vm in done.stdout, done.stdout
    done = give("LANGUAGE D\nSHOW-JV NO.SUCH.JV\n")
    equal(done.returncode, REJECTED, done.stdout)
    equal(done.stdout, "% UMZ0030 JOBVARIABLE 'NO.SUCH.JV' NICHT VORHANDEN\n", "answer")
    done = give("END\nSHOW-JV NO.SUCH.JV\n")
    equal((done.returncode, done.stdout), (DONE, ""), "behind END")
    equal(lab.run(su, "umzug", "--socket", "/run/nobody", "console", "--guest", vm,
                  check=False).returncode, UNREACHABLE, "without umzugd")
