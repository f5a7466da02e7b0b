"""The parts of an .xlsx file, inflated piece by piece within limits. What is declared about sizes isn't trusted."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile
from zlib import error as ZlibError

from tiercore.ingest.problems import BadCell

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_INFLATED = 1 << 30
MAX_RATIO = 250  # real sheets are compressed ten to forty times
_RATIO_FROM = 64 << 20  # a small file may well be compressed better
_MAX_DIRECTORY = 1 << 20
_CHUNK = 1 << 16
_ROW_SIZE = 400  # bytes of a usual row
_END, _END_SIZE = b"PK\x05\x06", 22
_LOCATOR, _LOCATOR_SIZE, _END_64_SIZE = b"PK\x06\x07", 20, 56
_SMALLER = "split it into smaller files, or save the sheet as CSV in UTF-8"
# What zipfile raises for bytes that aren't what they should be.
_DAMAGE = (BadZipFile, ZlibError, EOFError, RuntimeError, NotImplementedError, ValueError, OverflowError, struct.error)


def damaged(why: str) -> BadCell:
    """The error for a file that isn't the spreadsheet that its name says."""
    return BadCell("bad spreadsheet", f"can't be read as a spreadsheet ({why})", "open it, save it as .xlsx anew")


def too_large(what: str) -> BadCell:
    """The error for a file beyond a limit."""
    return BadCell("too large", what, _SMALLER)


class Archive:
    """An open .xlsx file. `read` gives a part's bytes and counts them."""

    def __init__(self, zip_file: ZipFile, size: int) -> None:
        self._zip, self._left, self._size = zip_file, MAX_INFLATED, size
        self._names = {name.lower(): name for name in zip_file.namelist()}

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._names

    def read(self, part: str) -> Iterator[bytes]:
        """The bytes of a part in pieces. Raises BadCell if it is missing, damaged or inflates beyond the limits."""
        if part not in self:
            raise damaged(f"it has no {part[-60:]}")
        try:
            info = self._zip.getinfo(self._names[part.lower()])
            if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or info.flag_bits & 1:
                raise damaged("a part of it is encrypted or compressed in another way")
            with self._zip.open(info) as file:
                while piece := file.read(_CHUNK):
                    self._count(len(piece))
                    yield piece
        except _DAMAGE as error:
            raise damaged(str(error)[:60] or "it is cut short") from None

    def rows_at_most(self, part: str) -> int:
        """How many rows a sheet may have by its declared size, for progress."""
        size = self._zip.getinfo(self._names[part.lower()]).file_size if part in self else 0
        return max(size // _ROW_SIZE, 1)

    def _count(self, inflated: int) -> None:
        self._left -= inflated
        done = MAX_INFLATED - self._left
        if self._left < 0 or (done > _RATIO_FROM and done > MAX_RATIO * self._size):
            raise too_large(f"inflates to more than {done >> 20:,} MiB from {max(self._size >> 10, 1):,} KiB")


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The .xlsx file, open. Raises BadCell unless it is a zip file with a directory of a usual size, or OSError."""
    with path.open("rb") as file:
        start = file.read(len(OLE))
        if start == OLE:
            message = "is encrypted, or an old spreadsheet (.xls) under another name"
            raise BadCell("bad spreadsheet", message, "save it as .xlsx without a password")
        if not start.startswith(ZIP):
            raise damaged("it is no .xlsx file inside")
        size = file.seek(0, 2)
        if _directory_size(file, size) > _MAX_DIRECTORY:
            raise too_large("has more parts than any spreadsheet")
        try:
            zip_file = ZipFile(file)
        except _DAMAGE as error:
            raise damaged(str(error)[:60]) from None
        with zip_file:
            yield Archive(zip_file, size)


def _directory_size(file: BinaryIO, size: int) -> int:
    """The declared size of the zip file's directory, which zipfile would read into memory as a whole."""
    tail_size = min(size, _END_SIZE + (1 << 16))
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise damaged("it is cut short")
    (declared,) = struct.unpack_from("<L", tail, at + 12)
    locator = tail[max(at - _LOCATOR_SIZE, 0) : at]
    if locator.startswith(_LOCATOR):  # for files of more than 4 GB, which some programs write always
        file.seek(max(size - tail_size + at - _LOCATOR_SIZE - _END_64_SIZE, 0))
        record = file.read(_END_64_SIZE)
        (declared,) = struct.unpack_from("<Q", record.ljust(_END_64_SIZE, b"\xff"), 40)
    return int(declared)
