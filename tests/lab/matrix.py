# SPDX-License-Identifier: LGPL-2.1-or-later
"""The matrix as a table: each fault point of umzugd, whether what would be done there fails or
umzugd is killed there, on each kind of lab.  A claim that strikes says so in its row, by the keys
`strike` and `point`; what the table tells of it is how it ended in this run."""

import os
import pathlib
import subprocess

import harness

STRIKES, KINDS = ("fail", "kill"), ("390", "x86")
PASSED, FAILED, NOT_CHOSEN, NOT_THERE = "ok", "FAILED", ".", "-"


def list_points():
    """(point, whether it can fail), in the order of a move."""
    build = pathlib.Path(os.environ.get("UMZUG_BUILD", harness.ROOT / "build"))
    printed = subprocess.run([build / "src/daemon/umzugd", "--list-fault-points"], text=True,
                             stdout=subprocess.PIPE, check=True).stdout
    return [(name, bool(rest)) for name, *rest in map(str.split, printed.splitlines())]


def striking(claims):
    """(point, strike, kind) of each claim that strikes -> the claim."""
    return {(c.values["point"], c.values["strike"], c.kind): c for c in claims
            if "strike" in c.values}


def missing(points, claims):
    """What no claim does, on no kind of lab, though it can be done."""
    done = {(point, strike) for point, strike, _ in striking(claims)}
    return [f"{strike} {point}" for point, can_fail in points
            for strike in STRIKES[0 if can_fail else 1:] if (point, strike) not in done]


def mark(claim, chosen, results):
    """RESULTS: line of a claim that has ended -> whether it passed."""
    if claim is None:
        return NOT_THERE
    if claim not in chosen:
        return NOT_CHOSEN
    return PASSED if results.get(claim.line) else FAILED   # one without a result did not end


def table(points, claims, chosen, results):
    """Lines for people; none if nothing was struck."""
    there = striking(claims)
    marks = {key: mark(claim, chosen, results) for key, claim in there.items()}
    count = list(marks.values()).count
    if count(PASSED) + count(FAILED) == 0:
        return []
    columns = [(strike, kind) for strike in STRIKES for kind in KINDS]
    rows = [["fault point", *(f"{strike} {kind}" for strike, kind in columns)]]
    rows += [[point, *(marks.get((point, *column), NOT_THERE) for column in columns)]
             for point, _ in points]
    lines = [f"# {row[0]:22}" + "".join(f"{text:>10}" for text in row[1:]) for row in rows]
    return [*lines, f"# {len(points)} points, {len(marks)} strikes: {count(PASSED)} passed,"
                    f" {count(FAILED)} FAILED, {count(NOT_CHOSEN)} not chosen this time (.)"]
