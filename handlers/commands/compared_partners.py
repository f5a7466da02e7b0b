"""Which partners `/portfolio compare` names, with or without quotes and commas between them."""

from collections.abc import Sequence
from typing import NamedTuple

from handlers.parsing.portfolio import FEWEST, MOST, names_in, separated
from handlers.parsing.words import joined, words_of
from handlers.question import InvalidInput
from handlers.views.parts.formats import listed
from tiercore.access import PartnerName, Reach, plain

_MAX_UNSURE = 5  # ways to divide the words of which similar names are looked for
_MOST_WORDS = 6  # of a name that is looked for among many
_LONGEST = 60  # characters of a name that are said again
_HOW = f"Name {FEWEST} to {MOST} of those you can see, like /portfolio compare “Partner A” “Partner B”."


class _Division(NamedTuple):
    """The words divided into names, and the partners that each of them names."""

    names: Sequence[str]
    partners: Sequence[Sequence[PartnerName]]

    @property
    def single(self) -> list[PartnerName]:
        """The partners that are named, each once."""
        return list(dict.fromkeys(each[0] for each in self.partners if len(each) == 1))

    @property
    def odd(self) -> list[str]:
        """The names that are nobody's, or those of several partners."""
        return [name for name, each in zip(self.names, self.partners, strict=True) if len(each) != 1]

    @property
    def is_of_a_fitting_number(self) -> bool:
        """Whether so many can be compared."""
        return FEWEST <= len(self.names) <= MOST


def compared_partners(text: str, reach: Reach) -> list[PartnerName]:
    """The two to four partners that the text names, each once. Raises InvalidInput, which says what is wrong."""
    divisions = list[_Division]()
    for names in names_in(words_of(text)):
        found = _Division(names, [reach.index.named(each) for each in names])
        if found.is_of_a_fitting_number and len(found.single) == len(names):
            return found.single
        divisions.append(found)
    if len(named := _named_in_a_row(text, reach)) > MOST:
        raise InvalidInput(f"That's {len(named)} partners, too many side by side. {_HOW}")
    unsure = [each for each in divisions if each.is_of_a_fitting_number and len(each.odd) == 1]
    if unsure:
        likely = (each for each in unsure[:_MAX_UNSURE] if _meant_by(each.odd[0], reach))
        raise _did_you_mean(next(likely, min(unsure, key=lambda each: len(each.odd[0]))), reach)
    known = next((each for each in divisions if each.names and not each.odd), None)
    raise InvalidInput(f"{_of_known(known) if known else _of_unknown(divisions)}{_HOW}")


def _named_in_a_row(text: str, reach: Reach) -> list[str]:
    """The partners that the words name one after the other, the longest names first, each once; none where some words
    name nobody, or several.
    """
    found = dict[str, None]()
    for run in separated(words_of(text)):
        at = 0
        while at < len(run):
            ends = range(min(len(run), at + _MOST_WORDS), at, -1)
            named = ((end, reach.index.named(joined(run[at:end]) or "")) for end in ends)
            at, partner_id = next(((end, each[0].partner_id) for end, each in named if len(each) == 1), (0, ""))
            if not partner_id:
                return []
            found[partner_id] = None
    return list(found)


def _of_known(division: _Division) -> str:
    """Each name is that of a partner, but they are too few or too many."""
    if len(division.single) == 1:
        return f"That's one partner, {division.single[0].name}, and there's nothing to compare it with. "
    return f"That's {len(division.single)} partners, too many side by side. "


def _of_unknown(divisions: Sequence[_Division]) -> str:
    """Some of the names are nobody's, or those of several partners; "" where nothing is named."""
    asked = next((each for each in divisions if each.names), None)  # as they were separated
    if asked is None:
        return ""
    several = [name for name, each in zip(asked.names, asked.partners, strict=True) if len(each) > 1]
    unknown = [name for name in asked.odd if name not in several]
    said = [f"I can't find {_quoted(unknown)} among the partners you can see. "] if unknown else []
    said += [f"Several partners are called {_quoted(several)}. "] if several else []
    return "".join(said)


def _quoted(names: Sequence[str]) -> str:
    return listed([f"“{each[:_LONGEST]}”" for each in names])


def _meant_by(text: str, reach: Reach) -> Sequence[PartnerName]:
    """The partners of this name, or else with similar ones."""
    return reach.index.named(text) or reach.index.alike(text)


def _did_you_mean(division: _Division, reach: Reach) -> InvalidInput:
    """One of the names is nobody's, or that of several partners: the same comparison with those it may mean."""
    names, [unsure] = division.names, division.odd
    fitting = list(reach.index.named(unsure))
    what = "Several partners are called" if fitting else "I can't find a partner called"
    choices, meant = [], _meant_by(unsure, reach)[:3]
    if not fitting and sum(plain(unsure) in plain(each.name) for each in meant) > 1:
        what = "Several partners have names with"
    for each in meant:
        chosen = [f'"{each.partner_id}"' if name == unsure else f'"{name}"' for name in names]
        choices.append((f"Compare with {each.name} ({each.partner_id})", f"compare {' '.join(chosen)}"))
    return InvalidInput(f"{what} “{unsure[:_LONGEST]}” among those you can see.", choices)
