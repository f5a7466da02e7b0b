"""What a mapping that isn't finished makes of the first rows of an export."""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tiercore.ingest.day_forms import DateOrder
from tiercore.ingest.files import FORMATS
from tiercore.ingest.mapping.derived_ids import DerivedIds
from tiercore.ingest.mapping.layout import Layout
from tiercore.ingest.mapping.made import EACH_COUNTS
from tiercore.ingest.mapping.makers import Maker, Makers
from tiercore.ingest.mapping.mapping import RawTable, Recipe, Rule
from tiercore.ingest.mapping.mistakes import Mistakes
from tiercore.ingest.mapping.recipes import RecipeReader
from tiercore.ingest.problems import BadCell
from tiercore.ingest.tables import Cells

UNDECIDED = "?"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of one of our files; UNDECIDED stands where the mapping doesn't say the value yet."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def previews(toml: str, table: RawTable, rows: Sequence[tuple[int, Cells]]) -> Iterator[Preview]:
    """What a mapping makes of the first rows of a table, as far as it is decided; rows that it skips are left out."""
    content = tomllib.loads(toml)
    layout = Layout.of(table.name, table.header)
    counted = [cells for _, cells in rows if not _skipped(content, layout, cells)]
    for file, file_format in FORMATS.items():
        decided = content.get(file.removesuffix(".csv"))
        if decided is None:
            continue
        columns = [each for each in file_format.columns if not each.optional or each.name in decided]
        makers = _makers(file, decided, layout, DateOrder(content["dates"]) if "dates" in content else None)
        header = tuple(each.name for each in columns)
        shown = (cells for cells in counted if not _skipped(decided, layout, cells))
        made = (tuple(_cell(makers.get(name), cells) for name in header) for cells in shown)
        yield Preview(file, header, tuple(islice(made if file in EACH_COUNTS else _different(made), _SHOWN)))


def _different(rows: Iterator[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        if row not in seen:
            seen.add(row)
            yield row


def _makers(file: str, decided: dict[str, Any], layout: Layout, dates: DateOrder | None) -> dict[str, Maker]:
    reader = RecipeReader(Mistakes("", {}), {})
    cells: dict[str, Recipe] = {
        column.name: reader.read((column.name,), decided[column.name], column)
        for column in FORMATS[file].columns
        if column.name in decided
    }
    makers = Makers(layout, defaultdict(DerivedIds), Counter(), dates=dates)
    return makers.all(Rule(file, "", cells))


def _cell(maker: Maker | None, cells: Cells) -> str:
    if maker is None:
        return UNDECIDED
    try:
        return maker.make(cells)
    except BadCell:
        return UNDECIDED


def _skipped(content: dict[str, Any], layout: Layout, cells: Cells) -> bool:
    """Whether a row's stage is one that doesn't count; one that isn't decided is shown."""
    for each in content.get("rows", ()):
        at = layout.find((each["column"],))
        if at is not None and cells[at].strip() in each["skip"]:
            return True
    return False
