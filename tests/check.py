# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds Umzug in three ways and runs every test; see ../check, which brings the tools first.

What is counted: each subtest of the unit tests (plain and under ASan+UBSan), each fuzz target, each
check in tests/static, each claim of model/run and tests/lab, and a build that fails.  With --all
also the unit tests without the optional libraries and under TSan, tests/coverage and tests/tidy.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# folder, compiler, options of meson, suites
BUILDS = [
    ("build", "gcc", ["-Dwerror=true"], ["unit", "static"]),
    ("build-asan", "gcc", ["-Db_sanitize=address,undefined"], ["unit"]),
    ("build-fuzz", "clang",
     ["-Dwerror=true", "-Db_sanitize=address,undefined", "-Db_lundef=false"], ["fuzz"]),
]
# With --all: without what may be missing, and with the order of threads watched.
MORE_BUILDS = [
    ("build-without", "gcc", ["-Dwerror=true", "-Dsanlock=disabled", "-Dlibnbd=disabled",
                              "-Dlibedit=disabled"], ["unit"]),
    ("build-tsan", "gcc", ["-Db_sanitize=thread", "-Db_lundef=false"], ["unit"]),
]
MORE_PROGRAMS = ["tests/coverage", "tests/tidy"]
START = time.monotonic()
SKIPPED = 77
FUZZ_S = 8  # of each target, where its own limit is longer
# GLib's slices would hide who uses what was freed, and give it to another thread unseen.  Threads
# that are left at the end are no leak: a process may end in their midst.
TSAN = f"exitcode=66:report_thread_leaks=0:suppressions={ROOT}/tests/tsan.supp"
SANITIZERS = {"G_SLICE": "always-malloc",
              "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
              "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
              "TSAN_OPTIONS": TSAN}


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, is_good, name, output=""):
        self.passed += is_good
        self.failed += not is_good
        if not is_good:
            print(f"FAILED: {name}")
            print("".join(f"  | {line}\n" for line in output.splitlines()[-60:]),
                  end="", flush=True)


def run(*command, **environment):
    return subprocess.run(command, cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **environment})


def heading(text):
    minutes, seconds = divmod(round(time.monotonic() - START), 60)
    print(f"== {text} (after {minutes}:{seconds:02})", flush=True)


def find_fuzzers(folder):
    targets = json.loads(run("meson", "introspect", folder, "--targets").stdout)
    return [str(pathlib.Path(name).relative_to(ROOT / folder)) for target in targets
            for name in target["filename"] if target["name"].startswith("fuzz-")]


def build(folder, compiler, options, suites, is_whole):
    """Says what was wrong; None if FOLDER has what its suites need, or (is_whole) everything."""
    known = (ROOT / folder / "build.ninja").exists()
    done = (run("meson", "configure", folder, *options) if known
            else run("meson", "setup", folder, *options, CC=compiler))
    if done.returncode == 0:
        names = find_fuzzers(folder) if suites == ["fuzz"] and not is_whole else []
        done = run("ninja", "-C", folder, *names)
    return None if done.returncode == 0 else done.stdout


def count_test(tally, folder, test):
    """One entry of meson's testlog: its subtests if it speaks TAP, else the test as a whole."""
    lines = re.findall(r"^(ok|not ok) \d+(.*)$", test["stdout"], re.M)
    for lack in re.findall(r"# SKIP (.* is not installed.*)", test["stdout"]):
        tally.add(False, f"{folder}: {test['name']}: {lack}")
    tally.skipped += sum("# SKIP" in rest for _, rest in lines)
    good = sum(word == "ok" and "# SKIP" not in rest for word, rest in lines)
    name = f"{folder}: {test['name']}"
    output = test["stdout"] + test.get("stderr", "")
    if test["result"] == "OK":
        tally.passed += good if lines else 1
        return
    if test["result"] == "SKIP":
        tally.skipped += not lines
        return
    tally.passed += good
    bad = [rest.strip(" -") for word, rest in lines if word == "not ok"]
    for rest in bad or [f"ended with {test['result']}, status {test['returncode']}"]:
        tally.add(False, f"{name}: {rest}", output)


def build_and_test(tally, builds, options):
    """The next folder is built while the tests of one wait for their own.  True if the first is."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        results = [pool.submit(build, *entry, options.all) for entry in builds]
        for (folder, _, _, suites), result in zip(builds, results):
            heading(f"{folder}: build")
            if result.result() is not None:
                tally.add(False, f"build of {folder}", result.result())
                continue
            for suite in suites:
                run_suite(tally, folder, suite, options)
    return results[0].result() is None


def run_suite(tally, folder, suite, options):
    heading(f"{folder}: {suite} tests")
    log = ROOT / folder / "meson-logs/testlog.json"
    log.unlink(missing_ok=True)
    before = tally.passed
    seconds = [f"--test-args=-max_total_time={FUZZ_S}"] * (suite == "fuzz" and not options.all)
    done = run("meson", "test", "-C", folder, "--no-rebuild", "--suite", suite, "--print-errorlogs",
               *seconds, **SANITIZERS)
    tests = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    if not tests:
        tally.add(False, f"{folder}: no test of suite {suite} ran", done.stdout)
    for test in tests:
        count_test(tally, folder, test)
    print(f"{tally.passed - before} passed")


def run_programs(tally, paths):
    for path in paths:
        heading(path)
        done = run(str(ROOT / path))
        if done.returncode == SKIPPED:
            tally.skipped += 1
        else:
            tally.add(done.returncode == 0, path)
        print(done.stdout, end="", flush=True)


def run_claims(tally, name, command):
    """A program that speaks TAP while it goes on."""
    heading(name)
    tests = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    planned = seen = 0
    for line in tests.stdout:
        print(line, end="", flush=True)
        planned = int(line[3:]) if line.startswith("1..") else planned
        seen += line.startswith(("ok ", "not ok "))
        tally.passed += line.startswith("ok ")
        tally.failed += line.startswith("not ok ")
    if tests.wait() not in (0, 1) or seen != planned or planned == 0:
        tally.add(False, f"the {name} ended early: {seen} of {planned}")


def run_model(tally, options):
    run_claims(tally, "checks of the model", [str(ROOT / "model/run")] + ["--all"] * options.all)


def run_lab(tally, options):
    command = [] if os.geteuid() == 0 else ["sudo"]
    command += [str(ROOT / "tests/lab/run"), "--seed", str(options.seed)] + ["--all"] * options.all
    run_claims(tally, "lab tests", command)


def main():
    parser = argparse.ArgumentParser(prog="check", description="Builds Umzug and runs every test.")
    parser.add_argument("--all", action="store_true",
                        help="every point of every table, more moves (up to 80 minutes)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31),
                        help="repeats the choice that an earlier run has printed")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    tally = Tally()
    if options.all:
        os.environ["UMZUG_CHECK_ALL"] = "1"
    is_built = build_and_test(tally, BUILDS + MORE_BUILDS * options.all, options)
    run_programs(tally, MORE_PROGRAMS * options.all)
    run_model(tally, options)
    if is_built:
        run_lab(tally, options)
    minutes, seconds = divmod(round(time.monotonic() - START), 60)
    print(f"{tally.skipped} skipped; {minutes} min {seconds} s; seed {options.seed}")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return tally.failed > 0


if __name__ == "__main__":
    sys.exit(main())
