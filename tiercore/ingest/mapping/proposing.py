"""Proposing a mapping for an export: what is certain is written, what isn't is left to decide (data#propose)."""

from collections import Counter
from dataclasses import dataclass

from tiercore.facts.entries import DealType, Motion
from tiercore.ingest.mapping.drafts import Draft, Section, listed, quoted
from tiercore.ingest.mapping.guessing import Guesses, guesses_of
from tiercore.ingest.mapping.mapping import RawTable
from tiercore.ingest.mapping.previewing import Preview, previews
from tiercore.ingest.mapping.shapes import order_of_days
from tiercore.ingest.mapping.synonyms import DEAL_TYPES, MOTIONS, STAGES, Meaning
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import shown
from tiercore.program import Catalogue

_DAYS = (Meaning.SOLD_ON, Meaning.STARTS_ON, Meaning.ENDS_ON, Meaning.EFFECTIVE_ON, Meaning.RENEWS_ON)
_AMOUNTS = (Meaning.MRR, Meaning.ARR, Meaning.TCV, Meaning.AMOUNT)
_MOST_VALUES = 30


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping as TOML, the first rows as it makes them, and what is left: what isn't known, and what to fill in.

    `unread` are the columns that it makes nothing of.
    """

    toml: str
    previews: tuple[Preview, ...]
    questions: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]


def propose(table: RawTable, catalogue: Catalogue) -> Proposal:
    """A mapping for a table, from its header and first rows. Raises BadCell or OSError if it can't be read."""
    guesses = guesses_of(table, catalogue)
    writer = _Writer(guesses)
    toml = writer.write(table.name)
    unread = tuple(guesses.unknown())
    return Proposal(toml, tuple(previews(toml, table, guesses.rows)), tuple(writer.draft.questions), unread)


class _Writer:
    def __init__(self, guesses: Guesses) -> None:
        self._found = guesses
        self.draft = Draft()

    def write(self, name: str) -> str:
        found = self._found
        self._dates()
        self._stages()
        self._clients()
        if found.has(Meaning.SOLD_ON, Meaning.DEAL_TYPE, Meaning.STAGE, Meaning.SALE_ID):
            self._sales()
        if found.has(Meaning.STARTS_ON):
            self._agreements()
        if found.has(Meaning.EFFECTIVE_ON):
            self._levels()
        head = (
            f"# How tierbot reads {shown(name)}. Text names a column; {{ value = … }} is the same in each row.\n"
            "# A line with #? is a question: remove the # from the answer under it, and fill it in.\n"
            "# Then: tierbot import FILE --map THIS --dry-run"
        )
        unread = ", ".join(shown(each) for each in found.unknown())
        return self.draft.text(head + (f"\n# Not read: {unread}" if unread else ""))

    def _dates(self) -> None:
        found = self._found
        order = order_of_days([found.values(each) for each in _DAYS if each in found.sure])
        section = Section("")
        if order:
            section.set("dates", quoted(order), "a day above 12 says so")
        elif order is None:
            choices = ['dates = "day-first"', 'dates = "month-first"']
            self.draft.ask(section.lines, "dates", "05/09/2026 can be 5 September or May 9", choices)
        if section.lines:
            section.heading = "# The order of day and month"
            self.draft.sections.append(section)

    def _stages(self) -> None:
        if (name := self._found.name(Meaning.STAGE)) is None:
            return
        values = self._found.values(Meaning.STAGE)
        count, skip = ([v for v in values if STAGES.get(plain(v)) == side] for side in ("count", "skip"))
        section = self.draft.section("[[rows]]")
        section.set("column", quoted(name))
        section.set("count", listed(count))
        section.set("skip", listed(skip))
        if unknown := [value for value in values if plain(value) not in STAGES][:_MOST_VALUES]:
            what = f"do deals count in the stage {_or([value or 'that is empty' for value in unknown])}?"
            self.draft.ask(section.lines, "rows", what, [f"add to count or skip: {listed(unknown)}"])

    def _clients(self) -> None:
        section = self.draft.section("[clients]")
        self._client_id(section)
        self._column(section, "name", Meaning.CLIENT, "which column has the client's name?")
        self._constant(section, "country", Meaning.COUNTRY, "where are the clients?", '"DE"')

    def _sales(self) -> None:
        section = self.draft.section("[sales]")
        self._sale_id(section)
        self._constant(section, "partner_id", Meaning.PARTNER_ID, "whose sales are these?", '"P001"')
        self._client_id(section)
        self._column(section, "product_line", Meaning.PRODUCT, "which column has the product?")
        self._words(section, "deal_type", Meaning.DEAL_TYPE, DEAL_TYPES, tuple(DealType))
        self._words(section, "motion", Meaning.MOTION, MOTIONS, tuple(Motion))
        self._amount(section)
        self._constant(section, "currency", Meaning.CURRENCY, "in which currency are the amounts?", '"EUR"')
        self._column(section, "sold_on", Meaning.SOLD_ON, "which column has the day of the sale?")

    def _agreements(self) -> None:
        section = self.draft.section("[agreements]")
        if self._found.name(Meaning.STARTS_ON) and (client := self._client_part()):
            parts = f"[{client}, {quoted(str(self._found.name(Meaning.STARTS_ON)))}]"
            section.set("agreement_id", f'{{ id_from = {parts}, prefix = "agreement-" }}')
        else:
            what = "which column tells agreements apart?"
            self.draft.ask(section.lines, "agreement_id", what, ['agreement_id = "…"'])
        self._constant(section, "partner_id", Meaning.PARTNER_ID, "whose agreements are these?", '"P001"')
        self._client_id(section)
        self._column(section, "starts_on", Meaning.STARTS_ON, "which column has the first day of the agreement?")
        if name := self._found.name(Meaning.ENDS_ON):
            section.set("ends_on", quoted(name))

    def _levels(self) -> None:
        section = self.draft.section("[subscriptions]")
        self._client_id(section)
        self._column(section, "product_line", Meaning.PRODUCT, "which column has the product?")
        self._amount(section)
        self._constant(section, "currency", Meaning.CURRENCY, "in which currency are the amounts?", '"EUR"')
        self._column(section, "effective_on", Meaning.EFFECTIVE_ON, "since which day is the amount paid?")
        if name := self._found.name(Meaning.RENEWS_ON):
            section.set("renews_on", quoted(name))

    def _column(self, section: Section, ours: str, meaning: Meaning, what: str) -> None:
        if name := self._found.name(meaning):
            section.set(ours, quoted(name), self._why(meaning))
        else:
            names = self._several(meaning) or ["…"]
            self.draft.ask(section.lines, ours, what, [f"{ours} = {quoted(each)}" for each in names])

    def _constant(self, section: Section, ours: str, meaning: Meaning, what: str, example: str) -> None:
        if name := self._found.name(meaning):
            section.set(ours, quoted(name), self._why(meaning))
            return
        several = [f"{ours} = {quoted(each)}" for each in self._several(meaning)]
        self.draft.ask(section.lines, ours, what, [*several, f"{ours} = {{ value = {example} }}"])

    def _client_part(self) -> str | None:
        name = self._found.name(Meaning.CLIENT_ID) or self._found.name(Meaning.CLIENT)
        return quoted(name) if name else None

    def _client_id(self, section: Section) -> None:
        if name := self._found.name(Meaning.CLIENT_ID):
            section.set("client_id", quoted(name), self._why(Meaning.CLIENT_ID))
        elif name := self._found.name(Meaning.CLIENT):
            section.set("client_id", f"{{ id_from = {quoted(name)} }}", "no column has an id: it is made of the name")
        else:
            names = [*self._several(Meaning.CLIENT_ID), *self._several(Meaning.CLIENT)] or ["…"]
            choices = [f"client_id = {{ id_from = {quoted(each)} }}" for each in names]
            self.draft.ask(section.lines, "client_id", "which column tells clients apart?", choices)

    def _sale_id(self, section: Section) -> None:
        """The column of an id that each row has alone, or else an id made of columns that together tell rows apart."""
        found = self._found
        if (name := found.name(Meaning.SALE_ID)) and self._tell_apart([Meaning.SALE_ID]):
            section.set("sale_id", quoted(name), self._why(Meaning.SALE_ID))
            return
        first = Meaning.SALE_ID if name else Meaning.SOLD_ON
        parts = [each for each in (first, Meaning.CLIENT, Meaning.PRODUCT) if each in found.sure]
        if name:
            parts = [each for each in parts if each is not Meaning.CLIENT]
        texts = listed([str(found.name(each)) for each in parts])
        if parts and parts[0] is first and len(parts) > 1 and self._tell_apart(parts):
            section.set("sale_id", f"{{ id_from = {texts} }}", "no single column tells the rows apart")
        else:
            choices = [f"sale_id = {{ id_from = {texts if parts else '[…]'} }}"]
            self.draft.ask(section.lines, "sale_id", "which columns tell sales apart?", choices)

    def _tell_apart(self, meanings: list[Meaning]) -> bool:
        places = [self._found.sure[each] for each in meanings]
        keys = Counter(tuple(plain(cells[at]) for at in places) for _, cells in self._found.rows)
        return all(count == 1 for count in keys.values()) and all(key[0] for key in keys)

    def _amount(self, section: Section) -> None:
        """MRR only from a column whose name says what it is; where several do, and for a bare amount, a question."""
        names = {each: self._found.name(each) for each in _AMOUNTS}
        said = [each for each in (Meaning.MRR, Meaning.ARR, Meaning.TCV) if names[each]]
        term = self._found.name(Meaning.TERM)
        if said[:1] == [Meaning.MRR]:
            section.set("mrr", f"{{ mrr = {quoted(str(names[Meaning.MRR]))} }}", self._why(Meaning.MRR))
        elif said == [Meaning.ARR]:
            section.set("mrr", f"{{ arr = {quoted(str(names[Meaning.ARR]))} }}", "a year's amount, divided by 12")
        elif said == [Meaning.TCV] and term:
            value = f"{{ tcv = {quoted(str(names[Meaning.TCV]))}, months = {quoted(term)} }}"
            section.set("mrr", value, "the amount of the whole term, divided by its months")
        else:
            self._ask_amount(section, term)

    def _ask_amount(self, section: Section, term: str | None) -> None:
        names = [name for each in _AMOUNTS for name in (self._found.name(each), *self._several(each)) if name]
        months = quoted(term) if term else "12"
        choices = [
            f"mrr = {{ {key} = {quoted(name)}{f', months = {months}' if key == 'tcv' else ''} }}"
            for name in names or ["…"]
            for key in ("mrr", "arr", "tcv")
        ]
        which = f"is {_or(names)} monthly (mrr), annual (arr) or of the whole term (tcv)?" if names else "which amount?"
        self.draft.ask(section.lines, "mrr", which, choices)

    def _words(
        self, section: Section, ours: str, meaning: Meaning, known: dict[str, str], words: tuple[str, ...]
    ) -> None:
        if (name := self._found.name(meaning)) is None:
            choices = [f"{ours} = {quoted(each)}" for each in self._several(meaning)]
            choices += [f"{ours} = {{ value = {quoted(word)} }}" for word in words]
            self.draft.ask(section.lines, ours, f"which {ours.replace('_', ' ')} are these sales?", choices)
            return
        rule = section.heading.strip("[]")
        lines = ["", f"[{rule}.{ours}]", f"column = {quoted(name)}", f"[{rule}.{ours}.values]"]
        for value, count in self._found.values(meaning).most_common(_MOST_VALUES):
            if word := known.get(plain(value)):
                lines.append(f"{quoted(value)} = {quoted(word)}")
            else:
                self._ask_value(lines, ours, value, count, words)
        section.below += lines

    def _ask_value(self, lines: list[str], ours: str, value: str, count: int, words: tuple[str, ...]) -> None:
        rows = "1 row" if count == 1 else f"{count:,} rows"
        what = f"which is {value or 'an empty cell'} ({rows})? {_or(words)}"
        self.draft.ask(lines, ours, what, [f'{quoted(value)} = "…"'])

    def _several(self, meaning: Meaning) -> list[str]:
        return [self._found.header[at].strip() for at in self._found.unsure.get(meaning, [])]

    def _why(self, meaning: Meaning) -> str:
        return self._found.why.get(self._found.sure[meaning], "")


def _or(texts: list[str] | tuple[str, ...]) -> str:
    return " or ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)
