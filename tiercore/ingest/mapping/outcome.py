"""What became of the rows of an export: made, skipped, the same as another, or a problem. None is lost silently."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tiercore.ingest.files import FORMATS
from tiercore.ingest.mapping.mapping import RowFilter, Rule
from tiercore.ingest.mapping.values import UNTRANSLATED, words_of
from tiercore.ingest.problems import BadCell, Problem, shown

_MOST_PROBLEMS = 200_000
_MOST_VALUES, _MOST_DIFFERENT = 12, 1_000
Place = tuple[str, int]  # the table, as messages call it, and the line


class TooManyProblems(Exception):
    """There are more problems than anyone reads."""


@dataclass(slots=True)
class _Values:
    """The values of one column of theirs that a mapping doesn't know: how many rows each has, and the first row.

    Beyond _MOST_DIFFERENT only the rows are counted.
    """

    first: Place
    counts: Counter[str] = field(default_factory=Counter)
    more: int = 0

    def add(self, value: str) -> None:
        """Count a row."""
        if value in self.counts or len(self.counts) < _MOST_DIFFERENT:
            self.counts[value] += 1
        else:
            self.more += 1


@dataclass(slots=True)
class Outcome:
    """Collects what became of the rows. Tables are named as messages call them.

    `open` are the numbers of the rows of deals that aren't closed yet.
    """

    origin: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    made: Counter[tuple[str, str]] = field(default_factory=Counter)
    merged: Counter[tuple[str, str]] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    left_out: dict[tuple[str, str], str] = field(default_factory=dict)
    untranslated: dict[tuple[str, str, str, str], _Values] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    unfiltered: dict[tuple[str, str, RowFilter], _Values] = field(default_factory=dict)

    def wrong(self, place: Place, column: str, value: str, bad: BadCell) -> None:
        """Add a problem of a row. Raises TooManyProblems beyond 200,000."""
        self.problems.append(Problem(*place, column, value[:200], bad.kind, bad.message, bad.remedy))
        if len(self.problems) >= _MOST_PROBLEMS:
            raise TooManyProblems

    def not_translated(self, place: Place, column: str, value: str, rule: Rule, ours: str) -> None:
        """Count a value that the mapping doesn't translate."""
        key = (place[0], column, rule.file, ours)
        self.untranslated.setdefault(key, _Values(place)).add(value[:200])

    def not_filtered(self, place: Place, column: str, value: str, by: RowFilter) -> None:
        """Count a value of which the mapping doesn't say whether its rows count."""
        self.unfiltered.setdefault((place[0], column, by), _Values(place)).add(value[:200])

    def skip(self, table: str, reason: str, file: str) -> None:
        """Count a row that doesn't count for a file of ours, or for any if it is empty."""
        self.skipped[table, reason, file] += 1

    def all_problems(self) -> list[Problem]:
        """The problems of rows and of values, in the order of the lines."""
        found = [*self.problems, *self._of_values(), *self._of_filters()]
        return sorted(found, key=lambda problem: (problem.file, problem.line))

    def summary(self) -> tuple[str, ...]:
        """For each table: its rows, what they made, and which were skipped and why."""
        return tuple(line for table in self.rows for line in self._of_table(table))

    def _of_table(self, table: str) -> Iterator[str]:
        made = [f"{count:,} {file}" for (of, file), count in self.made.items() if of == table]
        rows = self.rows[table]
        yield f"{table}: {rows:,} {'row' if rows == 1 else 'rows'} → {', '.join(made) or 'nothing'}"
        for (of, reason, file), count in self.skipped.most_common():
            if of == table:
                yield f"  skipped{f' for {file}' if file else ''}: {_rows(count)}, {shown(reason, 200)}"
        for (of, file), count in self.merged.items():
            if of == table:
                yield f"  the same as another row of {file}: {count:,}"

        for (of, file), column in self.left_out.items():
            if of == table:
                yield f"  no {file}: there is no column {column}"

    def _of_values(self) -> Iterator[Problem]:
        for (_, column, file, ours), values in self.untranslated.items():
            stem = file.removesuffix(".csv")
            kind = next(each.kind for each in FORMATS[file].columns if each.name == ours)
            example = " or ".join(f'"{word}"' for word in words_of(kind)) or '"…"'
            lines = _toml(values.counts, "…")
            remedy = f"add to {self.origin}, under [{stem}.{ours}.values]: {lines} (in place of …: {example})"
            yield self._listed(column, values, "the mapping doesn't translate", remedy)

    def _of_filters(self) -> Iterator[Problem]:
        for (_, column, by), values in self.unfiltered.items():
            texts = ", ".join(_quoted(value) for value in _most(values.counts))
            line = f", line {by.line}" if by.line else ""
            remedy = f"add them to count or skip in {self.origin}{line}: skip = [{texts}]"
            yield self._listed(column, values, "neither count nor skip has", remedy)

    def _listed(self, column: str, values: _Values, what: str, remedy: str) -> Problem:
        counted = [f"{shown(value) or '(empty)'} ({_rows(count)})" for value, count in values.counts.most_common()]
        more = f", and {len(counted) - _MOST_VALUES:,} more" if len(counted) > _MOST_VALUES else ""
        number = f"{len(counted):,} {'value' if len(counted) == 1 else 'values'}"
        if values.more:
            number, more = f"more than {number}", f"{more}, and others in {_rows(values.more)}"
        message = f"has {number} that {what}: {', '.join(counted[:_MOST_VALUES])}{more}"
        return Problem(*values.first, column, "", UNTRANSLATED, message, remedy)


def _most(counts: Counter[str]) -> Sequence[str]:
    return [value for value, _ in counts.most_common(_MOST_VALUES)]


def _toml(counts: Counter[str], to: str) -> str:
    return "; ".join(f'{_quoted(value)} = "{to}"' for value in _most(counts))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
