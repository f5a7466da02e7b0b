"""Errors in a table of rules or a question about it, with messages that say how to fix them."""

from collections.abc import Iterable
from dataclasses import dataclass

from tiercore.suggestions import did_you_mean, nearest


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a table: the file, the dotted key ("" for the whole file), the problem and the fix."""

    file: str
    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        location = f"{self.file}: {self.key}" if self.key else self.file
        return f"{location}: {self.problem}. {self.remedy}"


class ProgramError(ValueError):
    """The tables of rules can't be used; `mistakes` has all mistakes, not just the first."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class Wrong(ValueError):
    """A value that its rule doesn't accept; the caller adds the file and the key."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem, self.remedy = problem, remedy
        super().__init__(f"{problem}. {remedy}")


class UnknownTier(KeyError):
    """The day's rules have no such tier; `tiers` are the ones they have, `suggestion` the most similar one, if any."""

    def __init__(self, name: str, tiers: Iterable[str]) -> None:
        self.name, self.tiers = name, tuple(tiers)
        self.suggestion = nearest(name, self.tiers)
        super().__init__(name)

    def __str__(self) -> str:
        return f"No tier '{self.name}'. {did_you_mean(self.name, self.tiers)}Tiers: {', '.join(self.tiers)}."


class UnknownRule(KeyError):
    """There is no rule at that dotted path; `suggestion` is the most similar path with one, if any."""

    def __init__(self, path: str, paths: Iterable[str]) -> None:
        self.path, self.suggestion = path, nearest(path, paths)
        super().__init__(path)

    def __str__(self) -> str:
        return f"No rule '{self.path}'." + (f" Did you mean {self.suggestion}?" if self.suggestion else "")
