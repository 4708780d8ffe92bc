# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shows one move in the lab: the consoles of source, target and guest as they happen, then what the
witness saw.  Started by ../demo."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
TOOL = HERE / "lab"
SOURCE, TARGET, GUEST, JV = "ABGSE501", "ABGSE701", "VM12PROD", "MONJV.LM.VM12PROD"
COLOURS = {SOURCE: "\33[36m", TARGET: "\33[32m", GUEST: "\33[33m", "": "\33[1m"}
COMMAND = f"/MIGRATE-VM VM-ID=12,SERVER-UNIT-NAME={TARGET},MONJV={JV}"
TRY_NEXT = f"""
The lab is still up.  What to try next:

  lab/lab run {TARGET} umzug '/SHOW-VM-ATTRIBUTES'
  lab/lab run {TARGET} umzug '/CHECK-VM-MIGRATION VM-ID=12'
  lab/lab run {TARGET} umzug '/MIGRATE-VM VM-ID=12' --wait        back again
  lab/lab rate 100                       a slow link; then migrate once more
  lab/lab cut silent                     a dead one; lab/lab cut off mends it
  lab/lab run {SOURCE} umzug log --follow
  lab/lab witness {GUEST}
  lab/lab down                           ends the lab
"""


def lab(*arguments, check=True):
    done = subprocess.run([str(TOOL), *arguments], text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if check and done.returncode != 0:
        raise SystemExit(f"demo: lab {' '.join(arguments)}\n{done.stdout}")
    return done.stdout


class Screen:
    """Lines of several consoles, each with its origin in front, as they come."""

    def __init__(self):
        self.lock = threading.Lock()
        self.has_colour = sys.stdout.isatty()
        self.width = max(shutil.get_terminal_size((80, 24)).columns, 40)

    def show(self, origin, text):
        front = f"{origin:8} | " if origin else ""
        for line in textwrap.wrap(text, self.width - len(front), break_on_hyphens=False,
                                  subsequent_indent="       " if origin else "") or [""]:
            line = front + line
            if self.has_colour:
                line = f"{COLOURS[origin]}{line}\33[0m"
            with self.lock:
                print(line, flush=True)


class Consoles:
    """Follows the consoles from now on until it is ended."""

    def __init__(self, screen, folder):
        self.screen, self.has_ended = screen, threading.Event()
        self.followers = [self.follow(su) for su in (SOURCE, TARGET)]
        self.threads = [threading.Thread(target=self.show_log, args=pair)
                        for pair in self.followers]
        for su in (SOURCE, TARGET):
            log = folder / "su" / su / "run/umzug-lab/console" / f"{GUEST}.log"
            start = log.stat().st_size if log.exists() else 0
            self.threads.append(threading.Thread(target=self.show_guest, args=(log, start)))
        for thread in self.threads:
            thread.start()

    def follow(self, su):
        before = len(lab("run", su, "umzug", "log").splitlines())
        process = subprocess.Popen([str(TOOL), "run", su, "umzug", "log", "--follow"], text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, start_new_session=True)
        return su, process, before

    def show_log(self, su, process, before):
        for number, line in enumerate(process.stdout):
            if number >= before:
                self.screen.show(su, line.rstrip())

    def show_guest(self, log, position):
        while not self.has_ended.wait(0.05):
            if not log.exists() or log.stat().st_size <= position:
                continue
            with open(log, "rb") as file:
                file.seek(position)
                *lines, _ = file.read().split(b"\n")
            for line in lines:
                position += len(line) + 1
                self.screen.show(GUEST, line.decode(errors="replace").strip())

    def end(self):
        time.sleep(1)   # the last lines are on their way
        self.has_ended.set()
        for _, process, _ in self.followers:
            os.killpg(process.pid, signal.SIGTERM)   # the lab's tool and what it runs
        for thread in self.threads:
            thread.join()


def wait_for_end():
    """The job variable's last value; waits as a procedure of the documents would, on its state."""
    while True:
        value = lab("run", SOURCE, "umzug", f"/SHOW-JV JV-CONTENTS={JV}").strip()
        if value[1:3] in ("$T", "$A"):
            return value
        time.sleep(0.5)


def witness(n_sweeps):
    """What the witness says once the guest has compared all its memory N_SWEEPS times more."""
    goal = json.loads(lab("witness", GUEST))["sweeps"] + n_sweeps
    end = time.monotonic() + 60
    while True:
        report = json.loads(lab("witness", GUEST))
        if report["sweeps"] >= goal or time.monotonic() > end:
            return report
        time.sleep(0.2)


def tell(screen, value, report):
    screen.show("", f"Job variable {JV}, shown by /SHOW-JV:")
    print(value)
    print()
    counts = [("ticks lost", report["lost"]), ("ticks repeated", report["repeated"]),
              ("memory errors", report["memory_errors"]), ("disk errors", report["disk_errors"]),
              ("boots", report["boots"] - 1)]
    bad = [f"{count} {what}" for what, count in counts if count]
    where = ", ".join(report["running_on"]) or "nowhere"
    if not bad and report["moves"] and report["running_on"] == [TARGET] and value[1:3] == "$T":
        gap = round(report["moves"][-1]["gap_ms"])
        screen.show("", f"Witness: suspended for {gap} ms, no tick lost, no error.")
        screen.show("", f"{report['ticks']} ticks of 10 ms heard, none twice, no page and no disk "
                        f"block damaged, never booted again; {GUEST} runs on {where}.")
        return 0
    screen.show("", f"Witness: {', '.join(bad) or 'no error, but the guest did not arrive'}; "
                    f"{GUEST} runs on: {where}.")
    return 1


def show_move(kind):
    screen = Screen()
    screen.show("", f"Two server units of type {kind} come up on this machine: {SOURCE} and "
                    f"{TARGET}.")
    lab("up", "--su", f"{SOURCE}:{kind}", f"{TARGET}:{kind}")
    screen.show("", f"A guest starts on {SOURCE}: {GUEST}, VM index 12, devices FAA4, FAA5 "
                    "(shared) and console CS. It writes 20 MiB/s of memory and both disks, and "
                    "says a number every 10 ms.")
    lab("guest", GUEST, "--on", SOURCE, "--index", "12", "--load", "counters:64:20",
        "--device", "FAA4:disk", "--device", "FAA5:disk:sd", "--device", "CS:console")
    folder = pathlib.Path(os.environ.get("UMZUG_LAB", "/var/lib/umzug-lab"))
    screen.show("", f"The operator gives, on {SOURCE}: {COMMAND}")
    print()
    consoles = Consoles(screen, folder)
    answer = lab("run", SOURCE, "umzug", COMMAND, check=False)
    for line in answer.splitlines():
        screen.show(SOURCE, line)
    value = wait_for_end()
    consoles.end()
    print()
    return tell(screen, value, witness(2))


def main():
    parser = argparse.ArgumentParser(prog="demo",
                                     description="A running guest moves between two hosts.")
    parser.add_argument("--type", choices=["390", "x86"], default="390",
                        help="the SUs' type: s390x guests (default) or x86_64 guests")
    parser.add_argument("--keep", action="store_true",
                        help="leave the lab up and say what to try next")
    options = parser.parse_args()
    try:
        status = show_move(options.type)
    except BaseException:
        if not options.keep:
            lab("down", check=False)
        raise
    if options.keep:
        print(TRY_NEXT)
    else:
        lab("down")
    return status


if __name__ == "__main__":
    sys.exit(main())
