"""The header row: which column stands where."""

from tiercore.ingest.files import Form
from tiercore.ingest.meant import did_you_mean
from tiercore.ingest.problems import BadCell, Log
from tiercore.ingest.sheet import NOT_UTF8

OWN = "x_"


def read_header(form: Form, line: int, cells: list[str], log: Log) -> dict[str, int]:
    """The place of each known column; what is wrong with the header goes to the log."""
    names = [cell.strip().lower() for cell in cells]
    known = {column.name for column in form.columns}
    places: dict[str, int] = {}
    if known.isdisjoint(names):
        log.add(line, "", "", _no_header(form))
        return places
    for at, name in enumerate(names):
        if wrong := _wrong(name, places, known):
            log.add(line, cells[at].strip(), "", wrong)
        elif name in known:
            places[name] = at
    for column in form.columns:
        if column.name not in places and not column.optional:
            log.add(line, column.name, "", BadCell("missing column", "this column is missing", "add it"))
    return places


def _wrong(name: str, places: dict[str, int], known: set[str]) -> BadCell | None:
    if name in places:
        return BadCell("column twice", "this column stands in the header twice", "keep one of them")
    if name in known or name.startswith(OWN):
        return None
    if NOT_UTF8.search(name):
        return BadCell("not UTF-8", "this column's name is not UTF-8", "save the file as UTF-8")
    if not name:
        return BadCell("unknown column", "a column has no name", f"name it, or take it out; own names begin with {OWN}")
    missing = known - places.keys()
    remedy = f"{did_you_mean(name, missing)}a column of your own begins with {OWN}"
    return BadCell("unknown column", "is not a column of this file", remedy)


def _no_header(form: Form) -> BadCell:
    required = ",".join(column.name for column in form.columns if not column.optional)
    return BadCell("no header", "the first line names no column of this file", f"begin with {required}")
