"""Choosing among a portal's properties by their labels: the one that fits is written, several are a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.hubspot.schema import PortalSchema, Property
from tiercore.ingest.mapping.drafts import Draft, Section, quoted
from tiercore.ingest.mapping.texts import plain

OWN_ID = "hs_object_id"
_NUMBERS = frozenset({"number", "id", "nr", "no", "nummer"})
_MOST_VALUES = 40
Words = Sequence[str]


@dataclass(frozen=True, slots=True)
class Chooser:
    """Writes the keys of a mapping for a portal. A `prefix` is that of an input that is joined, such as "deals."."""

    schema: PortalSchema
    draft: Draft

    def property(self, of: str, *wanted: Words) -> Property | None:
        """The one property whose label has all of the first words, or else of the next, if there is just one."""
        for words in wanted:
            found = self._with(of, words)
            exact = [
                each for each in found if plain(each.label) == " ".join(words) or plain(each.name) == " ".join(words)
            ]
            if len(exact) == 1 or len(found) == 1:
                return (exact if len(exact) == 1 else found)[0]
        return None

    def id_of(self, of: str, noun: str) -> Property | None:
        """The property with the number that people give to a partner, client or sale."""
        found = [each for each in self._with(of, (noun,)) if _NUMBERS & _words(each)]
        return found[0] if len(found) == 1 else None

    def has(self, of: str, name: str) -> bool:
        """Whether the portal has a property of this name."""
        return any(each.name == name for each in self.schema.properties.get(of, ()))

    def choose(
        self,
        section: Section,
        ours: str,
        of: str,
        wanted: Sequence[Words],
        what: str,
        example: str = "",
        prefix: str = "",
    ) -> None:
        """Write the property; a question where several fit, or none."""
        if found := self.property(of, *wanted):
            section.set(ours, quoted(prefix + found.name), found.label)
            return
        fitting = {each.name: each for words in wanted for each in self._with(of, words)}
        choices = [f"{ours} = {quoted(prefix + each.name)}  # {each.label}" for each in fitting.values()]
        self.draft.ask(section.lines, ours, what, [*choices, *([example] if example else [])] or [f'{ours} = "…"'])

    def optional(self, section: Section, ours: str, of: str, *wanted: Words) -> None:
        """Write the property if there is one."""
        if found := self.property(of, *wanted):
            section.set(ours, quoted(found.name), found.label)

    def words(self, section: Section, ours: str, known: Mapping[str, str], words: Sequence[str]) -> None:
        """The enumeration of deals any of whose values we know; each value that we don't know is a question."""
        found = [each for each in self.schema.properties["deals"] if _known(each, known)]
        if len(found) != 1:
            choices = [f"{ours} = {quoted(f'deals.{each.name}')}  # {each.label}" for each in found]
            choices += [f"{ours} = {{ value = {quoted(word)} }}" for word in words]
            self.draft.ask(section.lines, ours, f"which {ours.replace('_', ' ')} are these sales?", choices)
            return
        lines = ["", f"[sales.{ours}]", f"column = {quoted(f'deals.{found[0].name}')}", f"[sales.{ours}.values]"]
        for value, label in list(found[0].options.items())[:_MOST_VALUES]:
            if word := known.get(plain(value)) or known.get(plain(label)):
                lines.append(f"{quoted(value)} = {quoted(word)}")
            else:
                what = f"which is {label or value}? {', '.join(words)}"
                self.draft.ask(lines, ours, what, [f'{quoted(value)} = "…"'])
        section.below += lines

    def _with(self, of: str, words: Words) -> list[Property]:
        properties = self.schema.properties.get(of, ())
        return [each for each in properties if each.name != OWN_ID and set(words) <= _words(each)]


def _words(of: Property) -> frozenset[str]:
    return frozenset(plain(of.label.replace("/", " ")).split())


def _known(of: Property, known: Mapping[str, str]) -> bool:
    """Whether any of an enumeration's values is one that we know."""
    return any(plain(text) in known for option in of.options.items() for text in option)
