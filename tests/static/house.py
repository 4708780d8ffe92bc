# SPDX-License-Identifier: LGPL-2.1-or-later
"""The house as the source tells it: rooms, what each uses, and how the files of a room hang
together."""

import re

from sources import ROOT, files, lines

INCLUDE = re.compile(r'#include "([^"/]+)(?:/([\w./-]+))?"')
DEFINITION = re.compile(r"^(umz_\w+) \(", re.M)
NAME = re.compile(r"\bumz_\w+(?= \()|\bumz_\w+\b")
NO_ROOM = re.compile(r"/(test|fuzz|bench)-")   # of tests

_builds = {m.parent.name: m.read_text() for m in (ROOT / "src").glob("*/meson.build")}


def order():
    """The rooms as src/meson.build has them: each may use only those before it."""
    return re.findall(r"^subdir \('(\w+)'\)", (ROOT / "src/meson.build").read_text(), re.M)


def listed(room, name):
    """What a room's meson.build lists under `uses` or `public`."""
    found = re.search(rf"^{name} = \[(.*?)\]", _builds.get(room, ""), re.M | re.S)
    return set(re.findall(r"[\w.-]+", found[1])) if found else set()


def includes():
    """(path, number, room, header) of each include of ours; header None: the room is not named."""
    for path in files("src/*/*.c", "src/*/*.h"):
        for number, line in lines(path):
            found = INCLUDE.match(line)
            if found:
                yield path, number, found[1], found[2]


def uses():
    """By room, the rooms that its files include; not those of its tests."""
    used = {room: set() for room in order()}
    for path, _, room, header in includes():
        own = path.split("/")[1]
        if header and room != own and not NO_ROOM.search(path):
            used[own].add(room)
    return used


def arrows_in(room):
    """By .c file of the room, the other .c files of it whose functions it names, and which."""
    texts = {path: (ROOT / path).read_text() for path in files(f"src/{room}/*.c")
             if not NO_ROOM.search(path) and not path.endswith("-fallback.c")}
    home = {name: path for path, text in texts.items() for name in DEFINITION.findall(text)}
    arrows = {}
    for path, text in texts.items():
        named = {name for name in NAME.findall(text) if home.get(name, path) != path}
        arrows[path] = {}
        for name in sorted(named):
            arrows[path].setdefault(home[name], []).append(name)
    return arrows


def circles(arrows):
    """Groups of nodes that reach each other."""
    def reach(start):
        seen, todo = set(), [start]
        while todo:
            for node in arrows.get(todo.pop(), ()):
                if node not in seen:
                    seen.add(node)
                    todo.append(node)
        return seen

    reached = {node: reach(node) for node in arrows}
    found = {frozenset(other for other in reached[node] if node in reached.get(other, ()))
             for node in arrows if node in reached[node]}
    return [sorted(circle) for circle in found]
