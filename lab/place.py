# SPDX-License-Identifier: LGPL-2.1-or-later
"""A lab as it is known from its folder, for who stands outside or in it."""

import json
import os
import pathlib

from su import SU

HERE = pathlib.Path(__file__).resolve().parent


class Lab:
    """What is known of the lab from its folder; `path / name` is a path inside it."""

    tool = HERE / "lab"

    def __init__(self, folder=None):
        self.folder = pathlib.Path(folder or os.environ.get("UMZUG_LAB", "/var/lib/umzug-lab"))
        self.cache = os.environ.get("UMZUG_LAB_CACHE", "/var/cache/umzug-lab")
        self.build = pathlib.Path(os.environ.get("UMZUG_BUILD", HERE.parent / "build"))

    def __truediv__(self, name):
        return self.folder / name

    def environment(self):
        """For a command in an SU: umzug and umzugd are those that were built."""
        return dict(os.environ, PATH=f"{self.build}/src/cli:{self.build}/src/daemon:"
                                     f"{os.environ['PATH']}")

    def sus(self):
        try:
            return [SU(self, *entry) for entry in json.loads((self / "sus.json").read_text())]
        except FileNotFoundError:
            raise SystemExit("lab: the lab is not up; start it with: lab/lab up")

    def su(self, name):
        for su in self.sus():
            if su.name == name.upper():
                return su
        known = ", ".join(su.name for su in self.sus())
        raise SystemExit(f"lab: no SU {name} here; there are {known}")

    def first_process(self):
        """PID (as seen from outside) of the lab's process 1, or None."""
        try:
            pid, start = (self / "init.pid").read_text().split()
            return int(pid) if start == start_time(pid) else None
        except (FileNotFoundError, ValueError):
            return None

    def inside(self, *command):
        """The command line that runs COMMAND in the lab's PID, mount and network namespaces."""
        pid = self.first_process()
        if pid is None:
            raise SystemExit("lab: the lab is not up; start it with: lab/lab up")
        return ["nsenter", "--target", str(pid), "--mount", "--net", "--pid", "--root", *command]

    def inside_su(self, name, *command):
        return self.inside(*self.su(name).command(*command))


def start_time(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (FileNotFoundError, ProcessLookupError):  # the latter if it ends between open and read
        return ""
