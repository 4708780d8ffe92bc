# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab's two networks: the link between the SUs, which tests slow down and cut, and a storage
network to the disk server, which stays up.  Both are bridges in the lab's own network namespace;
SU number N has the address N on each."""

from images import run

LINK, STORAGE = "10.77.1", "10.77.2"
STORAGE_SERVER = f"{STORAGE}.254"
GUESTS = "br-guests"   # in each SU, for the guests' own LAN devices; it leads nowhere
UNLIMITED = "unlimited"


def create_bridges():
    run("ip", "link", "set", "lo", "up")
    for bridge, address in (("link", None), ("storage", STORAGE_SERVER)):
        run("ip", "link", "add", "name", f"br-{bridge}", "type", "bridge")
        run("ip", "link", "set", f"br-{bridge}", "up")
        if address:
            run("ip", "address", "add", f"{address}/24", "dev", f"br-{bridge}")


def attach(number, pid):
    """Gives the network namespace of process PID its two interfaces, link0 and storage0."""
    for bridge in ("link", "storage"):
        run("ip", "link", "add", f"{bridge}{number}", "type", "veth",
            "peer", "name", f"{bridge}0", "netns", str(pid))
        run("ip", "link", "set", f"{bridge}{number}", "master", f"br-{bridge}", "up")


def configure_inside(number):
    """Run inside the SU once its interfaces are there."""
    run("ip", "link", "set", "lo", "up")
    for interface, net in (("link0", LINK), ("storage0", STORAGE)):
        run("ip", "address", "add", f"{net}.{number}/24", "dev", interface)
        run("ip", "link", "set", interface, "up")
    run("ip", "link", "add", "name", GUESTS, "type", "bridge")
    run("ip", "link", "set", GUESTS, "up")


def set_rate(in_su, mbit):
    """IN_SU runs a command inside one SU.  The bucket holds 10 ms: no burst hides the rate."""
    in_su("sh", "-c", "tc qdisc del dev link0 root 2>/dev/null || true")
    if mbit == UNLIMITED:
        return
    burst = max(int(mbit) * 1000000 // 8 // 100, 32768)
    in_su("tc", "qdisc", "add", "dev", "link0", "root", "tbf",
          "rate", f"{mbit}mbit", "burst", str(burst), "latency", "50ms")


def set_cut(in_su, how):
    """silent: packets vanish; reset: every TCP connection over the link is reset; off: mended."""
    in_su("sh", "-c", "nft delete table inet umzlab 2>/dev/null || true")
    rules = {"silent": "drop", "reset": "meta l4proto tcp reject with tcp reset; "
                                        'oifname "link0" drop', "off": None}[how]
    if rules:
        text = ("table inet umzlab { chain out { type filter hook output priority 0; "
                f'oifname "link0" {rules}; }}; }}')
        in_su("nft", text)
