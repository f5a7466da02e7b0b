"""The catalogue of product lines: which line and edition a name stands for, and what a line is called on a day.

A line is the hub, its editions are steps of one line, and a name that it had before is the same line
(how-tiers-work#product-lines). Entries keep the text that came; the catalogue is applied when they are rated.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tiercore.program.mistakes import Mistake
from tiercore.program.parameter import Parameter

_TYPED_OTHERWISE = re.compile(r"[\W_]+")
_MAKER = "hubspot"
_MOST_REMEMBERED = 50_000


class ProductLine(NamedTuple):
    """What a name stands for: `hub` is the line, by its latest name; `edition` None where the name has none.

    `name` is the name of the line that was used, of those that it has had; `rank` says which of two editions is the
    higher, and of two names the later. A name that isn't in the catalogue is a line of its own, and not `known`.
    """

    hub: str
    edition: str | None
    name: str
    rank: tuple[int, int] = (0, 0)
    known: bool = True


@dataclass(slots=True)
class _Line:
    """What the tables say of one line, its names ascending by day."""

    key: str
    names: list[tuple[date, str]] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    editions: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def spelled(self) -> Iterator[tuple[str, int]]:
        """Each name and alias, with the place of the name that it stands for; an alias stands for the latest."""
        yield from ((name, place) for place, (_, name) in enumerate(self.names))
        yield from ((alias, len(self.names) - 1) for alias in self.aliases)


class Catalogue:
    """All lines of the program's tables; immutable. `mistakes` are names that two lines claim."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        lines, spellings = _read(parameters)
        self.mistakes: list[Mistake] = []
        self._names: dict[str, list[tuple[date, str]]] = {}
        self._by_text: dict[str, ProductLine] = {}
        self._shown: list[str] = []
        for line in lines:
            self._add(line, spellings)
        self._spelled = {
            text: " ".join(filter(None, (found.name, found.edition))) for text, found in self._by_text.items()
        }
        self._remembered: dict[str, ProductLine] = {}

    def line_of(self, text: str) -> ProductLine:
        """The line and edition that a text names, however it is spelled; one that is unknown is a line of its own."""
        found = self._remembered.get(text)
        if found is None:
            bare = _bare(text)
            found = self._by_text.get(bare) or self._by_text.get(bare.removeprefix(_MAKER))
            found = found or ProductLine(text, None, text, known=False)
            if len(self._remembered) < _MOST_REMEMBERED:
                self._remembered[text] = found
        return found

    def names(self) -> tuple[str, ...]:
        """Every line with each of its editions, as they are written out: what a misspelled name may have meant."""
        return tuple(self._shown)

    def spellings(self) -> Mapping[str, str]:
        """By each way to write a name, abbreviations and aliases included, the name that it stands for written out."""
        return self._spelled

    def names_on(self, day: date) -> Mapping[str, str]:
        """What each line is called on the day, by its latest name."""
        return {
            hub: next((name for since, name in reversed(names) if since <= day), names[0][1])
            for hub, names in self._names.items()
        }

    def _add(self, line: _Line, spellings: Mapping[str, tuple[str, ...]]) -> None:
        hub = line.names[-1][1]
        self._names[hub] = line.names
        for name, place in line.spelled():
            used = line.names[place][1]
            self._claim(line, name, ProductLine(hub, None, used, (0, place)))
            for rank, edition in enumerate(line.editions, start=1):
                for spelling in spellings.get(edition, (edition,)):
                    found = ProductLine(hub, edition, used, (rank, place))
                    self._claim(line, f"{name} {spelling}", found)
                    self._claim(line, f"{spelling} {name}", found)
        for _, name in line.names:
            self._shown += [name, *(f"{name} {edition}" for edition in line.editions)]

    def _claim(self, line: _Line, text: str, found: ProductLine) -> None:
        held = self._by_text.setdefault(_bare(text), found)
        if held.hub != found.hub:
            problem = f"'{text}' names both {held.hub} and {found.hub}"
            self.mistakes.append(Mistake(line.files[-1], f"lines.{line.key}", problem, "Give it to one of them"))


def _read(parameters: Iterable[Parameter]) -> tuple[list[_Line], dict[str, tuple[str, ...]]]:
    """The lines, shipped ones first, and by each edition's name the ways in which it is written."""
    lines: dict[str, _Line] = {}
    spellings: dict[str, tuple[str, ...]] = {}
    for parameter in parameters:
        group, key, *rest = parameter.path.split(".")
        if group == "editions":
            words = _words(parameter)
            spellings[words[0]] = words
        elif group == "lines":
            line = lines.setdefault(key, _Line(key))
            line.files += [dated.file for dated in parameter.dated]
            if rest == ["name"]:
                line.names = [(dated.since, dated.value) for dated in parameter.dated if isinstance(dated.value, str)]
            elif rest == ["aliases"]:
                line.aliases = list(_words(parameter))
            else:
                line.editions = list(_words(parameter))
    return [line for line in lines.values() if line.names], spellings


def _words(parameter: Parameter) -> tuple[str, ...]:
    """The words of every day, in their order: what was once a name stays understood."""
    found: dict[str, None] = defaultdict()
    for dated in parameter.dated:
        found.update(dict.fromkeys(dated.value if isinstance(dated.value, tuple) else ()))
    return tuple(found)


def _bare(text: str) -> str:
    """The text without what is easily typed otherwise: case, spaces, hyphens, brackets."""
    return _TYPED_OTHERWISE.sub("", text.casefold())
