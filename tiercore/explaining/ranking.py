"""Which explanations come first (how-tiers-work#doesnt-match): how often such an error happens, times how well it fits.

A kind of which many hypotheses were tried fits by chance sooner than one of which there were two: its weight counts by
the share of its hypotheses that fit.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tiercore.explaining.claims import WEIGHTS, Claim, Explanation, Kind, Measure, Reading, Row
from tiercore.facts.points import MICRO

MOST = 3
MOST_READINGS = 4
# A sale that isn't on file is supposed to be worth up to 100 points, or US$2,000: each value as likely as the next.
_WIDTH = {Measure.POINTS: 100 * MICRO, Measure.MRR: 2_000_00}


@dataclass(slots=True)
class Tally:
    """How many hypotheses of each kind change the figure, and the rows of those that fit, with what it becomes."""

    tried: Counter[Kind] = field(default_factory=Counter)
    fits: dict[Kind, list[tuple[Row, int]]] = field(default_factory=lambda: defaultdict(list))
    supposed: dict[Kind, list[tuple[Row, int]]] = field(default_factory=dict)

    def scored(self, claim: Claim) -> list[tuple[Fraction, Reading]]:
        """Each kind that fits as a reading with its score, the likeliest first."""
        found = [
            (self._score(kind, len(fits)), _reading(kind, fits, claim)) for kind, fits in self.fits.items() if fits
        ]
        width = Fraction(claim.high - claim.low + 1, _WIDTH[claim.measure])
        for kind, rows in self.supposed.items():
            if not self.fits.get(kind):
                found.append((WEIGHTS[kind] * width, _reading(kind, rows, claim)))
        return sorted(found, key=lambda each: (-each[0], list(Kind).index(each[1].kind)))

    def _score(self, kind: Kind, fits: int) -> Fraction:
        return WEIGHTS[kind] * Fraction(fits, max(fits, self.tried[kind]))


def _reading(kind: Kind, fits: Iterable[tuple[Row, int]], claim: Claim) -> Reading:
    fits = list(fits)
    becomes = {value for _, value in fits}
    return Reading(kind, tuple(row for row, _ in fits), becomes.pop() if len(becomes) == 1 else claim.value)


def explanations(scored: Sequence[tuple[Fraction, Reading]], most: int = MOST) -> tuple[Explanation, ...]:
    """At most so many explanations; readings of the same rows are one. `scored` has the likeliest first."""
    found: list[list[Reading]] = []
    for _, reading in scored:
        same = next((each for each in found if _concern_the_same(each[0], reading)), None)
        if same is None:
            found.append([reading])
        elif len(same) < MOST_READINGS:
            same.append(reading)
    return tuple(Explanation(tuple(each)) for each in found[:most])


def _concern_the_same(one: Reading, other: Reading) -> bool:
    """Whether all rows of one reading are among those of the other."""
    first, second = _keys(one), _keys(other)
    return None not in first | second and (first <= second or second <= first)


def _keys(reading: Reading) -> set[tuple[str, str] | None]:
    return {(row.entry, row.entry_id) if row.entry_id else None for row in reading.rows}
