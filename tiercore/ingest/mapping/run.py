"""One reading of an export: rows of theirs in, rows of ours, problems and counts out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice

from tiercore.ingest.files import FORMATS
from tiercore.ingest.mapping.applying import Applying
from tiercore.ingest.mapping.assigning import assign
from tiercore.ingest.mapping.derived_ids import DerivedIds
from tiercore.ingest.mapping.layout import Layout
from tiercore.ingest.mapping.levels import TwoCurrencies, running_totals
from tiercore.ingest.mapping.made import MadeTable
from tiercore.ingest.mapping.makers import Makers, NoColumn
from tiercore.ingest.mapping.mapping import ExportMapping, Input, RawTable, Recipe, Rule
from tiercore.ingest.mapping.mistakes import KIND
from tiercore.ingest.mapping.outcome import Outcome, TooManyProblems
from tiercore.ingest.mapping.periods import odd_periods
from tiercore.ingest.mapping.rows import OF_TABLE, Index, InputRows, Numbered
from tiercore.ingest.mapping.rules import RuleAtWork
from tiercore.ingest.mapping.said import Said
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import BadCell, Problem
from tiercore.ingest.tables import Listing
from tiercore.program import Catalogue

_AT_A_TIME = 2_000  # rows
_NONE: frozenset[int] = frozenset()


class Run:
    """Reads the tables of an export through a mapping, once. `outcome` says what became of the rows."""

    def __init__(self, mapping: ExportMapping, raw: Sequence[RawTable], catalogue: Catalogue) -> None:
        self._mapping, self._raw, self._catalogue = mapping, raw, catalogue
        self._bases = {id(table): at * OF_TABLE for at, table in enumerate(raw)}
        self._indices: dict[str, Index] = {}
        self._made: dict[str, MadeTable] = {}
        self._ids: dict[str, DerivedIds] = defaultdict(DerivedIds)
        self._rounded: Counter[str] = Counter()
        self._said = Said(mapping.origin, [table.name for table in raw])
        self._problems: list[Problem] = []
        self._lacking: dict[tuple[str, str, str], list[int]] = {}
        self.outcome = Outcome(mapping.origin)

    def listing(self) -> Listing:
        """The tables of ours, as far as they can be made, in the order of FILES."""
        assigned = assign(self._mapping, self._raw)
        found = Listing(dates=self._mapping.dates, decimal=self._mapping.decimal, said=self._said.of)
        found.problems, found.warnings = assigned.problems, assigned.warnings
        if not found.problems:
            self._read(assigned.tables)
        found.problems += [*self._no_columns(), *self._problems, *self.outcome.all_problems()]
        found.warnings += list(dict.fromkeys(self.outcome.warnings))
        found.warnings += [_rounding(table, count) for table, count in self._rounded.items()]
        found.tables += [self._made[file].as_table() for file in FORMATS if file in self._made]
        if found.problems:
            found.unread |= set(FORMATS)  # what rows refer to may be in a row with a problem
        return found

    def _read(self, tables: Mapping[str, Sequence[RawTable]]) -> None:
        for file in dict.fromkeys(rule.file for rule in self._mapping.rules):
            self._made[file] = MadeTable.of(file, [rule for rule in self._mapping.rules if rule.file == file])
        order = _referred_to_first(self._mapping.inputs)
        try:
            for each in order:
                if any(each.name in other.joins for other in order):
                    self._index(each, tables[each.name])
            for each in reversed(order):
                self._make(each, tables[each.name])
            self._add_up()
        except TooManyProblems:
            bad = BadCell("too many problems", "has too many problems, the rest wasn't read", "fix those listed first")
            self._wrong(self._mapping.origin, 0, "", bad)

    def _index(self, each: Input, tables: Sequence[RawTable]) -> None:
        """Keep the rows of an input that others refer to."""
        for table in tables:
            with self._reading(table):
                rows = InputRows.of(each, table, self._bases[id(table)], self._indices, self.outcome, self._mapping)
                index = self._indices.setdefault(each.name, Index(rows.layout))
                if list(map(plain, index.layout.shown)) == list(map(plain, rows.layout.shown)):
                    rows.index(index)
                else:
                    raise BadCell("other columns", f"has other columns than {index.layout.table}", "export both alike")
        self._indices.setdefault(each.name, Index(Layout.of(each.name, ()), there=False))

    def _make(self, each: Input, tables: Sequence[RawTable]) -> None:
        """Make our rows of an input's rows; those that were kept aren't read again."""
        if index := self._indices.get(each.name):
            at_work = self._at_work(each, index.layout, tables)
            self._apply(at_work, [(number, row) for number, row in index.rows.values() if row is not None], index)
            return
        for table in tables:
            with self._reading(table):
                rows = InputRows.of(each, table, self._bases[id(table)], self._indices, self.outcome, self._mapping)
                self._apply(self._at_work(each, rows.layout, [table]), rows.read(), None)

    def _at_work(self, each: Input, layout: Layout, tables: Sequence[RawTable]) -> list[RuleAtWork]:
        """The rules for an input's rows; those for whose columns there is none are left out, and said."""
        found = []
        for rule in self._mapping.rules if tables else ():
            if rule.input == each.name:
                makers = Makers(layout, self._ids, self._rounded, self._mapping.decimal, self._mapping.dates)
                with self._columns():
                    at_work = RuleAtWork.of(rule, makers, self._made[rule.file].header, self._deal_type(rule))
                    self._said.learn(at_work, [self._bases[id(table)] for table in tables])
                    if not makers.missing:
                        found.append(at_work)
                        self.outcome.warnings += odd_periods(rule, layout, self._mapping.origin)
                lacking = [each for each in makers.missing if not each.setting]
                if rule.optional and lacking:
                    self.outcome.left_out[layout.table, rule.file] = " or ".join(lacking[0].names)
                    continue
                for no_column in makers.missing:
                    self._no_column(no_column)
        return found

    def _deal_type(self, rule: Rule) -> Recipe | None:
        """What says the deal type of a row whose amount adds to a level: a renewal's adds nothing."""
        of_sales = (each for each in self._mapping.rules if each.file == "sales.csv" and each.input == rule.input)
        return (
            next((each.cells["deal_type"] for each in of_sales if "deal_type" in each.cells), None)
            if rule.added
            else None
        )

    def _apply(self, rules: Sequence[RuleAtWork], rows: Iterable[Numbered], index: Index | None) -> None:
        """Make rows of ours, some rows of theirs at a time."""
        applying = [
            Applying(each, self._made[each.rule.file], self._said, self.outcome, _referred_to(each, index))
            for each in rules
        ]
        rows = iter(rows)
        while some := list(islice(rows, _AT_A_TIME)):
            for each in applying:
                each.to(some)
        for each in applying:
            each.count()

    def _add_up(self) -> None:
        """Add up what rows of levels add, where the mapping says that they do."""
        for file in {rule.file for rule in self._mapping.rules if rule.added}:
            made = self._made[file]
            try:
                made.lines = running_totals(made.header, made.lines, self._catalogue, self._mapping)
            except TwoCurrencies as two:
                self.outcome.wrong(self._said.place(two.number), "currency", two.currency, two)

    @contextmanager
    def _reading(self, table: RawTable) -> Iterator[None]:
        """What can't be read is a problem of the table."""
        with self._columns():
            try:
                yield
            except BadCell as bad:
                self._wrong(table.name, 0, "", bad)
            except OSError as error:
                reason = f"can't be read ({error.strerror})"
                self._wrong(table.name, 0, "", BadCell("no file", reason, "make the file readable"))

    @contextmanager
    def _columns(self) -> Iterator[None]:
        """What the header lacks is a problem of the mapping."""
        try:
            yield
        except NoColumn as no_column:
            self._no_column(no_column)

    def _no_column(self, found: NoColumn) -> None:
        """A column that several lines of the mapping name is one problem."""
        lines = self._lacking.setdefault((" or ".join(found.names), found.bad.message, found.bad.remedy), [])
        if found.line not in lines:
            lines.append(found.line)

    def _no_columns(self) -> Iterator[Problem]:
        for (names, message, remedy), lines in self._lacking.items():
            first, *others = sorted(filter(None, lines)) or [0]
            more = f"; lines {', '.join(map(str, others))} name it, too" if len(others) > 1 else ""
            more = f"; line {others[0]} names it, too" if len(others) == 1 else more
            yield Problem(self._mapping.origin, first, "", names, KIND, message + more, remedy)

    def _wrong(self, file: str, line: int, value: str, bad: BadCell) -> None:
        self._problems.append(Problem(file, line, "", value, bad.kind, bad.message, bad.remedy))


def _referred_to(each: RuleAtWork, index: Index | None) -> frozenset[int]:
    """The numbers of the rows that a rule leaves to another input, whose rows refer to them."""
    if not each.rule.without or index is None:
        return _NONE
    return frozenset(index.rows[key][0] for key in index.referred_to[each.rule.without] if key in index.rows)


def _rounding(table: str, count: int) -> Problem:
    amounts = "1 monthly amount was" if count == 1 else f"{count:,} monthly amounts were"
    message = f"{amounts} rounded half up to the currency's smallest unit"
    return Problem(table, 0, "", "", "rounded", message, "the exact amount is that of the whole term")


def _referred_to_first(inputs: Mapping[str, Input]) -> list[Input]:
    """The inputs, each after those that it joins."""
    found: dict[str, Input] = {}

    def add(each: Input) -> None:
        for other in each.joins:
            add(inputs[other])
        found.setdefault(each.name, each)

    for each in inputs.values():
        add(each)
    return list(found.values())
