# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirtd restarted while it is asked for the list of VMs: the answer is all of it, or none."""

import concurrent.futures
import json
import os

from dialogs import define
from harness import DONE, claim, equal

VMS = [f"LISTED{number}" for number in range(1, 9)]
N_RESTARTS = 200 if os.environ.get("UMZUG_CHECK_ALL") else 6
ASKED_AT_ONCE = 3


def listed(lab, su):
    """Names and indexes as SHOW-VM-DEFINITION has them; None: it says that it could not look."""
    answer = lab.umzug(su, "--json", "/SHOW-VM-DEFINITION INFORMATION=*ALL")
    if answer.status != DONE:
        return None
    return {row["name"]: row["index"] for row in json.loads(answer.text)["data"]}


def ask_until(lab, su, is_over):
    found = []
    while not is_over.done():
        found.append(listed(lab, su))
    return found


@claim(f"libvirtd is restarted {N_RESTARTS} times while it is asked for its VMs: nothing is"
       " forgotten")
def restarts(lab):
    su, other = lab.sus[:2]
    for index, vm in enumerate(VMS, 10):
        define(lab, su, vm)
        equal(lab.umzug(su, f"/MODIFY-VM-DEFINITION {vm},{index}").status, DONE, vm)
    whole = listed(lab, su)
    equal(sorted(whole), VMS, "the list before")
    with concurrent.futures.ThreadPoolExecutor(ASKED_AT_ONCE + 1) as pool:
        for _ in range(N_RESTARTS):
            is_over = pool.submit(lab.restart, su, "libvirtd")
            asking = [pool.submit(ask_until, lab, su, is_over) for _ in range(ASKED_AT_ONCE)]
            is_over.result()
            for answers in asking:
                for found in answers.result():
                    assert found in (None, whole), f"{found} instead of {whole}"
    equal(listed(lab, su), whole, "the list after")
    kept = lab.query(su, "SELECT vm_index FROM vm WHERE is_index_fixed ORDER BY vm_index")
    equal([row["vm_index"] for row in kept], sorted(whole.values()), "indexes")
    told = [row["name"] for row in lab.query(
        other, "SELECT name FROM definition WHERE owner = ? AND name LIKE 'LISTED%' ORDER BY name",
        su)]
    assert told in ([], VMS), f"the other SU keeps {told}"
