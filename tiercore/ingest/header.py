"""The header row: the position of each column."""

from tiercore.ingest.csv_rows import NOT_UTF8
from tiercore.ingest.files import FileFormat
from tiercore.ingest.problems import BadCell, Log
from tiercore.suggestions import did_you_mean, nearest

OWN = "x_"  # the prefix of the operator's own columns, which are ignored


def read_header(file_format: FileFormat, line: int, cells: list[str], log: Log) -> dict[str, int]:
    """The position of each known column. Problems with the header go to the log."""
    names = [cell.strip().lower() for cell in cells]
    known = {column.name for column in file_format.columns}
    positions: dict[str, int] = {}
    if known.isdisjoint(names):
        log.add(line, "", ", ".join(filter(None, cells)), _no_header(file_format, cells))
        return positions
    lacking = known.difference(names)
    for at, name in enumerate(names):
        if wrong := _wrong(name, positions, known, lacking):
            log.add(line, cells[at].strip(), "", wrong)
        elif name in known:
            positions[name] = at
    suggested = {nearest(name, lacking) for name in names if _is_unknown(name, known)}
    for column in file_format.columns:
        if column.name in lacking - suggested and not column.optional:
            log.add(line, column.name, "", BadCell("missing column", "this column is missing", "add it"))
    return positions


def _is_unknown(name: str, known: set[str]) -> bool:
    return name not in known and not name.startswith(OWN)


def _wrong(name: str, positions: dict[str, int], known: set[str], lacking: set[str]) -> BadCell | None:
    if name in positions:
        return BadCell("column twice", "this column is in the header twice", "keep one of them")
    if NOT_UTF8.search(name):
        return BadCell("not UTF-8", "this column's name is not UTF-8", "save the file as UTF-8")
    if not _is_unknown(name, known):
        return None
    if not name:
        return BadCell(
            "unknown column", "a column has no name", f"name it or remove it; columns of your own start with {OWN}"
        )
    guess = did_you_mean(name, lacking)
    remedy = f"{guess}{'C' if guess else 'c'}olumns of your own start with {OWN}"
    return BadCell("unknown column", "isn't a column of this file", remedy)


def _no_header(file_format: FileFormat, cells: list[str]) -> BadCell:
    if any(map(NOT_UTF8.search, cells)):
        return BadCell("not UTF-8", "is not UTF-8", "save the file as UTF-8")
    message = "names no column of this file" if cells else "the file has no header row"
    return BadCell("no header", message, f"begin with {','.join(column.name for column in file_format.columns)}")
