# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the static checks share: the files of the repository, and how a finding is reported."""

import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77  # meson's word for it
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def skip(reason):
    """Ends the program: nothing was checked."""
    print(f"# SKIP {reason}")
    sys.exit(SKIPPED)


def need(program):
    """Path of a program; without it the check is skipped.  tests/check.py knows the words."""
    return shutil.which(program) or skip(f"{program} is not installed")


def files(*patterns):
    """Files that git knows or would take (not the ignored ones), by path from the root."""
    if not (ROOT / ".git").exists():
        skip("no repository: git knows what belongs to it")
    listed = subprocess.run([need("git"), "ls-files", "-z", "--cached", "--others",
                             "--exclude-standard", "--", *patterns],
                            cwd=ROOT, check=True, capture_output=True, text=True)
    return [p for p in sorted(set(filter(None, listed.stdout.split("\0")))) if (ROOT / p).is_file()]


def lines(path):
    return enumerate((ROOT / path).read_text().split("\n"), 1)


def report(findings):
    """Prints `path:line: what` for each, and ends the program."""
    findings = list(findings)
    for path, number, what in findings:
        print(f"{path}:{number}: {what}")
    sys.exit(bool(findings))
