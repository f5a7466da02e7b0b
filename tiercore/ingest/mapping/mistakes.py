"""What is wrong with a mapping's TOML, each with its line and a suggestion."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tiercore.ingest.mapping.toml_lines import Path, line_of
from tiercore.ingest.problems import Problem
from tiercore.suggestions import did_you_mean

KIND = "bad mapping"


class MappingError(ValueError):
    """A mapping can't be used; `problems` are all that is wrong with it, each with its line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class Mistakes:
    """What is wrong with one TOML text, `origin` its name."""

    origin: str
    lines: dict[Path, int]
    found: list[Problem] = field(default_factory=list)

    def add(self, path: Path, message: str, remedy: str, value: str = "") -> None:
        """Add what is wrong at a path of keys."""
        self.found.append(Problem(self.origin, self.line(path), dotted(path), value, KIND, message, remedy))

    def line(self, path: Path) -> int:
        """The line of a path of keys."""
        return line_of(self.lines, path)

    def unknown_keys(self, path: Path, table: Mapping[str, Any], known: Collection[str]) -> None:
        """Add each key of a table that isn't one of `known`."""
        for key in table.keys() - set(known):
            remedy = f"{did_you_mean(key, known)}Keys here: {', '.join(known)}."
            self.add((*path, key), "is not a key of a mapping here", remedy)

    def one_of(self, path: Path, value: Any, words: Collection[str]) -> str:
        """The value, which must be one of the words; an empty text if it isn't, which is added."""
        if isinstance(value, str) and value in words:
            return value
        guess = did_you_mean(value, words) if isinstance(value, str) else ""
        self.add(path, "is not a value of this key", f"{guess}Use {' or '.join(words)}.", str(value))
        return ""

    def text(self, path: Path, value: Any) -> str:
        """The value, which must be a text."""
        if isinstance(value, str):
            return value
        self.add(path, "is not a text", 'write it in quotes, such as "Close Date"', str(value))
        return ""

    def texts(self, path: Path, value: Any) -> tuple[str, ...]:
        """The value, which must be a text or a list of texts."""
        if isinstance(value, list) and value:
            return tuple(self.text(path, each) for each in value)
        return (self.text(path, value),)

    def flag(self, path: Path, value: Any) -> bool:
        """The value, which must be true or false."""
        if not isinstance(value, bool):
            self.add(path, "is neither true nor false", "write true or leave it out", str(value))
        return value is True

    def table(self, path: Path, value: Any) -> Mapping[str, Any]:
        """The value, which must be a table."""
        if isinstance(value, dict):
            return value
        self.add(path, "is not a table", "write it as { key = value } or under a heading in brackets", str(value))
        return {}


def dotted(path: Path) -> str:
    """The path as one writes it: sales.motion."""
    return ".".join(str(each) for each in path if not isinstance(each, int))
