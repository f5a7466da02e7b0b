"""Proposing a mapping from what a portal has: what is certain is written, what isn't is a question (data#hubspot)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.hubspot.errors import MissingScope, UnknownObjectType
from bot.hubspot.object_types import DEALS, OBJECT_TYPES
from bot.hubspot.reader import HubSpotReader
from bot.hubspot.schema import Pipeline, Property
from bot.hubspot.wanted import ASSOCIATED
from tiercore.facts.entries import DealType, Motion
from tiercore.ingest.mapping.drafts import Draft, Section, listed, quoted
from tiercore.ingest.mapping.synonyms import DEAL_TYPES, MOTIONS
from tiercore.ingest.mapping.texts import plain

_HEAD = """\
# How tierbot reads this HubSpot portal. Text is the name of a property; { value = … } is the same in each record.
# A line with #? is a question: remove the # from the answer under it, and fill it in.
# Then: tierbot sync hubspot --map THIS --dry-run"""
_MRR = (
    '{ mrr = "hs_mrr", zero = "missing", else = { amount = "price", times = "quantity", months = '
    '["hs_recurring_billing_period", "recurringbillingfrequency"] } }'
)
_MOST_VALUES = 40
_VALUE = 'partner_id = { value = "P001" }'


@dataclass(frozen=True, slots=True)
class PortalSchema:
    """The properties of each object type that the portal has, the pipelines of deals, and why a type is left out."""

    properties: Mapping[str, Sequence[Property]]
    pipelines: Sequence[Pipeline]
    left_out: Mapping[str, str] = field(default_factory=dict)


async def read_schema(reader: HubSpotReader) -> PortalSchema:
    """What the portal has. Raises HubSpotError."""
    properties: dict[str, Sequence[Property]] = {}
    left_out: dict[str, str] = {}
    for each in OBJECT_TYPES.values():
        try:
            properties[each.name] = await reader.properties(each)
        except (UnknownObjectType, MissingScope) as error:
            if not each.of_partners:
                raise
            left_out[each.name] = str(error)
    return PortalSchema(properties, await reader.pipelines(DEALS), left_out)


def proposed_mapping(schema: PortalSchema) -> tuple[str, list[str]]:
    """A mapping of the portal as TOML, and the questions that it leaves, which only the operator can answer."""
    proposal = _Proposal(schema)
    proposal.write()
    return proposal.draft.text(_HEAD), [question for question, _ in proposal.draft.questions]


class _Proposal:
    """Writes the mapping. Clients are the portal's partner clients, or companies where it has none."""

    def __init__(self, schema: PortalSchema) -> None:
        self._schema, self.draft = schema, Draft()
        self._clients_are = "partner_clients" if "partner_clients" in schema.properties else "companies"

    def write(self) -> None:
        self._inputs()
        self._clients()
        self._sales()
        if "partner_services" in self._schema.properties:
            self._agreements()

    def _inputs(self) -> None:
        self.draft.section(f"[inputs.{self._clients_are}]")
        self.draft.section("[inputs.deals]").set("id", '"hs_object_id"')
        self._stages()
        self.draft.section("[inputs.line_items]").set("join", f'{{ deals = "{ASSOCIATED}deals" }}')
        if "partner_services" in self._schema.properties:
            self.draft.section("[inputs.partner_services]")

    def _stages(self) -> None:
        """Won stages count. A portal with several pipelines that deals are won in may use one for something else."""
        section = self.draft.section("[[inputs.deals.rows]]")
        section.set("column", '"dealstage"')
        stages = [(pipeline, stage) for pipeline in self._schema.pipelines for stage in pipeline.stages]
        for key, chosen in (
            ("count", [each for each in stages if each[1].probability == 1]),
            ("skip", [each for each in stages if each[1].probability != 1]),
        ):
            said = ", ".join(f"{pipeline.label}: {stage.label}" for pipeline, stage in chosen)
            section.set(key, listed([stage.stage_id for _, stage in chosen]), said)
        winning = dict.fromkeys(pipeline.label for pipeline, stage in stages if stage.probability == 1)
        if len(winning) > 1:
            what = f"are deals of each of these pipelines sales: {', '.join(winning)}?"
            self.draft.ask(section.lines, "count", what, ["move the stages of the others to skip"])

    def _clients(self) -> None:
        section = self.draft.section("[clients]")
        section.set("from", quoted(self._clients_are))
        section.set("client_id", '"hs_object_id"', "HubSpot's own id")
        self._choose(section, "name", self._clients_are, ("name",), "which property has the client's name?")
        self._choose(
            section, "country", self._clients_are, ("country",), "where are the clients?", 'country = { value = "DE" }'
        )

    def _sales(self) -> None:
        section = self.draft.section("[sales]")
        section.set("from", '"line_items"')
        section.set("sale_id", '"hs_object_id"', "HubSpot's own id of the line item")
        self._choose(section, "partner_id", "deals", ("partner",), "whose sales are these?", _VALUE, prefix="deals.")
        self.draft.ask(section.lines, "partner_id", "are these partners in tierbot yet? Import partners.csv first", [])
        section.set("client_id", quoted(f"deals.{ASSOCIATED}{self._clients_are}"))
        section.set("product_line", '"name"', "the name of the line item")
        section.set("mrr", _MRR, "where hs_mrr is 0: price × quantity ÷ the months that it is billed for")
        section.set("currency", '["hs_line_item_currency_code", "deals.deal_currency_code"]')
        section.set("sold_on", '"deals.closedate"')
        self._words(section, "deal_type", DEAL_TYPES, tuple(DealType))
        self._words(section, "motion", MOTIONS, tuple(Motion))

    def _agreements(self) -> None:
        section, of = self.draft.section("[agreements]"), "partner_services"
        section.set("from", quoted(of))
        section.set("agreement_id", '"hs_object_id"', "HubSpot's own id")
        self._choose(section, "partner_id", of, ("partner",), "whose agreements are these?", _VALUE)
        section.set("client_id", quoted(f"{ASSOCIATED}{self._clients_are}"))
        self._choose(section, "starts_on", of, ("start", "date"), "which property has the first day?")
        self._choose(section, "ends_on", of, ("end", "date"), "which property has the last day, if one has?")

    def _choose(
        self,
        section: Section,
        ours: str,
        of: str,
        words: Sequence[str],
        what: str,
        example: str = "",
        *,
        prefix: str = "",
    ) -> None:
        """The one property whose label has all of these words; a question where several have, or none."""
        properties = [each for each in self._schema.properties[of] if each.name != "hs_object_id"]
        found = [each for each in properties if set(words) <= {*plain(each.label.replace("/", " ")).split()}]
        exact = [each for each in found if plain(each.label) == " ".join(words) or plain(each.name) == " ".join(words)]
        found = exact if len(exact) == 1 else found
        if len(found) == 1:
            section.set(ours, quoted(prefix + found[0].name), found[0].label)
            return
        choices = [f"{ours} = {quoted(prefix + each.name)}  # {each.label}" for each in found]
        self.draft.ask(section.lines, ours, what, [*choices, *([example] if example else [])] or [f'{ours} = "…"'])

    def _words(self, section: Section, ours: str, known: Mapping[str, str], words: Sequence[str]) -> None:
        """The enumeration of deals most of whose values we know; each value that we don't know is a question."""
        found = [each for each in self._schema.properties["deals"] if _known(each, known)]
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


def _known(of: Property, known: Mapping[str, str]) -> bool:
    """Whether any of an enumeration's values is one that we know."""
    return any(plain(text) in known for option in of.options.items() for text in option)
