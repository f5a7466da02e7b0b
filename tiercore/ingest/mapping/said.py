"""Where a row and a column of ours come from: problems of the import in the words of the export."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tiercore.ingest.checks import KEY_SEPARATOR
from tiercore.ingest.mapping.outcome import Place
from tiercore.ingest.mapping.rows import OF_TABLE
from tiercore.ingest.mapping.rules import RuleAtWork
from tiercore.ingest.problems import Problem


@dataclass(slots=True)
class Said:
    """`tables` are the names of their tables, in the order of the numbers of their rows; `origin` is the mapping's."""

    origin: str
    tables: Sequence[str]
    _rules: dict[tuple[str, int], RuleAtWork] = field(default_factory=dict)

    def learn(self, rule: RuleAtWork, bases: Iterable[int]) -> None:
        """Remember the rule that makes rows of our file from tables whose numbers begin at `bases`."""
        for base in bases:
            self._rules.setdefault((rule.rule.file, base // OF_TABLE), rule)

    def place(self, number: int) -> Place:
        """The table and line of a row's number."""
        table, line = divmod(number, OF_TABLE)
        return self.tables[table], line

    def of(self, problem: Problem) -> Problem:
        """A problem of a row of ours as one of theirs; of a constant, as one of the mapping."""
        rule = self._rules.get((problem.file, problem.line // OF_TABLE)) if problem.line else None
        if rule is None:
            return problem
        table, line = self.place(problem.line)
        ours = problem.column.split(KEY_SEPARATOR) if problem.column else []
        columns = dict.fromkeys(filter(None, map(rule.column, ours)))
        if ours and not columns and ours[0] in rule.rule.cells:
            return replace(problem, file=self.origin, line=rule.rule.lines.get(ours[0], 0))
        return replace(problem, file=table, line=line, column=", ".join(columns) or problem.column)
