"""One reading of an export: rows of theirs in, rows of ours, problems and counts out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from tiercore.ingest.files import FORMATS
from tiercore.ingest.mapping.assigning import assign
from tiercore.ingest.mapping.derived_ids import DerivedIds
from tiercore.ingest.mapping.layout import Layout
from tiercore.ingest.mapping.levels import TwoCurrencies, running_totals
from tiercore.ingest.mapping.made import MadeTable
from tiercore.ingest.mapping.makers import Makers, NoColumn
from tiercore.ingest.mapping.mapping import ExportMapping, Input, RawTable
from tiercore.ingest.mapping.mistakes import KIND
from tiercore.ingest.mapping.outcome import Outcome, TooManyProblems
from tiercore.ingest.mapping.rows import OF_TABLE, Index, InputRows, Numbered
from tiercore.ingest.mapping.rules import RuleAtWork
from tiercore.ingest.mapping.said import Said
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import BadCell, Problem
from tiercore.ingest.tables import Listing
from tiercore.program import Catalogue

_NOT_REFERRED_TO: frozenset[int] = frozenset()


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
        self.outcome = Outcome(mapping.origin)

    def listing(self) -> Listing:
        """The tables of ours, as far as they can be made, in the order of FILES."""
        assigned = assign(self._mapping, self._raw)
        found = Listing(dates=self._mapping.dates, said=self._said.of)
        found.problems, found.warnings = assigned.problems, assigned.warnings
        if not found.problems:
            self._read(assigned.tables)
        found.problems += [*self._problems, *self.outcome.all_problems()]
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
                rows = InputRows.of(each, table, self._bases[id(table)], self._indices, self.outcome)
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
                rows = InputRows.of(each, table, self._bases[id(table)], self._indices, self.outcome)
                self._apply(self._at_work(each, rows.layout, [table]), rows.read(), None)

    def _at_work(self, each: Input, layout: Layout, tables: Sequence[RawTable]) -> list[RuleAtWork]:
        """The rules for an input's rows; those for whose columns there is none are left out, and said."""
        found = []
        for rule in self._mapping.rules if tables else ():
            if rule.input == each.name:
                makers = Makers(layout, self._ids, self._rounded)
                with self._columns():
                    at_work = RuleAtWork.of(rule, makers, self._made[rule.file].header)
                    self._said.learn(at_work, [self._bases[id(table)] for table in tables])
                    if not makers.missing:
                        found.append(at_work)
                if rule.optional and makers.missing:
                    self.outcome.left_out[layout.table, rule.file] = " or ".join(makers.missing[0].names)
                    continue
                for no_column in makers.missing:
                    self._no_column(no_column)
        return found

    def _apply(self, rules: Sequence[RuleAtWork], rows: Iterable[Numbered], index: Index | None) -> None:
        plans = [(each, self._made[each.rule.file], each.makes(), _referred_to(each, index)) for each in rules]
        outcome, counts = self.outcome, [0] * len(rules)
        for number, row in rows:
            for at, (each, made, makes, referred_to) in enumerate(plans):
                if number in referred_to:
                    outcome.skip(each.layout.table, f"counted by their rows of {each.rule.without}", each.rule.file)
                    continue
                if each.filters.decisions and self._skips(each, number, row):
                    continue
                try:
                    cells = [make(row) for make in makes]
                except BadCell:
                    each.wrong_cells(row, self._said.place(number), outcome)
                    continue
                if (before := made.add(number, cells, each.rule)) is None:
                    counts[at] += 1
                else:
                    self._repeated(each, made, number, cells, before)
        for each, count in zip(rules, counts, strict=True):
            outcome.made[each.layout.table, each.rule.file] += count

    def _skips(self, each: RuleAtWork, number: int, row: list[str]) -> bool:
        return each.filters.skips(row, self._said.place(number), each.rule.file, self.outcome)

    def _repeated(self, each: RuleAtWork, made: MadeTable, number: int, cells: list[str], before: int) -> None:
        """Count a row that says the same as one before, or say that it says something else."""
        if not before:
            self.outcome.merged[each.layout.table, each.rule.file] += 1
            return
        key = made.key_of(cells)
        columns = ", ".join(dict.fromkeys(filter(None, map(each.column, key)))) or ", ".join(key)
        value = ", ".join(filter(None, made.key_values(cells)))
        self.outcome.wrong(self._said.place(number), columns, value, self._also_on(each, before))

    def _also_on(self, each: RuleAtWork, before: int) -> BadCell:
        table, line = self._said.place(before)
        message = f"is also on line {line} of {table}, with other values for {each.rule.file}"
        if each.rule.file == "sales.csv":
            return BadCell("duplicate key", f"is also on line {line} of {table}", "give each sale an id of its own")
        remedy = 'correct one of the rows, or say in the mapping which stands: repeats = "first" or "last"'
        return BadCell("duplicate key", message, remedy)

    def _add_up(self) -> None:
        """Add up what rows of levels add, where the mapping says that they do."""
        for file in {rule.file for rule in self._mapping.rules if rule.added}:
            made = self._made[file]
            try:
                made.lines = running_totals(made.header, made.lines, self._catalogue, self._mapping.dates)
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
        bad = BadCell(KIND, found.bad.message, found.bad.remedy)
        self._wrong(self._mapping.origin, found.line, " or ".join(found.names), bad)

    def _wrong(self, file: str, line: int, value: str, bad: BadCell) -> None:
        self._problems.append(Problem(file, line, "", value, bad.kind, bad.message, bad.remedy))


def _referred_to(each: RuleAtWork, index: Index | None) -> frozenset[int]:
    """The numbers of the rows that a rule leaves to another input, whose rows refer to them."""
    if not each.rule.without or index is None:
        return _NOT_REFERRED_TO
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
