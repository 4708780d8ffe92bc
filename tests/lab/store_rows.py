# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rows of umzugd's store.  As a program, where only the SU sees it: rows FOLDER SQL VALUE..."""

import sqlite3
import sys

MOVE_COLUMNS = """id, side, state, uuid, name, vm_index, epoch, peer, monjv, qemu_pid, qemu_start,
    boot_id, begun_us, is_closed, vm_state, decision"""


def select(folder, sql, values):
    """List of dicts; read only: who could write would tidy up after a crash.  `move` is all moves,
    those of the journal and those that are filed away."""
    try:
        db = sqlite3.connect(f"file:{folder}/umzug.db?mode=ro", uri=True, timeout=5)
    except sqlite3.OperationalError:
        return []
    try:
        db.row_factory = sqlite3.Row
        db.execute("ATTACH ? AS records", (f"file:{folder}/records.db?mode=ro",))
        db.execute(f"CREATE TEMP VIEW move AS SELECT {MOVE_COLUMNS} FROM main.move"
                   f" UNION SELECT {MOVE_COLUMNS} FROM records.move")
        return [dict(row) for row in db.execute(sql, values)]
    except sqlite3.OperationalError:
        return []   # being made, or being recovered: the caller looks again
    finally:
        db.close()


if __name__ == "__main__":
    print(repr(select(sys.argv[1], sys.argv[2], sys.argv[3:])))
