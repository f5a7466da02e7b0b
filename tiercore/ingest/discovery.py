"""Finding the tables of a folder or a file, and the problems visible before reading them (data#which-files)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tiercore.ingest.csv_rows import CsvTable
from tiercore.ingest.day_forms import DateOrder
from tiercore.ingest.file_notes import known_by_header
from tiercore.ingest.files import FILES, FORMATS
from tiercore.ingest.own_headers import csv_file_of, sheet_file_of
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.ingest.problems import BadCell
from tiercore.ingest.tables import Listing, Table
from tiercore.ingest.xlsx.tables import SheetTable, sheets_of
from tiercore.ingest.xlsx.workbook import Sheet
from tiercore.suggestions import nearest

SPREADSHEETS, TEXTS = (".xlsx", ".xlsm"), (".csv", ".tsv", ".txt")
_OWN_FORMATS = (".toml",)  # rules and mappings, which may lie beside the files
_STEMS = {name.removesuffix(".csv"): name for name in FILES}
_READ = "the files are .csv and .xlsx"
_OTHERS = {
    ".xls": "save it as .xlsx or CSV",
    ".xlsb": "save it as .xlsx or CSV",
    ".ods": "save it as .xlsx or CSV",
    ".numbers": "export it as .xlsx or CSV",
    ".gsheet": "download it as .xlsx or CSV",
    ".zip": "unpack it",
    ".gz": "unpack it",
}


@dataclass(frozen=True, slots=True)
class Files:
    """A folder of files named as FILES, CSV or .xlsx, or one such file, which may have several sheets.

    Its people are the whole list unless it is said to be a part. `dates` is the order of days and months where both are
    numbers, `decimal` the decimal mark of amounts.
    """

    path: Path
    lists_everyone: bool = True
    dates: DateOrder | None = None
    decimal: DecimalMark | None = None

    @property
    def name(self) -> str:
        """What the record of imports calls it."""
        return self.path.name

    def tables(self) -> Listing:
        """Its tables. Never raises: a folder or a file that can't be read is a problem, too."""
        if self.path.is_file():
            return _tables_of([self.path], str(self.path), Listing(dates=self.dates, decimal=self.decimal))
        return files_in(self.path, self.dates, self.decimal)


def files_in(folder: Path, dates: DateOrder | None = None, decimal: DecimalMark | None = None) -> Listing:
    """The tables of the folder. Never raises: a folder that can't be read is a problem, too."""
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith((".", "~$")))
    except OSError as error:
        found = Listing()
        message = f"can't be read as a folder ({error.strerror})"
        found.wrong(str(folder), "no folder", message, "name a folder of CSV or .xlsx files, or one such file")
        return found
    return _tables_of(paths, str(folder), Listing(dates=dates, decimal=decimal))


def _tables_of(paths: Iterable[Path], called: str, empty: Listing) -> Listing:
    finder = _Finder(empty)
    for path in paths:
        finder.look_at(path)
    found, order = finder.found, list(FILES)
    found.tables.sort(key=lambda each: order.index(each.file))
    if not found.tables and not found.problems:
        found.wrong(called, "empty folder", "has no files to import", f"add any of {', '.join(FILES)}, or their .xlsx")
    return found


class _Finder:
    """Looks at files one by one and lists what they have."""

    def __init__(self, found: Listing) -> None:
        self.found = found
        self._names: dict[str, str] = {}  # by file, what its table is called

    def look_at(self, path: Path) -> None:
        """List the file's tables, or why it has none."""
        ending, stem = path.suffix.lower(), _stem(path.name)
        is_known = stem in _STEMS and ending in TEXTS
        if path.is_dir():
            if is_known:
                self.found.unread.add(_STEMS[stem])
                self.found.wrong(path.name, "no file", "is not a file", "remove it from the folder")
            else:
                self.found.passed_over(path.name, "it is a folder", "import its files as a folder of their own")
        elif is_known:
            self._add(_csv(path, _STEMS[stem]))
        elif ending in SPREADSHEETS:
            self._look_into(path, stem)
        elif ending in TEXTS and (file := csv_file_of(path)):
            self._add(_csv(path, file))
            self.found.warnings.append(known_by_header(path.name, file))
        elif ending == ".csv":
            self._unknown_csv(path.name)
        elif ending not in _OWN_FORMATS:
            self.found.passed_over(path.name, f"{_READ}, named {', '.join(_STEMS)}", _remedy(ending, path.stem.lower()))

    def _look_into(self, path: Path, stem: str) -> None:
        """List the sheets that are named like files; of a file that is named like one, its only sheet."""
        try:
            sheets = sheets_of(path)
        except BadCell as bad:
            self._unreadable(path.name, stem, bad)
            return
        except OSError as error:
            reason = BadCell("no file", f"can't be read ({error.strerror})", "make the file readable, or remove it")
            self._unreadable(path.name, stem, reason)
            return
        known = [sheet for sheet in sheets if _stem(sheet.name) in _STEMS]
        if stem in _STEMS and not known:
            self._only_sheet(path, stem, sheets)
            return
        for sheet in sheets:
            name, of_sheet = f"{path.name} ({sheet.name})", _stem(sheet.name)
            if sheet in known:
                self._add(_sheet(path, sheet, _STEMS[of_sheet], name))
            elif stem not in _STEMS and (file := sheet_file_of(path, sheet)):
                self._add(_sheet(path, sheet, file, name))
                self.found.warnings.append(known_by_header(name, file))
            else:
                self._unknown_sheet(name, sheet.name)
        if stem in _STEMS and _STEMS[stem] not in self._names:
            message = f"is named {stem}, and its sheets {', '.join(each.name for each in known)}"
            self.found.wrong(path.name, "unknown sheet", message, "name the file and its sheet alike")

    def _only_sheet(self, path: Path, stem: str, sheets: list[Sheet]) -> None:
        if len(sheets) == 1:
            self._add(_sheet(path, sheets[0], _STEMS[stem], path.name))
            return
        self.found.unread.add(_STEMS[stem])
        names = ", ".join(each.name for each in sheets[:10])
        self.found.wrong(path.name, "unknown sheet", f"has several sheets ({names})", f"name the one to read {stem}")

    def _add(self, table: Table) -> None:
        if other := self._names.get(table.file):
            message = f"fills {table.file}, and so does {other}"
            self.found.wrong(table.name, "file twice", message, "keep one of them, or put their rows together")
            return
        self._names[table.file] = table.name
        self.found.tables.append(table)

    def _unreadable(self, name: str, stem: str, bad: BadCell) -> None:
        self.found.unread |= {_STEMS[stem]} if stem in _STEMS else set(FILES)
        self.found.wrong(name, bad.kind, bad.message, bad.remedy)

    def _unknown_sheet(self, name: str, sheet: str) -> None:
        meant = nearest(_stem(sheet), _STEMS)
        remedy = f"Did you mean {meant}? Name it so to have it read" if meant else "name it like a file to have it read"
        if meant:
            self.found.unread.add(_STEMS[meant])
        self.found.passed_over(name, f"sheets that are read are named {', '.join(_STEMS)}", remedy)

    def _unknown_csv(self, name: str) -> None:
        meant = nearest(_stem(name), _STEMS)
        if meant:
            self.found.unread.add(_STEMS[meant])
        remedy = (
            f"{f'Did you mean {meant}.csv? ' if meant else ''}{'T' if meant else 't'}he files are {', '.join(FILES)}"
        )
        self.found.wrong(name, "unknown file", "isn't one of the files to import", remedy)


def _stem(name: str) -> str:
    """The name of a file or a sheet as FILES have it, without its ending."""
    stem = name.strip().lower()
    return next(
        (stem.removesuffix(ending) for ending in (*TEXTS, *SPREADSHEETS) if stem.endswith(ending)), stem
    ).strip()


def _csv(path: Path, file: str) -> CsvTable:
    return CsvTable(path, file, frozenset(column.name for column in FORMATS[file].columns), _key(file))


def _sheet(path: Path, sheet: Sheet, file: str, name: str) -> SheetTable:
    return SheetTable(path, sheet, file, name, _key(file))


def _key(file: str) -> frozenset[str]:
    """The columns of the key that every row has."""
    optional = {column.name for column in FORMATS[file].columns if column.optional}
    return frozenset(FORMATS[file].key) - optional


def _remedy(ending: str, stem: str) -> str:
    known = f", named {stem}" if stem in _STEMS else ""
    return _OTHERS.get(ending, "rename it if it is meant") + (known if ending in _OTHERS else "")
