"""The encoding of a text file, found from its bytes; guessed only where it is safe (data#encodings)."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tiercore.ingest.problems import BadCell

UTF_8, WINDOWS_1252 = "utf-8-sig", "cp1252"
_CHUNK_SIZE = 1 << 20
_BYTE_ORDERS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")  # written by programs that get UTF-8 wrong
_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"  # in Windows-1252
_BEGINNING = 40
_AROUND = 20
_CELL = re.compile(r"[,;|\t\r\n\"]")


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file's bytes say: about how many lines it has, and its encoding.

    `example` is a piece of text with the first character that is none in UTF-8, if the encoding is guessed.
    """

    lines: int
    encoding: str
    example: str = ""

    @property
    def errors(self) -> str:
        """How to decode what isn't in the encoding: bytes that aren't UTF-8 are kept, and reported with their rows."""
        return "surrogateescape" if self.encoding == UTF_8 else "strict"


def survey(path: Path) -> Survey:
    """The lines and the encoding of a file. Raises BadCell for a spreadsheet or broken UTF-16, or OSError."""
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
        file.seek(0)
        if beginning.startswith(_SPREADSHEETS):
            raise BadCell("not text", "is a spreadsheet, not CSV", "rename it to .xlsx, or save the sheet as CSV")
        if wide := _wide(beginning):
            return Survey(_count_wide(file, wide), wide)
        lines, is_utf_8 = _count(file)
        if is_utf_8 or beginning.startswith(codecs.BOM_UTF8):
            return Survey(lines, UTF_8)
        file.seek(0)
        example = _only_windows_1252(file)
        return Survey(lines, WINDOWS_1252, example) if example else Survey(lines, UTF_8)


def _wide(beginning: bytes) -> str | None:
    """The encoding of two or more bytes a character, by its mark or by the zeros beside the letters of a header."""
    for mark, encoding in _BYTE_ORDERS:
        if beginning.startswith(mark):
            return encoding
    even, odd = beginning[0::2], beginning[1::2]
    if len(odd) < 4 or len(odd) != len(even):
        return None
    if not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if not any(even) and all(odd) else None


def _count_wide(file: BinaryIO, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 0
    try:
        for chunk in _chunks(file):
            lines += decoder.decode(chunk, final=not chunk).count("\n")
    except UnicodeDecodeError:
        name = encoding[:6].upper()
        raise BadCell("bad encoding", f"begins as {name} and has bytes that aren't", "save the file as UTF-8") from None
    return lines


def _count(file: BinaryIO) -> tuple[int, bool]:
    """The number of line breaks, and whether the file is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, is_utf_8, pending = 0, True, False
    for chunk in _chunks(file):
        lines += chunk.count(b"\n")
        if is_utf_8 and (pending or not chunk.isascii()):
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                is_utf_8 = False
            pending = bool(decoder.getstate()[0])
    return lines, is_utf_8


def _only_windows_1252(file: BinaryIO) -> str:
    """A piece of text of a file that can only be Windows-1252 or alike, empty if its encoding is in doubt.

    It is in doubt if some of its characters are UTF-8, or none in Windows-1252.
    """
    decoder = codecs.getincrementaldecoder(UTF_8)(errors="surrogateescape")
    example = ""
    for chunk in _chunks(file):
        if any(byte in chunk for byte in _UNDEFINED) or _SURROGATE.search(chunk):
            return ""
        for character in _foreign(text := decoder.decode(chunk, final=not chunk)):
            if not "\udc80" <= character <= "\udcff":
                return ""
            if not example:
                at = text.index(character)
                before, after = _CELL.split(text[:at])[-1], _CELL.split(text[at:])[0]
                example = (before[-_AROUND:] + after[:_AROUND]).encode("utf-8", "surrogateescape").decode(WINDOWS_1252)
    return example


def _foreign(text: str) -> set[str]:
    return set() if text.isascii() else {character for character in set(text) if character > "\x7f"}


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """The rest of the file in chunks, an empty one at its end."""
    while chunk := file.read(_CHUNK_SIZE):
        yield chunk
    yield b""
