"""Become another program that ends when the process which asked for it ends.

Run as a file, never imported by what it becomes:

    python -I -S launch.py PARENT SIGNAL UID:GID|- PROGRAM [ARGUMENT …]

The promise (Linux) is made here, after root is dropped and right before exec, because the kernel
forgets it when the user changes, and because a `preexec_fn` in a process with threads may hang.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
CANNOT_LAUNCH = 125


def main(arguments: list[str]) -> None:
    """Drop root if asked to, promise to end with the parent, become the program."""
    parent, end_signal, user, program, *rest = arguments
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
    try:
        if user != "-":
            uid, gid = (int(part) for part in user.split(":"))
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, int(end_signal), 0, 0, 0)
        if os.getppid() != int(parent):
            os._exit(CANNOT_LAUNCH)  # The parent ended before the promise was made.
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores both, and exec would keep that.
            signal.signal(number, signal.SIG_DFL)
        os.execv(program, [program, *rest])
    except OSError as error:
        sys.stderr.write(f"cannot launch {program}: {error.strerror}\n")
        os._exit(CANNOT_LAUNCH)


if __name__ == "__main__":
    main(sys.argv[1:])
