"""The amounts of a proposed mapping: monthly, annual or of the whole term, never guessed."""

from dataclasses import dataclass

from tiercore.ingest.mapping.drafts import Draft, Section, either, quoted
from tiercore.ingest.mapping.guessing import Guesses
from tiercore.ingest.mapping.synonyms import Meaning

AMOUNTS = (Meaning.MRR, Meaning.ARR, Meaning.TCV, Meaning.AMOUNT)


@dataclass(frozen=True, slots=True)
class ProposedAmounts:
    """Writes the amounts into a draft."""

    found: Guesses
    draft: Draft

    def mrr(self, section: Section) -> None:
        """MRR only from a column whose name says what it is; where several do, and for a bare amount, a question."""
        names = {each: self.found.name(each) for each in AMOUNTS}
        said = [each for each in (Meaning.MRR, Meaning.ARR, Meaning.TCV) if names[each]]
        term = self.found.name(Meaning.TERM)
        if said[:1] == [Meaning.MRR]:
            section.set("mrr", f"{{ mrr = {quoted(str(names[Meaning.MRR]))} }}", self.found.reason(Meaning.MRR))
        elif said == [Meaning.ARR]:
            section.set("mrr", f"{{ arr = {quoted(str(names[Meaning.ARR]))} }}", "a year's amount, divided by 12")
        elif said == [Meaning.TCV] and term:
            value = f"{{ tcv = {quoted(str(names[Meaning.TCV]))}, months = {quoted(term)} }}"
            section.set("mrr", value, "the amount of the whole term, divided by its months")
        else:
            self._ask(section, term)

    def _ask(self, section: Section, term: str | None) -> None:
        names = [name for each in AMOUNTS for name in (self.found.name(each), *self.found.several(each)) if name]
        months = quoted(term) if term else "12"
        choices = [
            f"mrr = {{ {key} = {quoted(name)}{f', months = {months}' if key == 'tcv' else ''} }}"
            for name in names or ["…"]
            for key in ("mrr", "arr", "tcv")
        ]
        which = (
            f"is {either(names)} monthly (mrr), annual (arr) or of the whole term (tcv)?" if names else "which amount?"
        )
        self.draft.ask(section.lines, "mrr", which, choices)
