"""The child's first half: shuts the doors behind itself, then becomes ffmpeg. Started by sandbox.py alone.

Demuxers and decoders are where hostile files do their harm. Before the first byte of one is read, this process
has limits of memory, time, files and output, and the walls of walls.py: of files only the one that it was handed,
its own directory, and the libraries that ffmpeg is linked with. Those that stand are told as the first line on the
progress pipe: walls=name,name.

Arguments: one JSON object, then the command. Descriptors: 3 is the file to read, 4 the progress pipe.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource

from upscrolled.media import walls

SOURCE, PROGRESS = 3, 4
_DESCRIPTORS_MAX = 64
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/etc/ld.so.cache")
_ROOM = (
    walls.READ | walls.READ_DIR | walls.WRITE | walls.REMOVE_FILE | walls.MAKE_REG | walls.TRUNCATE
)  # in its own directory


def main(arguments: list[str]) -> None:
    """Become the command, behind walls; end with 125 if that cannot be."""
    try:
        _become(json.loads(arguments[0]), arguments[1:])
    except Exception as error:  # ffmpeg never began: the machine is what is wrong, and not the file
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(125)


def _become(order: dict[str, int], command: list[str]) -> None:
    _arrange(order["source"], order["progress"])
    walls.limit(
        (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_AS, order["memory"]),
            (resource.RLIMIT_CPU, order["cpu_seconds"]),
            (resource.RLIMIT_FSIZE, order["file_bytes"]),
            (resource.RLIMIT_NOFILE, _DESCRIPTORS_MAX),
        )
    )
    os.nice(order["nice"])
    stand = _walls(command[0], order["parent"]) if walls.exist() else []
    os.write(PROGRESS, f"walls={','.join(stand)}\n".encode())
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
    code = walls.READ | walls.EXECUTE
    files: list[walls.File] = [
        (SOURCE, walls.READ),
        (program, code),
        (".", _ROOM),
        *((each, code) for each in _LIBRARIES),
    ]
    stand = ["network"] if walls.no_network() else []
    if walls.end_with(parent):
        stand.append("death")
    if walls.no_rights():
        stand.append("rights")
        if walls.only_these_files(files):
            stand.append("files")
        if walls.no_calls(loaded=False):
            stand.append("sockets")
    return stand
