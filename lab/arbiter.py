# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab's arbiter: one etcd that the SUs reach over the storage network, which stays up."""

import os
import signal
import socket
import subprocess

import net
from su import wait_for

PORT, PEER_PORT = 2379, 2380
ENDPOINT = f"http://{net.STORAGE_SERVER}:{PORT}"
CONF = f"""
[arbiter]
kind = etcd
endpoints = {ENDPOINT}
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
    sus = lab.sus()
    for su in sus:
        su.write_umzugd_conf(sus, CONF)
        su.stop_daemon("umzugd")
        su.start_umzugd()


def stop(lab):
    os.kill(int((lab / "etcd.pid").read_text()), signal.SIGKILL)
    wait_for(lambda: not answers(), "the end of etcd")
