"""Finding the files of a folder, and the problems visible before reading them."""

from dataclasses import dataclass
from pathlib import Path

from tiercore.ingest.csv_rows import CsvTable
from tiercore.ingest.files import FILES, FORMATS
from tiercore.ingest.tables import Listing
from tiercore.suggestions import nearest


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of CSV files named as FILES; its people.csv is the whole list unless it is said to be a part."""

    path: Path
    lists_everyone: bool = True

    @property
    def name(self) -> str:
        """What the record of imports calls it."""
        return self.path.name

    def tables(self) -> Listing:
        """The files of the folder. Never raises: a folder that can't be read is a problem, too."""
        return files_in(self.path)


def files_in(folder: Path) -> Listing:
    """The files of the folder. Never raises: a folder that can't be read is a problem, too."""
    found = Listing()
    try:
        is_file = {path.name: path.is_file() for path in folder.iterdir()}
    except OSError as error:
        message = f"can't be read as a folder ({error.strerror})"
        found.wrong(str(folder), "no folder", message, "name a folder of CSV files")
        return found
    for name in sorted(is_file.keys() - FILES.keys()):
        _other_file(found, name)
    for name in FILES:
        if is_file.get(name):
            columns = frozenset(column.name for column in FORMATS[name].columns)
            found.tables.append(CsvTable(folder / name, name, columns))
        elif name in is_file:
            found.unread.add(name)
            found.wrong(name, "no file", "is not a file", "remove it from the folder")
    if not found.tables and not found.problems:
        found.wrong(str(folder), "empty folder", "has no files to import", f"add any of {', '.join(FILES)}")
    return found


def _other_file(found: Listing, name: str) -> None:
    """Add a problem for an unknown CSV file; hidden files and other file types are ignored."""
    if not name.lower().endswith(".csv") or name.startswith("."):
        return
    stem = nearest(name[:-4], [each.removesuffix(".csv") for each in FILES])
    found.unread.add(f"{stem}.csv")
    remedy = f"{f'Did you mean {stem}.csv? ' if stem else ''}{'T' if stem else 't'}he files are {', '.join(FILES)}"
    found.wrong(name, "unknown file", "isn't one of the files to import", remedy)
