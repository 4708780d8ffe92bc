# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab's arbiter: one etcd that the SUs reach over the storage network, which stays up; or a
file that stands for a disk, and a sanlock in each SU."""

import os
import signal
import socket
import subprocess

import net
from su import connects, wait_for

PORT, PEER_PORT = 2379, 2380
ENDPOINT = f"http://{net.STORAGE_SERVER}:{PORT}"
CONF = f"""
[arbiter]
kind = etcd
endpoints = {ENDPOINT}
"""
SANLOCK_CONF = """
[arbiter]
kind = sanlock
disk = {disk}
host-id = {host_id}
program = {program}
"""


def answers():
    try:
        socket.create_connection((net.STORAGE_SERVER, PORT), 1).close()
        return True
    except OSError:
        return False


def start(lab):
    """Starts it, again with what it has, and lets every umzugd know of it."""
    peer = f"http://127.0.0.1:{PEER_PORT}"
    with open(lab / "etcd.out", "ab") as out:
        process = subprocess.Popen(
            ["etcd", "--data-dir", str(lab / "etcd"), "--listen-client-urls", ENDPOINT,
             "--advertise-client-urls", ENDPOINT, "--listen-peer-urls", peer,
             "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    (lab / "etcd.pid").write_text(str(process.pid))
    wait_for(answers, "etcd")
    tell_umzugd(lab, lambda host_id: CONF)


def tell_umzugd(lab, make_conf):
    sus = lab.sus()
    for host_id, su in enumerate(sus, 1):
        su.write_umzugd_conf(sus, make_conf(host_id))
        su.stop_daemon("umzugd")
        su.start_umzugd()


def stop(lab):
    os.kill(int((lab / "etcd.pid").read_text()), signal.SIGKILL)
    wait_for(lambda: not answers(), "the end of etcd")


def start_sanlock(lab):
    """Formats the disk and joins, with a patience of 1 s instead of 10; then tells umzugd."""
    disk, program = lab.folder / "decisions", lab.build / "src/arbiter/umzug-sanlock"
    disk.write_bytes(b"")
    sus = lab.sus()
    for su in sus:
        (su.folder / "run/sanlock").mkdir()
        su.start_daemon("sanlock", "env", "SANLOCK_PRIVILEGED=0", "sanlock", "daemon", "-D",
                        "-w", "0", "-U", "root", "-G", "root", "-e", su.name, log="sanlock.out")
        wait_for(lambda: connects(su.folder / "run/sanlock/sanlock.sock"), f"sanlock of {su.name}")
    sus[0].inside(str(program), "init", str(disk))
    sus[0].inside("sanlock", "client", "init", "-s", f"umzug:0:{disk}:0", "-o", "1")
    joins = [subprocess.Popen(su.command("sanlock", "client", "add_lockspace", "-s",
                                         f"umzug:{host_id}:{disk}:0", "-o", "1"))
             for host_id, su in enumerate(sus, 1)]
    for join in joins:
        join.wait()
    tell_umzugd(lab, lambda host_id: SANLOCK_CONF.format(disk=disk, host_id=host_id,
                                                         program=program))
