"""The sales, subscriptions and agreements behind one client's points (roadmap-2022#client-details)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from dateutil.relativedelta import relativedelta

from tiercore.facts.entries import Agreement, Client, Partner, Sale, SubscriptionLevel
from tiercore.facts.holds import EXPIRY
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.facts.typed import TypedMark
from tiercore.facts.unknown import Unknown
from tiercore.program import Catalogue, Program, Rules
from tiercore.questions.currencies import approximate_notes
from tiercore.questions.requirements import Facts
from tiercore.questions.sale_history import SaleHistory, histories
from tiercore.questions.standing import notes_on
from tiercore.rating.contradicting_entries import contradictions_of
from tiercore.rating.contradictions import Contradiction
from tiercore.rating.credits import ClientBook, Credit, is_active
from tiercore.rating.lines import HeldLevel, LineKey, key_of, level_on, levels_by_line, sales_by_line
from tiercore.rating.managed import in_force
from tiercore.rating.rating import BookLines
from tiercore.rating.timeline import Balance

Lines = Mapping[LineKey, Sequence[HeldLevel]]


@dataclass(frozen=True, slots=True)
class LineSum:
    """A product line of the client: active micropoints, and its MRR on the day and twelve months earlier.

    `edition` is the one held on the day; for a line without a level by then, the one sold last.
    """

    product_line: str
    sold: int
    managed: int
    mrr: Money | None
    mrr_before: Money | None
    edition: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class ClientDetail:
    """One client's points for one partner, in detail. `unpaid` says why an agreement in force earns no managed points.

    `first_level` is the day of the first subscription level on file, None if that is 0: something was paid before it,
    and how much is unknown. `held` is set while expiry is under correction.
    `typed` says who typed an entry in Slack, by its ID.
    `contradictions` are those of the partner's entries up to the day; they change no figure.
    """

    partner: Partner
    as_of: date
    rules: Rules
    client: Client
    sold: int
    managed: int
    sales: tuple[SaleHistory, ...]
    lines: tuple[LineSum, ...]
    credits: tuple[Credit, ...]
    agreements: tuple[Agreement, ...]
    unpaid: str | None
    first_level: date | None
    notes: tuple[str, ...]
    held: Unknown | None = None
    contradictions: tuple[Contradiction, ...] = ()
    typed: Mapping[str, TypedMark] = field(default_factory=dict)


class NoSuchClient(LookupError):
    """The partner has no client of that name; `suggestions` are the (ID, name) of the most similar ones.

    `partner_id` is the partner's, where it is known.
    """

    def __init__(self, text: str, suggestions: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(text)
        self.text, self.suggestions = text, tuple(suggestions)
        self.partner_id: str | None = None


@dataclass(frozen=True, slots=True)
class ClientLedger:
    """The stored data of one client for one partner: all of the client's levels, the rest only the partner's own."""

    client: Client
    sales: Sequence[Sale]
    levels: Sequence[SubscriptionLevel]
    agreements: Sequence[Agreement]
    credits: Sequence[Credit]


def client_on(day: date, program: Program, facts: Facts, balance: Balance, ledger: ClientLedger) -> ClientDetail:
    """The client as of the day; `credits` lists the managed credits active then."""
    active = [credit for credit in ledger.credits if is_active(credit, as_of=day)]
    lines = levels_by_line(ledger.levels, program.catalogue)
    managed = tuple(credit for credit in active if credit.source is Source.MANAGED)
    shown = tuple(_lines(active, _visible_lines(ledger, lines, program.catalogue), day))
    return ClientDetail(
        partner=facts.partner,
        as_of=day,
        rules=program.on(day),
        client=ledger.client,
        sold=_sum(credit for credit in active if credit.source is not Source.MANAGED),
        managed=_sum(managed),
        sales=tuple(histories(ledger.sales, ledger.credits, day, program.catalogue, facts.holds.get(EXPIRY))),
        lines=shown,
        credits=managed,
        agreements=tuple(sorted(ledger.agreements, key=lambda each: each.starts_on)),
        unpaid=None if managed else why_unpaid(ledger.agreements, ledger.levels, day),
        first_level=_first_subscription(ledger.levels),
        notes=(
            *notes_on(program, balance)[: bool(program.label)],
            *approximate_notes(program.on(day), _currencies(ledger, shown)),
        ),
        held=facts.holds.get(EXPIRY),
        contradictions=tuple(_contradictions(ledger, lines, day, program.catalogue)),
    )


def _currencies(ledger: ClientLedger, lines: Sequence[LineSum]) -> Iterator[str]:
    """Of every amount that the answer shows."""
    yield from (sale.mrr.currency for sale in ledger.sales)
    yield from (mrr.currency for line in lines for mrr in (line.mrr, line.mrr_before) if mrr)


def _first_subscription(levels: Iterable[SubscriptionLevel]) -> date | None:
    first = min(levels, key=lambda level: (level.effective_on, not level.mrr.minor), default=None)
    return first.effective_on if first and first.mrr.minor else None


def _contradictions(ledger: ClientLedger, lines: Lines, day: date, catalogue: Catalogue) -> Iterator[Contradiction]:
    """Those of the partner's entries up to the day; of an agreement in force, `unpaid` says that it earns nothing."""
    sales = [sale for sale in ledger.sales if sale.sold_on <= day]
    agreements = [each for each in ledger.agreements if each.ends_on and each.ends_on < day]
    book = ClientBook(ledger.client, sales, list(ledger.levels), agreements)
    credits = [credit for credit in ledger.credits if credit.starts_on <= day]
    return contradictions_of(book, BookLines(sales_by_line(sales, catalogue), lines), credits)


def why_unpaid(agreements: Iterable[Agreement], levels: Sequence[SubscriptionLevel], day: date) -> str | None:
    """Why an agreement in force earns no managed points (how-tiers-work#managed-points); None without an agreement."""
    if not in_force(agreements, day):
        return None
    return no_mrr(any(level.effective_on <= day for level in levels))


def no_mrr(levels_known: bool) -> str:
    """The reason in words; `levels_known` is whether the client has any subscription level by the day."""
    return "its subscriptions are cancelled" if levels_known else "no subscription data is on file"


def total_mrr(amounts: Iterable[Money]) -> Money | Unknown:
    """The sum of the amounts; Unknown if there are none or they are in several currencies."""
    listed = list(amounts)
    currencies = {each.currency for each in listed}
    if not listed:
        return Unknown("no subscription data is on file")
    if len(currencies) > 1:
        return Unknown(f"in several currencies: {', '.join(sorted(currencies))}")
    return Money(sum(each.minor for each in listed), listed[0].currency)


def _visible_lines(ledger: ClientLedger, lines: Lines, catalogue: Catalogue) -> Lines:
    """The levels of the lines that the partner sold, or of all lines if it manages or has managed the client."""
    sold = {key_of(sale, catalogue) for sale in ledger.sales}
    return {key: levels for key, levels in lines.items() if ledger.agreements or key in sold}


def _sum(credits: Iterable[Credit]) -> int:
    return sum(credit.micropoints or 0 for credit in credits)


def _lines(active: Sequence[Credit], levels: Lines, day: date) -> Iterator[LineSum]:
    credits: dict[LineKey, list[Credit]] = defaultdict(list)
    for credit in active:
        credits[LineKey(credit.product_line, credit.account or "")].append(credit)
    known = {key for key, line in levels.items() if level_on(line, day)}
    for key in sorted(credits.keys() | known):
        yield _line(key, credits.get(key, []), levels.get(key, ()), day)


def _line(key: LineKey, credits: Sequence[Credit], levels: Sequence[HeldLevel], day: date) -> LineSum:
    now, before = level_on(levels, day), level_on(levels, day - relativedelta(months=12))
    sold = [credit for credit in credits if credit.source is not Source.MANAGED]
    last = max(sold, key=lambda credit: (credit.starts_on, credit.entry_id), default=None)
    return LineSum(
        product_line=key.hub,
        sold=_sum(sold),
        managed=_sum(credits) - _sum(sold),
        mrr=now.mrr if now else None,
        mrr_before=before.mrr if before else None,
        edition=now.edition if now else last.edition if last else None,
        account=key.account or None,
    )
