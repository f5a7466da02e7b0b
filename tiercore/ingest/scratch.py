"""Folders for the time of an import, which the next one deletes if their process was killed (data#large-files).

A process holds a lock on its folder, which ends with the process. Nobody has to guess whether it still runs.
"""

import fcntl
import os
import shutil
import tempfile
import weakref
from pathlib import Path
from types import TracebackType

_PREFIX = "tierbot-"


class ScratchFolder:
    """A folder of this process alone, deleted with `close`, at the end of the block or with the object."""

    def __init__(self, purpose: str) -> None:
        _remove_abandoned(purpose)
        self.path, lock = _locked(purpose)
        self._finish = weakref.finalize(self, _delete, self.path, lock)

    def close(self) -> None:
        """Delete the folder."""
        self._finish()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _locked(purpose: str) -> tuple[Path, int]:
    """A new folder, and the open lock on it; another process may have deleted it before the lock."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{purpose}-"))
        try:
            lock = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return path, lock
        os.close(lock)


def _delete(path: Path, lock: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)


def _remove_abandoned(purpose: str) -> None:
    """Delete this user's folders whose process is gone."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}{purpose}-*"):
        try:
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # gone by now, another user's, or no folder
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(lock).st_uid == os.geteuid():
                shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:  # its process runs
            pass
        finally:
            os.close(lock)
