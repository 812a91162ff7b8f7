"""The child's first half: shuts the doors behind itself, then becomes ffmpeg. Run as a file, never imported.

Demuxers and decoders are where hostile files do their harm. Before the first byte of one is read, this process
has: limits of memory, time, files and output; an end that comes with its parent's; no way to gain rights; no
sockets, by a filter of system calls and by a network that has nothing in it; and no files but the one it was
handed, its own directory, and the libraries that ffmpeg is linked with. Each wall is put up where the kernel has
it, and those that stand are told as the first line on the progress pipe: walls=name,name.

Arguments: one JSON object, then the command. Descriptors: 3 is the file to read, 4 the progress pipe.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import platform
import resource
import signal
import struct
import sys
from typing import Any

SOURCE, PROGRESS = 3, 4
_DESCRIPTORS_MAX = 64

# prctl(2)
_SET_PDEATHSIG, _SET_SECCOMP, _SET_NO_NEW_PRIVS, _FILTER = 1, 22, 38, 2
# unshare(2)
_NEWUSER, _NEWNET = 0x10000000, 0x40000000
# landlock(7): syscalls, and the rights that each version of it knows
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF, _PATH_BENEATH = 444, 445, 446, 1
_EXECUTE, _WRITE, _READ, _READ_DIR, _REMOVE_FILE, _MAKE_REG, _TRUNCATE = 1, 2, 4, 8, 1 << 5, 1 << 8, 1 << 14
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP, _SCOPES = 3, 3  # bind and connect; abstract sockets and signals
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/etc/ld.so.cache")

# AUDIT_ARCH_*, and the numbers of what ffmpeg has no business with: socket, socketpair, ptrace, process_vm_readv
# and _writev, io_uring_setup, bpf, keyctl, add_key, request_key, userfaultfd, perf_event_open, mount, unshare, setns.
_CALLS: dict[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, (41, 53, 101, 310, 311, 425, 321, 250, 248, 249, 323, 298, 165, 272, 308)),
    "aarch64": (0xC00000B7, (198, 199, 117, 270, 271, 425, 280, 219, 217, 218, 282, 241, 40, 97, 268)),
}
_X32 = 0x40000000
_EACCES = 13


def main() -> None:
    order, command = json.loads(sys.argv[1]), sys.argv[2:]
    _arrange(order["source"], order["progress"])
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, order["memory"]),
        (resource.RLIMIT_CPU, order["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, order["file_bytes"]),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS_MAX),
    ):
        resource.setrlimit(limit, (value, value))
    os.nice(order["nice"])
    walls = _walls(command[0], order["parent"]) if sys.platform == "linux" else []
    os.write(PROGRESS, f"walls={','.join(walls)}\n".encode())
    # Two heaps and not one for each thread: address space is what is limited.
    os.execve(command[0], command, {"MALLOC_ARENA_MAX": "2"})


def _arrange(source: int, progress: int) -> None:
    """Put the two descriptors where the command expects them, and close every other."""
    for number, there in (
        (fcntl.fcntl(source, fcntl.F_DUPFD, 16), SOURCE),
        (fcntl.fcntl(progress, fcntl.F_DUPFD, 16), PROGRESS),
    ):
        os.dup2(number, there)
    os.closerange(PROGRESS + 1, 1024)


def _walls(program: str, parent: int) -> list[str]:
    libc = ctypes.CDLL(None, use_errno=True)
    walls = []
    # Root keeps its user: in a namespace of users it could not read its own site's files any more.
    if libc.unshare(_NEWNET if os.geteuid() == 0 else _NEWUSER | _NEWNET) == 0:
        walls.append("network")
    # After the namespaces, whose change of rights would forget it.
    if libc.prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0:
        walls.append("death")
    if os.getppid() != parent:
        os._exit(1)
    if libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        walls.append("rights")
        if _only_these_files(libc, program):
            walls.append("files")
        if _no_sockets(libc):
            walls.append("sockets")
    return walls


def _only_these_files(libc: Any, program: str) -> bool:
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    known = _RIGHTS[max(each for each in _RIGHTS if each <= version)]
    shape = struct.pack("=QQQ", known, _TCP, _SCOPES)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = libc.syscall(_CREATE_RULESET, shape, ctypes.c_size_t(len(shape)), 0)
    if ruleset < 0:
        return False

    def allow(there: int, rights: int) -> None:
        rule = struct.pack("=Qi", rights & known, there)
        if libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0) != 0:
            raise OSError(ctypes.get_errno(), "landlock_add_rule")

    allow(SOURCE, _READ)
    room = _READ | _READ_DIR | _WRITE | _REMOVE_FILE | _MAKE_REG | _TRUNCATE
    for path, rights in [
        (program, _READ | _EXECUTE),
        (".", room),
        *((each, _READ | _EXECUTE) for each in _LIBRARIES),
    ]:
        try:
            there = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        allow(there, rights & ~_READ_DIR if rights != room else rights)
        os.close(there)
    done = bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    os.close(ruleset)
    return done


def _no_sockets(libc: Any) -> bool:
    """Install a filter (seccomp(2), classic BPF): these calls answer EACCES, another machine's calls kill."""
    if platform.machine() not in _CALLS:
        return False
    machine, calls = _CALLS[platform.machine()]
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
    return bool(libc.prctl(_SET_SECCOMP, _FILTER, head, 0, 0) == 0)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # ffmpeg never began: the machine is what is wrong, and not the file
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(125)
