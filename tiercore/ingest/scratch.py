"""Folders for the time of an import, which the next one deletes if their process was killed (data#large-files).

A process holds a lock on its folder, which ends with the process. Nobody has to guess whether it still runs. Where the
file system gives no lock, the folder has a name that no process looks for: nobody deletes it but its own.
"""

import fcntl
import os
import shutil
import tempfile
import weakref
from pathlib import Path
from types import TracebackType

_LOCKED, _UNLOCKED = "tierbot-locked-", "tierbot-unlocked-"  # releases before 0.7.0 hold no lock on tierbot-import-*


class ScratchFolder:
    """A folder of this process alone, deleted with `close`, at the end of the block or with the object."""

    def __init__(self, purpose: str) -> None:
        _remove_abandoned(purpose)
        self.path, lock = _made(purpose)
        self._finish = weakref.finalize(self, _delete, self.path, lock)

    def close(self) -> None:
        """Delete the folder."""
        self._finish()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _made(purpose: str) -> tuple[Path, int | None]:
    """A new folder and the open lock on it, if there are locks. Another process may delete it before it is locked."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=f"{_LOCKED}{purpose}-"))
        try:
            lock = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:  # no locks on this file system, or none left
            _delete(path, lock)
            return Path(tempfile.mkdtemp(prefix=f"{_UNLOCKED}{purpose}-")), None
        if path.exists():
            return path, lock
        os.close(lock)


def _delete(path: Path, lock: int | None) -> None:
    shutil.rmtree(path, ignore_errors=True)
    if lock is not None:
        os.close(lock)


def _remove_abandoned(purpose: str) -> None:
    """Delete this user's folders whose process is gone."""
    for path in Path(tempfile.gettempdir()).glob(f"{_LOCKED}{purpose}-*"):
        try:
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # gone by now, another user's, or no folder
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(lock).st_uid == os.geteuid():
                shutil.rmtree(path, ignore_errors=True)
        except OSError:  # its process runs, or nobody can tell
            pass
        finally:
            os.close(lock)
