"""An .xlsx file: its sheets by name, and what their cells refer to (texts, and how numbers are shown)."""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from sys import getsizeof

from tiercore.ingest.xlsx.archive import Archive, damaged, too_large
from tiercore.ingest.xlsx.values import Shown, shown_as, unescaped
from tiercore.ingest.xlsx.xml import Attributes, Handler, parse_all

MAX_SHEETS = 256
MAX_TEXTS = 96 << 20
_MAX_PART = 4 << 20
_MAX_STYLES = 16 << 20
_MAX_TEXT = 1 << 17  # a cell holds at most 32,767 characters
_WORKSHEET = "/worksheet"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet and the part that has its rows."""

    name: str
    part: str
    hidden: bool = False


@dataclass(slots=True)
class Workbook:
    """The sheets of a file in their order, without charts, and the parts that they refer to."""

    sheets: list[Sheet] = field(default_factory=list)
    since_1904: bool = False
    texts_part: str = ""
    styles_part: str = ""


def read_workbook(archive: Archive) -> Workbook:
    """The workbook of an open file. Raises BadCell."""
    main = next((target for kind, target in _relations(archive, "").values() if kind.endswith("/officeDocument")), "")
    book = _Book()
    parse_all(_limited(archive.read(main or "xl/workbook.xml"), _MAX_PART), book)
    relations = _relations(archive, main or "xl/workbook.xml")
    workbook = Workbook(since_1904=book.since_1904)
    for name, relation, hidden in book.sheets:
        kind, target = relations.get(relation, ("", ""))
        if kind.endswith(_WORKSHEET) and target in archive:
            workbook.sheets.append(Sheet(name, target, hidden))
    for kind, target in relations.values():
        if kind.endswith("/sharedStrings") and target in archive:
            workbook.texts_part = target
        elif kind.endswith("/styles") and target in archive:
            workbook.styles_part = target
    if not workbook.sheets:
        raise damaged("it has no sheets")
    return workbook


def read_texts(archive: Archive, workbook: Workbook) -> list[str]:
    """The texts that cells refer to by their numbers. Raises BadCell beyond MAX_TEXTS bytes."""
    texts = _Texts()
    if workbook.texts_part:
        parse_all(archive.read(workbook.texts_part), texts)
    return texts.found


def read_shown(archive: Archive, workbook: Workbook) -> list[Shown]:
    """How numbers are shown, by the numbers of the cells' styles."""
    styles = _Styles()
    if workbook.styles_part:
        parse_all(_limited(archive.read(workbook.styles_part), _MAX_STYLES), styles)
    return [shown_as(each, styles.codes.get(each)) for each in styles.formats]


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """The kind and the target of what a part refers to, by their ids."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in archive:
        return {}
    found = _Relations(folder)
    parse_all(_limited(archive.read(rels), _MAX_PART), found)
    return found.found


def _limited(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    for piece in pieces:
        most -= len(piece)
        if most < 0:
            raise too_large("has more sheets, styles or names than any spreadsheet")
        yield piece


class _Book(Handler):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []
        self.since_1904 = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), relation, hidden))
            if len(self.sheets) > MAX_SHEETS:
                raise too_large(f"has more than {MAX_SHEETS} sheets")
        elif name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "0").lower() in ("1", "true", "on")


class _Relations(Handler):
    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", self._folder, attributes.get("Target", "")))
            self.found[attributes.get("Id", "")] = (attributes.get("Type", ""), target.lstrip("/"))


class _Texts(Handler):
    def __init__(self) -> None:
        self.found: list[str] = []
        self._left = MAX_TEXTS
        self._pieces: list[str] = []
        self._length = 0
        self._in_text = self._phonetic = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "t":
            self._in_text = not self._phonetic
        elif name == "rPh":
            self._phonetic = True
        elif name == "si":
            self._pieces, self._length = [], 0

    def text(self, text: str) -> None:
        if self._in_text:
            self._pieces.append(text)
            self._length += len(text)
            if self._length > _MAX_TEXT:
                raise too_large(f"has a text of more than {_MAX_TEXT:,} characters")

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            text = unescaped("".join(self._pieces))
            self.found.append(text)
            self._left -= getsizeof(text) + 8
            if self._left < 0:
                raise too_large(f"has more than {MAX_TEXTS >> 20} MiB of text")


class _Styles(Handler):
    """The number formats of a file's own, and the number format of each style of cells."""

    def __init__(self) -> None:
        self.codes: dict[int, str] = {}
        self.formats: list[int] = []
        self._of_cells = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self.codes[_number(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._of_cells = True
        elif name == "xf" and self._of_cells:
            self.formats.append(_number(attributes.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._of_cells = False


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else -1
