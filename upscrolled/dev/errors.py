"""What is said when something cannot start: one sentence for a person, no traceback."""

from __future__ import annotations

import errno
from pathlib import Path


class StartError(Exception):
    """Something cannot be started; the message is one sentence that says what to do."""

    @classmethod
    def from_os_error(cls, error: OSError, path: Path) -> StartError:
        """Translate an error of the file system."""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return cls.full_disk(path)
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return cls(f"{path} may not be written; set DATA_DIR to another path or change its owner.")
        return cls(f"{path} cannot be used: {error.strerror}.")

    @classmethod
    def full_disk(cls, path: Path) -> StartError:
        return cls(f"The disk that holds {path} is full; free some space and start again.")

    @classmethod
    def not_ours(cls, path: Path) -> StartError:
        return cls(f"{path} belongs to another user; run as that user or set DATA_DIR to another path.")


class PortTaken(StartError):
    """Another program listens on the port that a server was to use."""


class StillInUse(StartError):
    """Remains of an ended server are still there; they usually go away by themselves."""
