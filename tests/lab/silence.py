# SPDX-License-Identifier: LGPL-2.1-or-later
"""silence FOLDER: mounts a server of files there that never answers, until it is ended."""

import ctypes
import os
import signal
import sys

libc = ctypes.CDLL(None, use_errno=True)
fd = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={fd},rootmode=40000,user_id=0,group_id=0"
if libc.mount(b"silence", sys.argv[1].encode(), b"fuse", 0, options.encode()) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
signal.pause()
