"""Proposing a mapping: what is certain is written, what isn't is left to decide (data#proposed-mappings)."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tiercore.facts.entries import DealType, Motion
from tiercore.ingest.mapping.drafts import Draft, Section, either, listed, quoted
from tiercore.ingest.mapping.guessing import Guesses, guesses_of
from tiercore.ingest.mapping.mapping import RawTable
from tiercore.ingest.mapping.previewing import Preview, previews
from tiercore.ingest.mapping.proposing_amounts import AMOUNTS, ProposedAmounts
from tiercore.ingest.mapping.proposing_ids import ProposedIds
from tiercore.ingest.mapping.shapes import currency_beside, order_of_days
from tiercore.ingest.mapping.synonyms import DEAL_TYPES, MOTIONS, STAGES, Meaning
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import shown
from tiercore.program import Catalogue

_DAYS = (Meaning.SOLD_ON, Meaning.STARTS_ON, Meaning.ENDS_ON, Meaning.EFFECTIVE_ON, Meaning.RENEWS_ON)
_MOST_VALUES = 30
_LETTERS = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping as TOML, the first rows as it makes them, and what is left: what isn't known, and what to fill in.

    `unread` are the columns that it makes nothing of; `lacking` says which figures the table gives no rows for.
    """

    toml: str
    previews: tuple[Preview, ...]
    questions: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]
    lacking: str = ""


def propose(table: RawTable, catalogue: Catalogue, partners: Mapping[str, str] = MappingProxyType({})) -> Proposal:
    """A mapping for a table, from its header and first rows.

    `partners` are the ids of the partners on file by what names them: see `plain`. Raises BadCell or OSError if the
    table can't be read.
    """
    guesses = guesses_of(table, catalogue, partners)
    writer = _Writer(guesses, partners)
    toml = writer.write(table.name)
    shown = tuple(previews(toml, table, guesses.rows))
    return Proposal(toml, shown, tuple(writer.draft.questions), tuple(guesses.unknown()), writer.lacking())


class _Writer:
    def __init__(self, guesses: Guesses, partners: Mapping[str, str]) -> None:
        self._found, self._partners = guesses, partners
        self.draft = Draft()
        self._ids = ProposedIds(guesses, self.draft)
        self._amounts = ProposedAmounts(guesses, self.draft)

    def write(self, name: str) -> str:
        found = self._found
        self._dates()
        self._stages()
        self._clients()
        if found.has(Meaning.SOLD_ON, Meaning.DEAL_TYPE, Meaning.STAGE, Meaning.SALE_ID):
            self._sales()
        if found.has(Meaning.STARTS_ON):
            self._agreements()
        if found.has(Meaning.EFFECTIVE_ON) or self._adds_up():
            self._levels()
        head = (
            f"# How tierbot reads {shown(name)}. Text names a column; {{ value = … }} is the same in each row.\n"
            "# A line with #? is a question: remove the # from the answer under it, and fill it in.\n"
            "# Then: tierbot import FILE --map THIS --dry-run"
        )
        unread = ", ".join(shown(each) for each in found.unknown())
        notes = [f"Not read: {unread}" if unread else "", self.lacking()]
        return self.draft.text("\n# ".join([head, *filter(None, notes)]))

    def lacking(self) -> str:
        """What managed points need and the table doesn't have."""
        found = self._found
        files = [] if found.has(Meaning.STARTS_ON) else ["agreements.csv"]
        if not (found.has(Meaning.EFFECTIVE_ON) or self._adds_up()):
            files.append("subscriptions.csv")
        return f"Nothing here is for {' or '.join(files)}: managed points need both" if files else ""

    def _adds_up(self) -> bool:
        """Whether sales of managed clients may say what each client pays: what they add up to."""
        found = self._found
        has_sales = Meaning.SOLD_ON in found.sure and Meaning.PRODUCT in found.sure
        return has_sales and found.has(*AMOUNTS) and found.has(Meaning.STARTS_ON)

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
            what = f"do deals count in the stage {either([value or 'that is empty' for value in unknown])}?"
            self.draft.ask(section.lines, "rows", what, [f"add to count or skip: {listed(unknown)}"])

    def _clients(self) -> None:
        section = self.draft.section("[clients]")
        self._ids.client(section)
        self._column(section, "name", Meaning.CLIENT, "which column has the client's name?")
        self._constant(section, "country", Meaning.COUNTRY, "where are the clients?", '"DE"')

    def _sales(self) -> None:
        section = self.draft.section("[sales]")
        self._ids.sale(section)
        self._partner(section, "whose sales are these?")
        self._ids.client(section)
        self._column(section, "product_line", Meaning.PRODUCT, "which column has the product?")
        self._words(section, "deal_type", Meaning.DEAL_TYPE, DEAL_TYPES, tuple(DealType))
        self._words(section, "motion", Meaning.MOTION, MOTIONS, tuple(Motion))
        self._amounts.mrr(section)
        self._currency(section)
        self._column(section, "sold_on", Meaning.SOLD_ON, "which column has the day of the sale?")

    def _agreements(self) -> None:
        section = self.draft.section("[agreements]")
        self._ids.agreement(section)
        self._partner(section, "whose agreements are these?")
        self._ids.client(section)
        self._column(section, "starts_on", Meaning.STARTS_ON, "which column has the first day of the agreement?")
        if name := self._found.name(Meaning.ENDS_ON):
            section.set("ends_on", quoted(name))
        name = self._found.name(Meaning.STARTS_ON)
        if name and (none := [each for each in self._found.values(Meaning.STARTS_ON) if not _LETTERS.search(each)]):
            rows = ["", "[[agreements.rows]]  # clients without a day have no agreement", f"column = {quoted(name)}"]
            section.below += [*rows, f"skip = {listed(none)}", 'otherwise = "count"']

    def _levels(self) -> None:
        section = self.draft.section("[subscriptions]")
        self._ids.client(section)
        self._column(section, "product_line", Meaning.PRODUCT, "which column has the product?")
        self._amounts.mrr(section)
        self._currency(section)
        if not self._found.has(Meaning.EFFECTIVE_ON):
            self._ask_levels(section)
            return
        self._column(section, "effective_on", Meaning.EFFECTIVE_ON, "since which day is the amount paid?")
        if name := self._found.name(Meaning.RENEWS_ON):
            section.set("renews_on", quoted(name))

    def _ask_levels(self, section: Section) -> None:
        """What sales add up to is what a client pays only if they are all there."""
        what = (
            "are all sales of these clients' lines here, from the first on? Then what they add up to is what the "
            "client pays, which managed points need. If not, take out [subscriptions]"
        )
        choice = f"effective_on = {quoted(str(self._found.name(Meaning.SOLD_ON)))}"
        self.draft.ask(section.lines, "effective_on", what, [choice])
        section.set("levels", '"added"', "each sale adds its amount; a renewal adds nothing")

    def _partner(self, section: Section, what: str) -> None:
        """A column of ids or of names; only a table without either is one partner's."""
        found = self._found
        name = found.name(Meaning.PARTNER)
        if several := [] if found.has(Meaning.PARTNER_ID) else found.several(Meaning.PARTNER):
            columns = [f'partner_id = {{ column = {quoted(each)}, values = {{ "…" = "P001" }} }}' for each in several]
            self.draft.ask(section.lines, "partner_id", what, [*columns, 'partner_id = { value = "P001" }'])
        elif name is None or found.has(Meaning.PARTNER_ID):
            self._constant(section, "partner_id", Meaning.PARTNER_ID, what, '"P001"')
        elif all(self._partners.get(plain(each)) == each for each in found.values(Meaning.PARTNER)):
            section.set("partner_id", quoted(name), "its values are ids of partners")
        else:
            ask = "which partner of partners.csv is"
            self._values(section, "partner_id", Meaning.PARTNER, self._partners, ask, "its partner_id")

    def _currency(self, section: Section) -> None:
        """The column of the currency, or the one that stands beside each amount."""
        found = self._found
        amounts = next((found.values(each) for each in AMOUNTS if each in found.sure), Counter[str]())
        if not found.has(Meaning.CURRENCY) and (code := currency_beside(amounts)):
            section.set("currency", f"{{ value = {quoted(code)} }}", "each amount says so")
        else:
            self._constant(section, "currency", Meaning.CURRENCY, "in which currency are the amounts?", '"EUR"')

    def _column(self, section: Section, ours: str, meaning: Meaning, what: str) -> None:
        if name := self._found.name(meaning):
            section.set(ours, quoted(name), self._found.reason(meaning))
        else:
            names = self._found.several(meaning) or ["…"]
            self.draft.ask(section.lines, ours, what, [f"{ours} = {quoted(each)}" for each in names])

    def _constant(self, section: Section, ours: str, meaning: Meaning, what: str, example: str) -> None:
        if name := self._found.name(meaning):
            section.set(ours, quoted(name), self._found.reason(meaning))
            return
        several = [f"{ours} = {quoted(each)}" for each in self._found.several(meaning)]
        self.draft.ask(section.lines, ours, what, [*several, f"{ours} = {{ value = {example} }}"])

    def _words(
        self, section: Section, ours: str, meaning: Meaning, known: dict[str, str], words: tuple[str, ...]
    ) -> None:
        if self._found.name(meaning) is None:
            choices = [f"{ours} = {quoted(each)}" for each in self._found.several(meaning)]
            choices += [f"{ours} = {{ value = {quoted(word)} }}" for word in words]
            self.draft.ask(section.lines, ours, f"which {ours.replace('_', ' ')} are these sales?", choices)
            return
        self._values(section, ours, meaning, known, "which is", either(words))

    def _values(
        self, section: Section, ours: str, meaning: Meaning, known: Mapping[str, str], which: str, words: str
    ) -> None:
        """What each value of a column means: what is known, and a question for each of the others."""
        rule, name = section.heading.strip("[]"), str(self._found.name(meaning))
        lines = ["", f"[{rule}.{ours}]", f"column = {quoted(name)}", f"[{rule}.{ours}.values]"]
        asked = 0
        for value, count in self._found.values(meaning).most_common():
            if word := known.get(plain(value)):
                lines.append(f"{quoted(value)} = {quoted(word)}")
            elif (asked := asked + 1) <= _MOST_VALUES:
                rows = "1 row" if count == 1 else f"{count:,} rows"
                what = f"{which} {value or 'an empty cell'} ({rows})? {words}"
                self.draft.ask(lines, ours, what, [f'{quoted(value)} = "…"'])
        section.below += lines
