"""Folders for the time of an import: deleted with it, or by the next one if its process was killed."""

import errno
import fcntl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tiercore.ingest.scratch import ScratchFolder

MAKE_ONE = (
    "import sys; from tiercore.ingest.scratch import ScratchFolder; "
    "folder = ScratchFolder('import'); print(folder.path, flush=True); sys.stdin.read()"
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this system keeps such folders."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@contextmanager
def other_process() -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """Another process with a folder of its own."""
    with subprocess.Popen(
        [sys.executable, "-c", MAKE_ONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        path = Path(process.stdout.readline().strip())
        assert path.is_dir()
        yield process, path
        process.kill()


def test_a_folder_whose_process_was_killed_is_deleted_by_the_next_import(place: Path):
    with other_process() as (process, path):
        (path / "0").write_text("half a file")
        process.kill()
        process.wait()
        assert path.exists()
        with ScratchFolder("import") as own:
            assert list(place.iterdir()) == [own]


def test_a_folder_whose_process_runs_stays():
    with other_process() as (_, path), ScratchFolder("import"):
        assert path.exists()


def test_a_folder_is_deleted_with_its_import(place: Path):
    with ScratchFolder("import") as own, ScratchFolder("import") as other:
        (own / "0").write_text("a file")
        assert set(place.iterdir()) == {own, other}
    assert list(place.iterdir()) == []


def test_folders_for_something_else_stay(place: Path):
    with ScratchFolder("import") as own:
        link, file = own.with_name(f"{own.name}1"), own.with_name(f"{own.name}2")
    (place / "tierbot-backup-1").mkdir()
    link.symlink_to(place / "tierbot-backup-1")
    file.write_text("a file")
    with ScratchFolder("import"):
        assert (place / "tierbot-backup-1").is_dir()
        assert link.is_symlink()
        assert file.is_file()


@pytest.mark.parametrize("purpose", ["import", "upload"])
def test_a_folder_of_an_earlier_release_stays_which_held_no_lock(purpose: str):
    with tempfile.TemporaryDirectory(prefix=f"tierbot-{purpose}-") as earlier, ScratchFolder(purpose):
        assert Path(earlier).is_dir()


@pytest.mark.parametrize("reason", [errno.ENOLCK, errno.ENOTSUP, errno.EBADF])
def test_without_locks_an_import_goes_on_and_nothing_is_deleted_but_its_own_folder(
    place: Path, monkeypatch: pytest.MonkeyPatch, reason: int
):
    def refuse(*_: object) -> None:
        raise OSError(reason, "no locks")

    with ScratchFolder("import") as running, monkeypatch.context() as without:
        without.setattr(fcntl, "flock", refuse)
        with ScratchFolder("import") as own:
            (own / "0").write_text("a file")
            without.undo()
            with ScratchFolder("import") as later:
                assert set(place.iterdir()) == {running, own, later}
        assert set(place.iterdir()) == {running}
