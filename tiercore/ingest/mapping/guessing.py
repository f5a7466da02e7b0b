"""Which column of an export holds what: by its header, by its values, never by guessing between two."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from rapidfuzz import fuzz, process

from tiercore.ingest.mapping.mapping import RawTable
from tiercore.ingest.mapping.shapes import Shapes
from tiercore.ingest.mapping.synonyms import HEADERS, Meaning
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.tables import Cells
from tiercore.program import Catalogue

LOOKED_AT = 1_000  # rows; what comes after them can have other values
_NEAR = 88.0


@dataclass(slots=True)
class Guesses:
    """What the columns of a table hold: `sure` by meaning, `unsure` where there are several, `unknown` the others.

    `why` says of a column how it was told, if not by its header alone. `counts` are the values in the rows looked at.
    """

    header: Sequence[str]
    rows: list[tuple[int, Cells]]
    counts: list[Counter[str]]
    sure: dict[Meaning, int] = field(default_factory=dict)
    unsure: dict[Meaning, list[int]] = field(default_factory=dict)
    why: dict[int, str] = field(default_factory=dict)

    def has(self, *meanings: Meaning) -> bool:
        """Whether any of these has a column, even where it isn't sure which."""
        return any(each in self.sure or each in self.unsure for each in meanings)

    def name(self, meaning: Meaning) -> str | None:
        """The header of the column, None if there is none or it isn't sure."""
        return self.header[self.sure[meaning]].strip() if meaning in self.sure else None

    def values(self, meaning: Meaning) -> Counter[str]:
        """The values of the column."""
        return self.counts[self.sure[meaning]]

    def unknown(self) -> list[str]:
        """The columns that nothing is made of."""
        used = {*self.sure.values(), *(at for several in self.unsure.values() for at in several)}
        return [name for at, name in enumerate(self.header) if at not in used and name.strip()]


def guesses_of(table: RawTable, catalogue: Catalogue) -> Guesses:
    """What the columns of a table hold, from its header and its first rows. Raises BadCell or OSError."""
    rows = [row for row in islice(table.rows(lambda broken: None), LOOKED_AT) if len(row[1]) >= len(table.header)]
    counts = [Counter(cells[at].strip() for _, cells in rows) for at in range(len(table.header))]
    found = Guesses(table.header, rows, counts)
    shapes = Shapes(catalogue)
    by_meaning: dict[Meaning, list[int]] = {}
    names = Counter(map(plain, table.header))
    told = [at for at, name in enumerate(table.header) if plain(name) and names[plain(name)] == 1]
    for at in told:
        name = table.header[at]
        if meaning := _by_header(name, counts[at], shapes, found.why, at):
            by_meaning.setdefault(meaning, []).append(at)
    for at in told:
        meaning = None if any(at in each for each in by_meaning.values()) else shapes.alone(counts[at])
        if meaning and (meaning not in by_meaning or found.why.get(by_meaning[meaning][0]) == "by its values"):
            found.why[at] = "by its values"
            by_meaning.setdefault(meaning, []).append(at)
    for meaning, places in by_meaning.items():
        if len(places) == 1:
            found.sure[meaning] = places[0]
        else:
            found.unsure[meaning] = places
    return found


def _by_header(name: str, counts: Counter[str], shapes: Shapes, why: dict[int, str], at: int) -> Meaning | None:
    text = plain(name)
    if (meaning := HEADERS.get(text)) is None:
        near = process.extractOne(text, list(HEADERS), scorer=fuzz.ratio, score_cutoff=_NEAR) if len(text) > 4 else None
        if near is None:
            return None
        meaning = HEADERS[near[0]]
        why[at] = f"its name is almost {near[0]}"
    return meaning if shapes.fits(meaning, counts) else None
