# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the static checks share: the files of the repository, and how a finding is reported."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def files(*patterns):
    """Files that git knows or would take (not the ignored ones), by path from the root."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard",
                             "--", *patterns], cwd=ROOT, check=True, capture_output=True, text=True)
    return [p for p in sorted(set(filter(None, listed.stdout.split("\0")))) if (ROOT / p).is_file()]


def lines(path):
    return enumerate((ROOT / path).read_text().split("\n"), 1)


def report(findings):
    """Prints `path:line: what` for each, and ends the program."""
    findings = list(findings)
    for path, number, what in findings:
        print(f"{path}:{number}: {what}")
    sys.exit(bool(findings))
