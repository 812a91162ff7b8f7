"""Doors that a child process shuts behind itself before it reads somebody's file.

No way to gain rights; no network, by one that has nothing in it; no files but those named; system calls that
decoders have no business with are refused; an end that comes with the parent's. Each wall is put up where the
kernel has it, and those that stand are told by name. Imported by children that have nothing of the site's.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable, Sequence
from typing import Any

# prctl(2)
_SET_PDEATHSIG, _SET_SECCOMP, _SET_NO_NEW_PRIVS, _FILTER = 1, 22, 38, 2
# unshare(2)
_NEWUSER, _NEWNET = 0x10000000, 0x40000000
# landlock(7): syscalls, and the rights that each version of it knows
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF, _PATH_BENEATH = 444, 445, 446, 1
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP, _SCOPES = 3, 3  # bind and connect; abstract sockets and signals
EXECUTE, WRITE, READ, READ_DIR, REMOVE_FILE, MAKE_REG, TRUNCATE = 1, 2, 4, 8, 1 << 5, 1 << 8, 1 << 14

# AUDIT_ARCH_*, and the numbers of what no decoder has any business with: socket, socketpair, ptrace,
# process_vm_readv and _writev, io_uring_setup, bpf, keyctl, add_key, request_key, userfaultfd, perf_event_open,
# mount, unshare, setns.
_MACHINES: dict[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, (41, 53, 101, 310, 311, 425, 321, 250, 248, 249, 323, 298, 165, 272, 308)),
    "aarch64": (0xC00000B7, (198, 199, 117, 270, 271, 425, 280, 219, 217, 218, 282, 241, 40, 97, 268)),
}
# And of what a process needs no more that has loaded all of its program: execve, execveat, openat, openat2, kill,
# tkill, pidfd_open, pidfd_send_signal; where the machine still has them, open, creat, fork and vfork.
_LOADED: dict[str, tuple[int, ...]] = {
    "x86_64": (59, 322, 257, 437, 62, 200, 434, 424, 2, 85, 57, 58),
    "aarch64": (221, 281, 56, 437, 129, 130, 434, 424),
}
_X32 = 0x40000000
_EACCES = 13

Limit = tuple[int, int]
File = tuple[int | str, int]  # a descriptor or a path, and rights


def limit(limits: Iterable[Limit]) -> None:
    """Set limits of the kernel: (resource.RLIMIT_…, value) each. That of processor time ends with SIGXCPU."""
    for each, value in limits:
        resource.setrlimit(each, (value, value + (each == resource.RLIMIT_CPU)))


def no_network() -> bool:
    """Move into a network of its own, with nothing in it."""
    # Root keeps its user: in a namespace of users it could not read its own site's files any more.
    return bool(_libc().unshare(_NEWNET if os.geteuid() == 0 else _NEWUSER | _NEWNET) == 0)


def end_with(parent: int) -> bool:
    """End when the parent's thread does that began this process, even by kill -9.

    Comes after namespaces: a change of rights would forget it. Ends at once if the parent is gone already.
    """
    stands = bool(_libc().prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0)
    if os.getppid() != parent:
        os._exit(1)
    return stands


def no_rights() -> bool:
    """Give up gaining any; the two below need it."""
    return bool(_libc().prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)


def only_these_files(allowed: Sequence[File]) -> bool:
    """Leave these files and directories, by path or descriptor, with these rights; those that are open stay so."""
    libc = _libc()
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    known = _RIGHTS[max(each for each in _RIGHTS if each <= version)]
    shape = struct.pack("=QQQ", known, _TCP, _SCOPES)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = libc.syscall(_CREATE_RULESET, shape, ctypes.c_size_t(len(shape)), 0)
    if ruleset < 0:
        return False
    for which, rights in allowed:
        try:
            there = which if isinstance(which, int) else os.open(which, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        rule = struct.pack("=Qi", rights & known, there)
        if libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0) != 0:
            raise OSError(ctypes.get_errno(), "landlock_add_rule")
        if isinstance(which, str):
            os.close(there)
    done = bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    os.close(ruleset)
    return done


def no_calls(*, loaded: bool) -> bool:
    """Install a filter (seccomp(2), classic BPF): sockets, tracing and the like answer EACCES.

    `loaded` says that nothing will be opened or started any more. Another machine's calls kill.
    """
    name = platform.machine()
    if name not in _MACHINES:
        return False
    machine, calls = _MACHINES[name]
    if loaded:
        calls += _LOADED[name]
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allow, refuse, kill = 0x7FFF0000, 0x00050000 | _EACCES, 0x80000000
    count = len(calls)
    program = [
        (load, 0, 0, 4),
        (equal, 1, 0, machine),
        (answer, 0, 0, kill),
        (load, 0, 0, 0),
        (at_least, count + 1, 0, _X32),
        *((equal, count - place, 0, call) for place, call in enumerate(calls)),
        (answer, 0, 0, allow),
        (answer, 0, 0, refuse),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in program))
    head = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    return bool(_libc().prctl(_SET_SECCOMP, _FILTER, head, 0, 0) == 0)


def exist() -> bool:
    """Say whether this system has such walls at all; limits are everywhere."""
    return sys.platform == "linux"


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)
