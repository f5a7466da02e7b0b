"""Proposing a mapping from what a portal has: what is certain is written, what isn't is a question (data#hubspot)."""

from bot.hubspot.choosing import OWN_ID, Chooser
from bot.hubspot.errors import MissingScope, UnknownObjectType
from bot.hubspot.object_types import DEALS, OBJECT_TYPES
from bot.hubspot.open_deals import open_deals
from bot.hubspot.pipelines import Pipelines
from bot.hubspot.reader import HubSpotReader
from bot.hubspot.schema import Pipeline, PortalSchema, Property
from bot.hubspot.wanted import ASSOCIATED
from tiercore.facts.entries import DealType, Motion
from tiercore.ingest.mapping.drafts import Draft, Section, listed, quoted
from tiercore.ingest.mapping.synonyms import DEAL_TYPES, MOTIONS
from tiercore.ingest.mapping.texts import plain

_HEAD = """\
# How tierbot reads this HubSpot portal. Text is the name of a property; { value = … } is the same in each record.
# A line with #? is a question: remove the # from the answer under it, and fill it in.
# Then: tierbot sync hubspot --map THIS --dry-run"""
_FREQUENCY, _TERM = "recurringbillingfrequency", "hs_recurring_billing_period"
_PARTNER = 'partner_id = { value = "P001" }'
_PARTNERS = frozenset({"partner", "partners", "partner agency", "solutions partner"})


async def read_schema(reader: HubSpotReader) -> PortalSchema:
    """What the portal has. Raises HubSpotError."""
    properties: dict[str, list[Property]] = {}
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
    """Writes the mapping. Clients are the portal's partner clients, or companies where it has none; partners are the
    companies of that type.
    """

    def __init__(self, schema: PortalSchema) -> None:
        self._schema, self.draft = schema, Draft()
        self._choose, self._pipelines = Chooser(schema, self.draft), Pipelines(schema)
        self._clients_are = "partner_clients" if "partner_clients" in schema.properties else "companies"
        self._client = self._choose.id_of(self._clients_are, "client")
        self._partner = self._choose.id_of("companies", "partner")
        self._type = _type_of_partners(schema) if self._partner else None

    def write(self) -> None:
        self._inputs()
        if self._partner and self._type:
            self._partners(self._partner, self._type)
        self._clients()
        open_deals(self.draft, self._sales(), self._pipelines)
        self._levels()
        if "partner_services" in self._schema.properties:
            self._agreements()

    def _inputs(self) -> None:
        if self._type and self._clients_are != "companies":
            self.draft.section("[inputs.companies]")
        self.draft.section(f"[inputs.{self._clients_are}]").set("id", quoted(OWN_ID))
        deals = self.draft.section("[inputs.deals]")
        deals.set("id", quoted(OWN_ID))
        self._join_clients(deals)
        self._stages()
        self.draft.section("[inputs.line_items]").set("join", f'{{ deals = "{ASSOCIATED}deals" }}')
        if self._choose.has("line_items", _FREQUENCY):
            once = self.draft.section("[[inputs.line_items.rows]]")
            once.set("column", quoted(_FREQUENCY))
            once.set("skip", '[""]', "what is paid once is no MRR")
            once.set("otherwise", '"count"')
        if "partner_services" in self._schema.properties:
            self._join_clients(self.draft.section("[inputs.partner_services]"))

    def _join_clients(self, section: Section) -> None:
        if self._client:
            section.set("join", f"{{ {self._clients_are} = {quoted(ASSOCIATED + self._clients_are)} }}")

    def _stages(self) -> None:
        section = self.draft.section("[[inputs.deals.rows]]")
        section.set("column", '"dealstage"')
        for key, chosen in zip(("count", "open", "skip"), self._pipelines.stages, strict=True):
            if key == "open" and not chosen:
                continue
            said = ", ".join(f"{pipeline.label}: {stage.label}" for pipeline, stage in chosen)
            section.set(key, listed(list(dict.fromkeys(stage.stage_id for _, stage in chosen))), said)
        if not self._pipelines.winning:
            self.draft.ask(section.lines, "count", "which stages are won?", ["move them from skip to count"])

    def _partners(self, number: Property, type_: Property) -> None:
        """The companies whose type is partner."""
        choose, section = self._choose, self.draft.section("[partners]")
        section.set("from", '"companies"')
        section.set("partner_id", quoted(number.name), number.label)
        choose.choose(section, "name", "companies", [("company", "name"), ("name",)], "which property has its name?")
        countries = [("country", "code"), ("country",)]
        choose.choose(section, "country", "companies", countries, "where is it?", 'country = { value = "DE" }')
        currencies = [("partner", "currency"), ("currency",)]
        choose.choose(
            section,
            "currency",
            "companies",
            currencies,
            "in which currency is it shown?",
            'currency = { value = "USD" }',
        )
        since = [("partner", "since"), ("partner", "joined"), ("partner", "start")]
        choose.choose(section, "joined_on", "companies", since, "since when is it a partner?")
        choose.optional(section, "elite_invited_on", "companies", ("elite",))
        choose.optional(section, "membership_until", "companies", ("membership", "until"), ("membership", "end"))
        self._partners_alone("[[partners.rows]]", type_, "count", "skip")

    def _partners_alone(self, heading: str, type_: Property, partners: str, others: str) -> None:
        rows = self.draft.section(heading)
        rows.set("column", quoted(type_.name), type_.label)
        rows.set(partners, listed([value for value, label in type_.options.items() if _is_partner(value, label)]))
        rows.set("otherwise", quoted(others))

    def _clients(self) -> None:
        section, of = self.draft.section("[clients]"), self._clients_are
        section.set("from", quoted(of))
        section.set("client_id", quoted(self._client.name if self._client else OWN_ID), "what sales refer to")
        names = [("client", "name"), ("company", "name"), ("name",)]
        self._choose.choose(section, "name", of, names, "which property has the client's name?")
        countries = [("country", "code"), ("country",)]
        self._choose.choose(section, "country", of, countries, "where are the clients?", 'country = { value = "DE" }')
        if self._type and of == "companies":  # a deal whose primary company is the partner's has no client
            self._partners_alone("[[clients.rows]]", self._type, "skip", "count")

    def _client_id(self, prefix: str = "") -> str:
        """The column with the client of an input's record, or of the deal that it is joined with."""
        of = self._clients_are
        return quoted(f"{prefix}{of}.{self._client.name}" if self._client else f"{prefix}{ASSOCIATED}{of}")

    def _sales(self) -> Section:
        section = found = self.draft.section("[sales]")
        number = self._choose.id_of("line_items", "sale")
        section.set("from", '"line_items"')
        section.set(
            "sale_id", quoted(number.name if number else OWN_ID), number.label if number else "HubSpot's own id"
        )
        wanted = [("partner", "number"), ("partner", "id"), ("partner",)]
        self._choose.choose(section, "partner_id", "deals", wanted, "whose sales are these?", _PARTNER, prefix="deals.")
        if not self._type:
            self.draft.ask(
                section.lines, "partner_id", "are these partners in tierbot yet? Import partners.csv first", []
            )
        for key, value, why in self._line(levels=False):
            section.set(key, value, why)
        self._choose.words(section, "deal_type", DEAL_TYPES, tuple(DealType))
        self._choose.words(section, "motion", MOTIONS, tuple(Motion))
        pipelines = self._pipelines
        if len(pipelines.winning) > 1:
            section = self.draft.section("[[sales.rows]]")
            self._filter(section, pipelines.sales)
            for each in pipelines.others:
                what = f"are deals of the pipeline {each.label} sales? Then move {each.pipeline_id} to count"
                self.draft.ask(section.lines, "skip", what, [])
        return found

    def _line(self, *, levels: bool) -> list[tuple[str, str, str]]:
        """What sales and subscription levels have in common: keys, values and what they are."""
        account = self._choose.property("line_items", ("client", "account"), ("account",))
        return [
            ("client_id", self._client_id("deals."), ""),
            ("product_line", '"name"', "the name of the line item"),
            ("mrr", self._mrr(), "where hs_mrr is 0: the price of a payment ÷ the months between two"),
            ("currency", self._currency(), ""),
            ("effective_on" if levels else "sold_on", '"deals.closedate"', ""),
            *([("account", quoted(account.name), account.label)] if account else []),
        ]

    def _mrr(self) -> str:
        """A line item's price is for each payment, whatever its term; "amount" is that price, less discounts."""
        months = [each for each in (_FREQUENCY, _TERM) if self._choose.has("line_items", each)] or [_FREQUENCY]
        net = self._choose.has("line_items", "amount")
        price = 'amount = "amount"' if net else 'amount = "price", times = "quantity"'
        return f'{{ mrr = "hs_mrr", zero = "missing", else = {{ {price}, months = {listed(months)} }} }}'

    def _currency(self) -> str:
        """That of the line item, else of the deal; a portal with one currency may say neither."""
        of_item = self._choose.has("line_items", "hs_line_item_currency_code")
        of_deal = self._choose.has("deals", "deal_currency_code")
        if of_item and of_deal:
            return '{ column = "hs_line_item_currency_code", else = "deals.deal_currency_code" }'
        return '"hs_line_item_currency_code"' if of_item else '"deals.deal_currency_code"'

    def _levels(self) -> None:
        """Pipelines whose names speak of subscriptions may hold what clients pay; only the operator knows."""
        if not self._pipelines.levels:
            return
        section = self.draft.section("# What clients pay")
        table = Section("[subscriptions]")
        table.set("from", '"line_items"')
        for key, value, why in self._line(levels=True):
            table.set(key, value, why)
        self._choose.optional(table, "renews_on", "line_items", ("renewal", "date"))
        rows = Section("[[subscriptions.rows]]")
        self._filter(rows, self._pipelines.levels)
        named = ", ".join(each.label for each in self._pipelines.levels)
        what = (
            f"do the line items of {named} say what a client pays for a product line from the close date on? Then "
            "remove the # from all of these lines"
        )
        self.draft.ask(section.lines, "subscriptions", what, [*table.text().splitlines(), *rows.text().splitlines()])

    def _filter(self, section: Section, chosen: list[Pipeline]) -> None:
        section.set("column", '"deals.pipeline"')
        for key, pipelines in (("count", chosen), ("skip", self._pipelines.without(chosen))):
            said = ", ".join(each.label for each in pipelines)
            section.set(key, listed([each.pipeline_id for each in pipelines]), said)

    def _agreements(self) -> None:
        section, of, choose = self.draft.section("[agreements]"), "partner_services", self._choose
        number = choose.id_of(of, "agreement") or choose.id_of(of, "service")
        section.set("from", quoted(of))
        section.set("agreement_id", quoted(number.name if number else OWN_ID))
        wanted = [("partner", "number"), ("partner", "id"), ("partner",)]
        choose.choose(section, "partner_id", of, wanted, "whose agreements are these?", _PARTNER)
        section.set("client_id", self._client_id())
        choose.choose(section, "starts_on", of, [("start", "date")], "which property has the first day?")
        choose.choose(section, "ends_on", of, [("end", "date")], "which property has the last day, if one has?")


def _type_of_partners(schema: PortalSchema) -> Property | None:
    """The property of companies that says which are partners, if there is just one."""
    found = [
        each
        for each in schema.properties["companies"]
        if any(_is_partner(value, label) for value, label in each.options.items())
    ]
    return found[0] if len(found) == 1 else None


def _is_partner(value: str, label: str) -> bool:
    return plain(value) in _PARTNERS or plain(label) in _PARTNERS
