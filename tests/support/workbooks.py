"""Spreadsheets for tests: written by openpyxl, or part by part as no program would."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
WORKBOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets><sheet name="clients" sheetId="1" r:id="r1"/></sheets>'
    "</workbook>"
)
_RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}">'
    f'<Relationship Id="r1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_LINKS}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="r3" Type="{_LINKS}/styles" Target="/xl/styles.xml"/></Relationships>'
)
_ROOT = (
    f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)


def write_workbook(path: Path, sheets: Mapping[str, Iterable[Sequence[Any]]], *, since_1904: bool = False) -> Path:
    """A workbook with these rows in its sheets, written by openpyxl."""
    book = Workbook(write_only=True)
    if since_1904:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        book.epoch = CALENDAR_MAC_1904
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def write_parts(
    path: Path,
    rows: Iterable[str],
    *,
    texts: Iterable[str] = (),
    workbook: str = WORKBOOK,
    styles: str = "",
    before: str = "",
) -> Path:
    """A workbook of one sheet, of the XML of its rows and its texts; `before` stands before the sheet's root."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", _ROOT)
        archive.writestr("xl/workbook.xml", workbook)
        archive.writestr("xl/_rels/workbook.xml.rels", _RELATIONS)
        archive.writestr("xl/styles.xml", f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>')
        _write(archive, "xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">', texts, "</sst>")
        start = f'{before}<worksheet xmlns="{_MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>'
        _write(archive, "xl/worksheets/sheet1.xml", start, rows, "</sheetData></worksheet>")
    return path


def row(number: int, cells: Iterable[str]) -> str:
    """The XML of a row of texts."""
    return f'<row r="{number}">' + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"


def _write(archive: ZipFile, name: str, start: str, pieces: Iterable[str], end: str) -> None:
    with archive.open(name, "w", force_zip64=True) as part:
        for piece in _all(start, pieces, end):
            part.write(piece.encode())


def _all(start: str, pieces: Iterable[str], end: str) -> Iterator[str]:
    yield start
    yield from pieces
    yield end
