"""The ids of a proposed mapping: columns of ids where there are some, else ids made of what tells rows apart."""

from collections import Counter
from dataclasses import dataclass

from tiercore.ingest.mapping.drafts import Draft, Section, listed, quoted
from tiercore.ingest.mapping.guessing import Guesses
from tiercore.ingest.mapping.synonyms import Meaning
from tiercore.ingest.mapping.texts import plain

_MOST_CHOICES = 5


@dataclass(frozen=True, slots=True)
class ProposedIds:
    """Writes the ids into a draft."""

    found: Guesses
    draft: Draft

    def client(self, section: Section) -> None:
        """The client's id, made of its name where no column has one."""
        found = self.found
        if name := found.name(Meaning.CLIENT_ID):
            section.set("client_id", quoted(name), found.reason(Meaning.CLIENT_ID))
        elif name := found.name(Meaning.CLIENT):
            section.set("client_id", f"{{ id_from = {quoted(name)} }}", "no column has an id: it is made of the name")
        else:
            names = [*found.several(Meaning.CLIENT_ID), *found.several(Meaning.CLIENT)] or ["…"]
            choices = [f"client_id = {{ id_from = {quoted(each)} }}" for each in names]
            self.draft.ask(section.lines, "client_id", "which column tells clients apart?", choices)

    def sale(self, section: Section) -> None:
        """The column of an id that each row has alone, or else an id made of columns that together tell rows apart."""
        found = self.found
        if (name := found.name(Meaning.SALE_ID)) and self._tell_apart([Meaning.SALE_ID]):
            section.set("sale_id", quoted(name), found.reason(Meaning.SALE_ID))
            return
        first = Meaning.SALE_ID if name else Meaning.SOLD_ON
        parts = [each for each in (first, Meaning.CLIENT, Meaning.PRODUCT) if each in found.sure]
        if name:
            parts = [each for each in parts if each is not Meaning.CLIENT]
        texts = listed([str(found.name(each)) for each in parts])
        ids = [] if name else self._could_be_ids()
        if not ids and parts and parts[0] is first and len(parts) > 1 and self._tell_apart(parts):
            section.set("sale_id", f"{{ id_from = {texts} }}", "no single column tells the rows apart")
            return
        choices = [f"sale_id = {quoted(each)}" for each in ids]
        choices.append(f"sale_id = {{ id_from = {texts if parts else '[…]'} }}")
        self.draft.ask(section.lines, "sale_id", "which columns tell sales apart?", choices)

    def agreement(self, section: Section) -> None:
        """An id made of the client, the partner if a column has it, and the first day."""
        found = self.found
        client = found.name(Meaning.CLIENT_ID) or found.name(Meaning.CLIENT)
        start = found.name(Meaning.STARTS_ON)
        if client and start:
            partner = found.name(Meaning.PARTNER_ID) or found.name(Meaning.PARTNER)
            parts = listed(list(filter(None, (client, partner, start))))
            section.set("agreement_id", f'{{ id_from = {parts}, prefix = "agreement-" }}')
        else:
            what = "which column tells agreements apart?"
            self.draft.ask(section.lines, "agreement_id", what, ['agreement_id = "…"'])

    def _tell_apart(self, meanings: list[Meaning]) -> bool:
        places = [self.found.sure[each] for each in meanings]
        keys = Counter(tuple(plain(cells[at]) for at in places) for _, cells in self.found.rows)
        return all(count == 1 for count in keys.values()) and all(key[0] for key in keys)

    def _could_be_ids(self) -> list[str]:
        """The columns that nothing is made of and whose cells are all different, each a word with a digit."""
        found = self.found
        rows, unknown = len(found.rows), set(found.unknown())
        of_columns = zip(found.header, found.counts, strict=True)
        names = [name for name, counts in of_columns if name in unknown and len(counts) == rows > 1 and _ids(counts)]
        return [name.strip() for name in names[:_MOST_CHOICES]]


def _ids(texts: Counter[str]) -> bool:
    return all(any(map(str.isdigit, text)) and " " not in text for text in texts)
