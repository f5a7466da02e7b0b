"""Which column of an export holds what: by its header, by its values, never by guessing between two."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from rapidfuzz import fuzz, process

from tiercore.ingest.mapping.mapping import RawTable
from tiercore.ingest.mapping.shapes import Shapes, share
from tiercore.ingest.mapping.synonyms import HEADERS, Meaning
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.tables import Cells
from tiercore.ingest.totals import is_totals
from tiercore.program import Catalogue

LOOKED_AT = 1_000  # rows; what comes after them can have other values
_NEAR = 88.0
_ALMOST_ALL = 0.9
_ALIKE = {
    Meaning.SOLD_ON: {Meaning.SOLD_ON},
    Meaning.AMOUNT: {Meaning.MRR, Meaning.ARR, Meaning.TCV, Meaning.AMOUNT},
}


@dataclass(slots=True)
class Guesses:
    """What the columns of a table hold: `sure` by meaning, `unsure` where there are several, `unknown` the others.

    `possible` are unknown columns whose values could be of a meaning that no header names: choices for a question.
    `why` says of a column how it was told, if not by its header alone. `counts` are the values in the rows looked at.
    """

    header: Sequence[str]
    rows: list[tuple[int, Cells]]
    counts: list[Counter[str]]
    sure: dict[Meaning, int] = field(default_factory=dict)
    unsure: dict[Meaning, list[int]] = field(default_factory=dict)
    possible: dict[Meaning, list[int]] = field(default_factory=dict)
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

    def several(self, meaning: Meaning) -> list[str]:
        """The headers among which it isn't sure which has the meaning, or whose values could be of it."""
        places = self.unsure.get(meaning) or self.possible.get(meaning, [])
        return [self.header[at].strip() for at in places]

    def reason(self, meaning: Meaning) -> str:
        """How the column was told, if not by its header alone."""
        return self.why.get(self.sure[meaning], "")

    def unknown(self) -> list[str]:
        """The columns that nothing is made of."""
        used = {*self.sure.values(), *(at for several in self.unsure.values() for at in several)}
        return [name for at, name in enumerate(self.header) if at not in used and name.strip()]


def guesses_of(table: RawTable, catalogue: Catalogue, partners: Mapping[str, str]) -> Guesses:
    """What the columns of a table hold, from its header and its first rows, totals left out.

    `partners` are the ids of the partners on file by what names them: see `plain`. Raises BadCell or OSError.
    """
    first = islice(table.rows(lambda broken: None), LOOKED_AT)
    rows = [row for row in first if len(row[1]) >= len(table.header) and not is_totals(row[1], ())]
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
        if any(at in each for each in by_meaning.values()):
            continue
        names_partners = share(counts[at], lambda text: plain(text) in partners) >= _ALMOST_ALL
        meaning = Meaning.PARTNER if names_partners else shapes.alone(counts[at])
        if meaning and (meaning not in by_meaning or found.why.get(by_meaning[meaning][0]) == "by its values"):
            found.why[at] = "by its values"
            by_meaning.setdefault(meaning, []).append(at)
    for meaning, places in by_meaning.items():
        if len(places) == 1:
            found.sure[meaning] = places[0]
        else:
            found.unsure[meaning] = places
    for meaning in (Meaning.SOLD_ON, Meaning.AMOUNT):
        if not by_meaning.keys() & _ALIKE[meaning]:
            unknown = [at for at in told if not any(at in each for each in by_meaning.values())]
            found.possible[meaning] = [at for at in unknown if shapes.fits(meaning, counts[at])]
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
